//! The ledger: what was sent against what came of it. Every finding has one end, every case too, no alert was heard
//! twice but where nobody could know that the first was, and the behavior graph is as it should be.

mod alerts;
mod cases;
mod ends;
mod graph;
#[cfg(test)]
#[allow(unused_imports, dead_code, reason = "they are tests of `chaos_parts` alone")]
mod tests;

pub(crate) use alerts::{Because, Repeat};
pub(crate) use graph::{GraphBooks, GraphNotice};

use crate::traffic::{Nonsense, Report};
use crate::witness::Step;
use local_cloud::{CaseItem, FindingItem};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that is known after a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Books {
    pub(crate) reports: Vec<Report>,
    pub(crate) nonsense: Vec<Nonsense>,
    pub(crate) cases: Vec<CaseItem>,
    pub(crate) findings: Vec<FindingItem>,
    /// What a subscriber's queue received, in order.
    pub(crate) messages: Vec<Message>,
    /// What is left in the dead-letter queue.
    pub(crate) dead: Vec<Dead>,
    /// By quiet case and finding, how often it was seen when the case was assessed for the last time; only of cases whose
    /// results could be kept.
    pub(crate) assessed: BTreeMap<String, BTreeMap<String, u64>>,
    /// The ids of findings that open-case says it left alone.
    pub(crate) left_alone: BTreeSet<String>,
    /// What became of each publish and of its note in the table.
    pub(crate) steps: Vec<Step>,
    /// How many investigations were started, by entity.
    pub(crate) investigations: BTreeMap<String, usize>,
    /// What Gumshoe should have done by itself, and did not: cases taken up again, alerts relayed.
    pub(crate) abandoned: Vec<String>,
    /// The status of each execution, by name.
    pub(crate) executions: BTreeMap<String, String>,
    /// The behavior graph, and the memberships of the stack's account.
    pub(crate) graph: GraphBooks,
}

/// An alert as a machine received it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message {
    pub(crate) case_id: String,
    pub(crate) revision: u32,
    pub(crate) repeated: bool,
    /// How many findings the case holds.
    pub(crate) finding_count: usize,
    /// Those that are listed: their ids, and how often each was seen.
    pub(crate) findings: Vec<(String, u64)>,
}

/// A message in the dead-letter queue.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dead {
    pub(crate) body: String,
    pub(crate) error: Option<String>,
}

/// What a finding, or something that is none, came to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    /// It is in an alert, or its case was alerted after it joined.
    Alerted { case_id: String, revision: u32 },
    /// Its case was closed quietly.
    ClosedQuietly { case_id: String },
    /// It was counted as a repeat of what was alerted.
    Suppressed,
    /// The admission rules left it alone.
    LeftAlone,
    /// It is in the dead-letter queue.
    DeadLettered { error: String },
}

impl End {
    /// Its kind, for the table of ends.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Alerted { .. } => "alerted",
            Self::ClosedQuietly { .. } => "closed quietly",
            Self::Suppressed => "suppressed",
            Self::LeftAlone => "left alone",
            Self::DeadLettered { .. } => "dead-lettered",
        }
    }
}

/// What the ledger comes to.
#[derive(Debug, Default)]
pub(crate) struct Balance {
    /// What was sent, named, with its end.
    pub(crate) ends: Vec<(String, End)>,
    /// Alerts that were heard again, with the reason.
    pub(crate) repeats: Vec<Repeat>,
    /// Revisions that were claimed and never published, as a later one told more.
    pub(crate) skipped: usize,
    /// What must not be; empty when the ledger balances.
    pub(crate) wrong: Vec<String>,
}

/// Balances the ledger.
pub(crate) fn balance(books: &Books) -> Balance {
    let mut balance = Balance { wrong: books.abandoned.clone(), ..Balance::default() };
    ends::settle(books, &mut balance);
    cases::check(books, &mut balance);
    alerts::check(books, &mut balance);
    graph::check(books, &mut balance);
    let (sent, ended) = (books.reports.len() + books.nonsense.len(), balance.ends.len());
    if balance.wrong.is_empty() && sent != ended {
        balance.wrong.push(format!("{sent} were sent, and {ended} have an end"));
    }
    balance
}

impl Books {
    fn case(&self, subject: &str, sequence: u32) -> Option<&CaseItem> {
        self.cases.iter().find(|case| case.subject == subject && case.sequence == sequence)
    }

    fn messages_of<'a>(&'a self, case_id: &'a str) -> impl Iterator<Item = &'a Message> {
        self.messages.iter().filter(move |message| message.case_id == case_id)
    }
}
