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
pub use sequence::SequenceIndicator;

use super::Activity;
use super::document::Node;
use crate::text::one_line;
use serde::{Deserialize, Serialize};

/// How many of the other calls stand in a line of words.
const CALLS_IN_WORDS: usize = 6;
/// Longest name of a custom detection rule, in characters.
const RULE: usize = 120;

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
    #[serde(skip_serializing_if = "is_zero")]
    pub other_calls_left_out: usize,
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

    /// What it says, a line for each part, what tells an analyst most first. Still to be escaped for the channel.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        lines.extend(self.remote_account.as_ref().map(RemoteAccount::describe));
        lines.extend(self.kubernetes_caller.as_ref().map(KubernetesCaller::describe));
        lines.extend(self.detection_rule.as_ref().map(|rule| format!("custom detection rule {rule}")));
        lines.extend(self.processes.iter().flat_map(Process::in_words));
        lines.extend(self.containers.iter().map(Container::describe));
        lines.extend(self.workload.as_ref().map(|workload| format!("workload {workload}")));
        lines.extend(self.other_calls_in_words());
        lines.extend(self.sequence_indicators.iter().map(SequenceIndicator::describe));
        lines.extend(self.processes.iter().flat_map(Process::further_words));
        lines
    }

    fn other_calls_in_words(&self) -> Option<String> {
        let shown: Vec<String> = self.other_calls.iter().take(CALLS_IN_WORDS).map(Activity::describe).collect();
        let more = self.other_calls.len().saturating_sub(CALLS_IN_WORDS).saturating_add(self.other_calls_left_out);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        (!shown.is_empty()).then(|| format!("other API calls: {}{more}", shown.join("; ")))
    }
}

/// Reads what is there. Nothing in it can make a document anything but a finding.
pub(super) fn details(detail: Node<'_>) -> Details {
    let (other_calls, other_calls_left_out) = calls::other_calls(detail);
    Details {
        processes: process::processes(detail),
        containers: process::containers(detail.get("resource")),
        workload: process::workload(detail.get("resource")),
        remote_account: caller::remote_account(detail.get("service")),
        kubernetes_caller: caller::kubernetes_caller(detail.get("resource")),
        other_calls,
        other_calls_left_out,
        detection_rule: detail.get("customDetectionRuleName").text().map(|name| one_line(name, RULE)),
        sequence_indicators: sequence::indicators(detail.at("service.detection.sequence")),
    }
}

#[cfg(test)]
mod tests;
