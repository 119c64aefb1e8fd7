//! The state of cases and findings that decisions use.

use super::previous_notification::PreviousNotification;
use crate::assessment::AssessmentSummary;
use crate::finding::{Finding, FindingState};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Identifies one of a subject's cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CaseNumber {
    /// Counts the subject's cases, from 1. It starts again at 1 when all have expired.
    pub sequence: u32,
    /// When the case was opened, by the clock of that invocation. It distinguishes the case from an expired one with the same sequence.
    pub opened_at: Timestamp,
}

/// The status of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CaseStatus {
    /// Findings about the subject join the case.
    Open,
    /// The case accepts no more findings: the subject's next finding opens the next case. So it ends even if findings arrive without end.
    Sealed,
    /// The case is quiet, and waits for its follow-up investigation without an execution. A finding that joins reopens it.
    Watching,
    /// The case has ended permanently.
    Closed,
}

impl CaseStatus {
    /// Whether the case has an execution, or needs one.
    #[must_use]
    pub fn is_active(self) -> bool {
        matches!(self, Self::Open | Self::Sealed)
    }
}

/// The state of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CaseProgress {
    /// Identifies the case.
    pub number: CaseNumber,
    /// The case's status.
    pub status: CaseStatus,
    /// How often a finding joined or rose to a higher band.
    pub joined_count: u64,
    /// How often a finding of the case was updated in its band. An update alone causes no alert, but the case cannot end quietly until
    /// it is assessed again.
    pub renewed_count: u64,
    /// The number of the case's last execution, from 1. It is part of the execution's name.
    pub execution_attempt: u32,
    /// The number of the first execution since the case was opened or reopened, or since its follow-up began. Earlier ones ended
    /// successfully.
    pub first_attempt_of_run: u32,
    /// The number of assessments that were written.
    pub assessment_count: u32,
    /// The last assessment.
    pub last_assessment: Option<AssessmentSummary>,
    /// The last revision that send-alert claimed.
    pub claimed_revision: u32,
    /// When the claim on that revision expires; `None` without a claim.
    pub publishing_until: Option<Timestamp>,
    /// The last revision that was recorded as published.
    pub published_revision: u32,
    /// When the last revision was published.
    pub alerted_at: Option<Timestamp>,
    /// When the case was closed.
    pub closed_at: Option<Timestamp>,
    /// Until when the case is watched. Kept until the follow-up's execution exists, because the index of due cases is sorted by it.
    pub watch_until: Option<Timestamp>,
    /// When the case's follow-up began.
    pub follow_up_at: Option<Timestamp>,
    /// The last notification about the activity that opened the case, if that activity is investigated again.
    pub previous_notification: Option<PreviousNotification>,
}

impl CaseProgress {
    /// A new case with its first finding.
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

/// The state of a finding's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FindingProgress {
    /// The finding's latest state.
    pub state: FindingState,
    /// The finding's case.
    pub case: CaseNumber,
    /// The number of the finding's updates that were suppressed.
    pub suppressed_count: u64,
    /// Counts the writes of the finding's record, for optimistic locking.
    pub version: u64,
}

/// A finding's record in the table.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingRecord {
    /// The finding's latest state.
    pub finding: Finding,
    /// The finding's case.
    pub case: CaseNumber,
    /// The number of the finding's updates that were suppressed.
    pub suppressed_count: u64,
    /// Counts the writes of this record, for optimistic locking.
    pub version: u64,
}

impl FindingRecord {
    /// The record of a finding in this state.
    #[must_use]
    pub fn new(finding: &Finding, progress: FindingProgress) -> Self {
        let FindingProgress { state, case, suppressed_count: suppressed, version } = progress;
        let finding = Finding { severity: state.severity, ..finding.clone() };
        Self { finding, case, suppressed_count: suppressed, version }
    }

    /// The state of the record.
    #[must_use]
    pub fn progress(&self) -> FindingProgress {
        let Self { finding, case, suppressed_count: suppressed, version } = self;
        FindingProgress { state: finding.state(), case: *case, suppressed_count: *suppressed, version: *version }
    }
}
