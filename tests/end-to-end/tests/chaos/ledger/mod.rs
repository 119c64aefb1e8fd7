//! The ledger: compares what was sent with its outcomes. Each finding and each case has exactly one outcome, no alert was delivered
//! twice unless the first publish was not acknowledged or not recorded, and the behavior graph matches its document.

mod alerts;
mod cases;
mod graph;
mod outcomes;
#[cfg(test)]
#[allow(unused_imports, dead_code, reason = "they are tests of `chaos_parts` alone")]
mod tests;

pub(crate) use alerts::{RepeatReason, RepeatedAlert};
pub(crate) use graph::{GraphNotice, GraphRecord};

use crate::injector::RevisionEvent;
use crate::traffic::{FindingState, InvalidMessage};
use local_cloud::{CaseItem, FindingItem};
use std::collections::{BTreeMap, BTreeSet};

/// All data that is collected after a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct RunRecord {
    pub(crate) finding_states: Vec<FindingState>,
    pub(crate) invalid_messages: Vec<InvalidMessage>,
    pub(crate) cases: Vec<CaseItem>,
    pub(crate) findings: Vec<FindingItem>,
    /// The alerts that a subscriber's queue received, in order.
    pub(crate) messages: Vec<AlertMessage>,
    /// The messages that remain in the dead-letter queue.
    pub(crate) dead: Vec<DeadLetter>,
    /// By quiet case and finding: the finding's count at the last assessment. Only cases whose results could be stored.
    pub(crate) assessed: BTreeMap<String, BTreeMap<String, u64>>,
    /// The IDs of findings that open-case logged as ignored.
    pub(crate) ignored: BTreeSet<String>,
    /// The publishes and their table records, with their results, in order.
    pub(crate) publish_log: Vec<RevisionEvent>,
    /// The number of started investigations by entity.
    pub(crate) investigations: BTreeMap<String, usize>,
    /// Violations that were found during the run: executions not restarted, alerts not relayed, messages wrongly rejected.
    pub(crate) not_recovered: Vec<String>,
    /// The status of each execution, by name.
    pub(crate) executions: BTreeMap<String, String>,
    /// The behavior graph and the memberships of the stack's account.
    pub(crate) graph: GraphRecord,
}

/// An alert in a JSON message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AlertMessage {
    pub(crate) case_id: String,
    pub(crate) revision: u32,
    pub(crate) repeated: bool,
    /// The number of findings in the case.
    pub(crate) finding_count: usize,
    /// The listed findings: ID and count.
    pub(crate) findings: Vec<(String, u64)>,
}

/// A message in the dead-letter queue.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeadLetter {
    pub(crate) body: String,
    pub(crate) error: Option<String>,
}

/// The outcome of a version of a finding, or of an invalid message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FindingOutcome {
    /// An alert lists it, or its case was alerted after it joined.
    Alerted { case_id: String, revision: u32 },
    /// Its case was closed without an alert.
    ClosedQuietly { case_id: String },
    /// It was counted as a repeat of an alerted finding.
    Suppressed,
    /// The admission rules ignored it.
    Ignored,
    /// It is in the dead-letter queue.
    DeadLettered { error: String },
}

impl FindingOutcome {
    /// The outcome's name in the report.
    pub(crate) fn label(&self) -> &'static str {
        match self {
            Self::Alerted { .. } => "alerted",
            Self::ClosedQuietly { .. } => "closed quietly",
            Self::Suppressed => "suppressed",
            Self::Ignored => "ignored",
            Self::DeadLettered { .. } => "dead-lettered",
        }
    }
}

/// The result of the ledger's checks.
#[derive(Debug, Default)]
pub(crate) struct Reconciliation {
    /// The outcome of each sent message.
    pub(crate) outcomes: Vec<(String, FindingOutcome)>,
    /// Permitted repeats of alerts, with the reason.
    pub(crate) repeats: Vec<RepeatedAlert>,
    /// Claimed revisions that were never published, because a later one contains more.
    pub(crate) skipped: usize,
    /// Violated invariants; empty if the run was correct.
    pub(crate) violations: Vec<String>,
}

/// Checks the record of a run.
pub(crate) fn reconcile(record: &RunRecord) -> Reconciliation {
    let mut result = Reconciliation { violations: record.not_recovered.clone(), ..Reconciliation::default() };
    outcomes::check(record, &mut result);
    cases::check(record, &mut result);
    alerts::check(record, &mut result);
    graph::check(record, &mut result);
    let (sent, ended) = (record.finding_states.len() + record.invalid_messages.len(), result.outcomes.len());
    if result.violations.is_empty() && sent != ended {
        result.violations.push(format!("{sent} messages were sent, {ended} have an outcome"));
    }
    result
}

impl RunRecord {
    fn case(&self, subject: &str, sequence: u32) -> Option<&CaseItem> {
        self.cases.iter().find(|case| case.subject == subject && case.sequence == sequence)
    }

    fn messages_of<'a>(&'a self, case_id: &'a str) -> impl Iterator<Item = &'a AlertMessage> {
        self.messages.iter().filter(move |message| message.case_id == case_id)
    }
}
