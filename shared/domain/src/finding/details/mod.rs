//! What a finding says beyond what was done and from where: the process, whose account used the credentials, who is behind a
//! mapped Kubernetes user, the other calls, the rule that matched, and what an attack sequence was recognized by.
//!
//! All of it is for people to read. Attackers choose most of these texts, so no decision rests on them.

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

/// Longest name of a custom detection rule, in characters.
const MAX_RULE_CHARS: usize = 120;

/// What a finding says beside its activity; every part may be missing. Texts are on one line and shortened, and still to be
/// escaped for the channel. Each list has an upper bound, so that a record stays at a few KB.
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
    /// The account that the call came from, where it is another than the finding's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_account: Option<RemoteAccount>,
    /// Who called the Kubernetes API, as EKS authenticated the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubernetes_caller: Option<KubernetesCaller>,
    /// API calls of the same finding, beside the one in its action (`service.additionalInfo`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_calls: Vec<Activity>,
    /// How many more of them there are.
    #[serde(rename = "other_calls_left_out", skip_serializing_if = "is_zero")]
    pub omitted_other_calls: usize,
    /// The custom detection rule that raised the finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detection_rule: Option<String>,
    /// What GuardDuty recognized an attack sequence by, the most important kinds first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sequence_indicators: Vec<SequenceIndicator>,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Details {
    /// Whether the finding says nothing of the kind.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Reads what is there. Nothing in it can make a document anything but a finding.
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
