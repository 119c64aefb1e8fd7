//! Details of a finding beyond its activity: processes, the account that used the credentials, the IAM principal of a mapped
//! Kubernetes user, further API calls, the detection rule, and the indicators of an attack sequence.
//!
//! For display only. Attackers choose most of these texts, so no decision depends on them.

mod caller;
mod calls;
mod process;
mod sequence;

pub use caller::{KubernetesCaller, RemoteAccount};
pub use process::{Container, Process, ProcessName};
pub use sequence::{SEQUENCE_INDICATORS, SequenceIndicator};

use super::Activity;
use super::json_node::JsonNode;
use crate::text::one_line;
use serde::{Deserialize, Serialize};

/// Maximum length of the name of a custom detection rule.
const MAX_RULE_CHARS: usize = 120;

/// Details of a finding in addition to its activity; every member may be missing. Texts are on one line and shortened, but not
/// escaped. Each list has a maximum length, so that a record has a few KB.
///
/// Source: GuardDuty API Reference, Finding and Service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// The process that Runtime Monitoring saw, or the processes among the actors of an attack sequence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub processes: Vec<Process>,
    /// The containers that the finding names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<Container>,
    /// The Kubernetes workload, such as `pods pay/ledger-7c9`: type, namespace and name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workload: Option<String>,
    /// The account from which the call came, if it is not the finding's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_account: Option<RemoteAccount>,
    /// The caller of the Kubernetes API, as EKS authenticated it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubernetes_caller: Option<KubernetesCaller>,
    /// API calls of the finding in addition to the one in its action (`service.additionalInfo`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_calls: Vec<Activity>,
    /// The number of further calls that are not in `other_calls`.
    #[serde(rename = "other_calls_left_out", skip_serializing_if = "is_zero")]
    pub omitted_other_calls: usize,
    /// The custom detection rule that raised the finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detection_rule: Option<String>,
    /// GuardDuty's indicators of an attack sequence, the most important kinds first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sequence_indicators: Vec<SequenceIndicator>,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Details {
    /// Whether the finding contains no details.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Reads the details. Malformed members are skipped, never an error.
pub(super) fn details(detail: JsonNode<'_>) -> Details {
    let (other_calls, omitted_other_calls) = calls::other_calls(detail);
    Details {
        processes: process::processes(detail),
        containers: process::containers(detail.get("resource")),
        workload: process::workload(detail.get("resource")),
        remote_account: caller::remote_account(detail.get("service")),
        kubernetes_caller: caller::kubernetes_caller(detail.get("resource")),
        other_calls,
        omitted_other_calls,
        detection_rule: detail.get("customDetectionRuleName").text().map(|name| one_line(name, MAX_RULE_CHARS)),
        sequence_indicators: sequence::indicators(detail.at("service.detection.sequence")),
    }
}

#[cfg(test)]
mod tests;
