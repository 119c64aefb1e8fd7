//! How far a case and a finding have come: all that decisions are made of, and nothing else.

use super::notified::PreviousNotification;
use crate::assessment::AssessmentSummary;
use crate::finding::{Finding, FindingState};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Which of its subject's cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CaseNumber {
    /// Counts the subject's cases, from 1; anew when the table has forgotten them all.
    pub sequence: u32,
    /// When it was opened, by the clock of whoever opened it: tells it from one of the same number that was forgotten.
    pub opened_at: Timestamp,
}

/// Whether findings may still join a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CaseStatus {
    /// Findings about the subject join it.
    Open,
    /// It is being brought to its end and takes no more findings: the subject's next one opens the next case. This is
    /// how a case ends although findings never stop coming.
    Sealed,
    /// Nothing of note was found, and it is looked at again later. No execution works it until then; a finding that joins
    /// opens it again.
    Watching,
    /// It has ended.
    Closed,
}

impl CaseStatus {
    /// Whether an execution works the case, or has to.
    #[must_use]
    pub fn is_active(self) -> bool {
        matches!(self, Self::Open | Self::Sealed)
    }
}

/// How far a case has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CaseProgress {
    /// Which case.
    pub number: CaseNumber,
    /// Whether findings may still join.
    pub status: CaseStatus,
    /// How often something joined: a finding, or a finding's climb into a higher band.
    pub joined_count: u64,
    /// How often a finding of it came again, newer but no worse: nothing to alert of by itself, but nothing that a quiet
    /// end may overlook.
    pub renewed_count: u64,
    /// Counts its executions, from 1: each has a name of its own.
    pub execution_attempt: u32,
    /// The first of them since it was opened, or opened again after it was watched: those before it have ended as they should.
    pub first_attempt_of_run: u32,
    /// How many assessments were written.
    pub assessment_count: u32,
    /// The last of them.
    pub last_assessment: Option<AssessmentSummary>,
    /// The last revision that send-alert set out to publish.
    pub claimed_revision: u32,
    /// Until when whoever claimed it may be publishing it; nothing once that is over.
    pub publishing_until: Option<Timestamp>,
    /// The last revision that is known to be published.
    pub published_revision: u32,
    /// When that was.
    pub alerted_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Until when it is watched. It stays when the second look begins, until its execution is there: by it the case is listed.
    pub watch_until: Option<Timestamp>,
    /// When its second look began.
    pub follow_up_at: Option<Timestamp>,
    /// What people were last notified of about the activity that opened it, where that is investigated again.
    pub previous_notification: Option<PreviousNotification>,
}

impl CaseProgress {
    /// A case that has just been opened by its first finding.
    #[must_use]
    pub fn opened(number: CaseNumber) -> Self {
        Self {
            number,
            status: CaseStatus::Open,
            joined_count: 1,
            renewed_count: 0,
            execution_attempt: 1,
            first_attempt_of_run: 1,
            assessment_count: 0,
            last_assessment: None,
            claimed_revision: 0,
            publishing_until: None,
            published_revision: 0,
            alerted_at: None,
            closed_at: None,
            watch_until: None,
            follow_up_at: None,
            previous_notification: None,
        }
    }

    /// The highest revision that a message may have carried.
    #[must_use]
    pub fn last_revision(&self) -> u32 {
        self.claimed_revision.max(self.published_revision)
    }
}

/// How far a finding has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FindingProgress {
    /// Its latest state.
    pub state: FindingState,
    /// The subject's case that it is part of.
    pub case: CaseNumber,
    /// How many of its re-publications were suppressed.
    pub suppressed_count: u64,
    /// Counts the writes of its record, for optimistic locking.
    pub version: u64,
}

/// A finding as the table holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingRecord {
    /// Its latest state.
    pub finding: Finding,
    /// The subject's case that it is part of.
    pub case: CaseNumber,
    /// How many of its re-publications were suppressed.
    pub suppressed_count: u64,
    /// Counts the writes of this record, for optimistic locking.
    pub version: u64,
}

impl FindingRecord {
    /// The record of a finding that has come so far.
    #[must_use]
    pub fn new(finding: &Finding, progress: FindingProgress) -> Self {
        let FindingProgress { state, case, suppressed_count: suppressed, version } = progress;
        let finding = Finding { severity: state.severity, ..finding.clone() };
        Self { finding, case, suppressed_count: suppressed, version }
    }

    /// How far it has come.
    #[must_use]
    pub fn progress(&self) -> FindingProgress {
        let Self { finding, case, suppressed_count: suppressed, version } = self;
        FindingProgress { state: finding.state(), case: *case, suppressed_count: *suppressed, version: *version }
    }
}
