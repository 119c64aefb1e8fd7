//! Conditional writes to the table, as data.
//!
//! The table's adapter turns each condition and change into a DynamoDB expression. [`CaseWrite::is_satisfied_by`] and
//! [`CaseWrite::apply`] define what that expression means; the adapter's tests compare both, and the model of the protocol uses them.

use super::progress::{CaseProgress, CaseStatus, FindingProgress};
use crate::assessment::AssessmentSummary;
use jiff::Timestamp;

/// A condition on a case at the time of the write. Every write has the condition that it is the same case, not a later one with the
/// same sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Condition {
    /// The case is open: findings may join it.
    IsOpen,
    /// The case is open or sealed.
    IsActive,
    /// The case is watched.
    IsWatching,
    /// The case's follow-up has not begun.
    FollowUpNotBegun,
    /// The case is in the index of due cases with this time.
    WatchUntil(Timestamp),
    /// The number of joins.
    Joined(u64),
    /// The number of renewals.
    Renewed(u64),
    /// The number of assessments.
    Assessments(u32),
    /// The last revision claimed is below this one.
    ClaimedBelow(u32),
    /// The last revision claimed is this one.
    Claimed(u32),
    /// The claim expires at this time, or there is no claim.
    PublishingUntil(Option<Timestamp>),
    /// The last revision published is below this one.
    PublishedBelow(u32),
    /// This revision, or a later one, is published.
    Published(u32),
    /// The attempt of the case's last execution.
    Attempt(u32),
}

/// A change of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// A finding joins, or rises to a higher band.
    Join,
    /// A finding of the case is updated in its band.
    Renew,
    /// The case accepts no more findings.
    Seal,
    /// The case is assessed.
    Assess(AssessmentSummary),
    /// A revision is claimed.
    Claim(u32),
    /// The claim expires at this time; `None`: it is released.
    SetPublishingUntil(Option<Timestamp>),
    /// A revision is published.
    Publish(u32, Timestamp),
    /// The case is closed at this time.
    Close(Timestamp),
    /// A failed execution is counted: this is the next attempt.
    SetAttempt(u32),
    /// The case is watched until this time, and added to the index of due cases.
    Watch(Timestamp),
    /// The case accepts findings again, and is removed from the index.
    Reopen,
    /// The case's follow-up begins: the case accepts no more findings. It stays in the index until its execution exists.
    BeginFollowUp(Timestamp),
    /// The case is removed from the index of due cases.
    RemoveFromDueList,
    /// A new run begins with this attempt; the previous execution did not fail.
    StartNewRun(u32),
}

/// A conditional write to a case: all changes, or none if a condition is not satisfied.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CaseWrite {
    /// All must be satisfied.
    pub conditions: Vec<Condition>,
    /// All are applied.
    pub changes: Vec<Change>,
}

impl CaseWrite {
    /// A write with these conditions and changes.
    #[must_use]
    pub fn new(conditions: impl Into<Vec<Condition>>, changes: impl Into<Vec<Change>>) -> Self {
        Self { conditions: conditions.into(), changes: changes.into() }
    }

    /// The assessment that it stores, if any.
    #[must_use]
    pub fn assessment(&self) -> Option<AssessmentSummary> {
        self.changes.iter().find_map(|change| match change {
            Change::Assess(assessed) => Some(*assessed),
            _ => None,
        })
    }

    /// Whether the case satisfies all conditions.
    #[must_use]
    pub fn is_satisfied_by(&self, case: &CaseProgress) -> bool {
        self.conditions.iter().all(|condition| condition.is_satisfied_by(case))
    }

    /// Applies the changes.
    pub fn apply(&self, case: &mut CaseProgress) {
        for change in &self.changes {
            change.apply(case);
        }
    }
}

impl Condition {
    /// Whether the case satisfies the condition.
    #[must_use]
    pub fn is_satisfied_by(self, case: &CaseProgress) -> bool {
        match self {
            Self::IsOpen => case.status == CaseStatus::Open,
            Self::IsActive => case.status.is_active(),
            Self::IsWatching => case.status == CaseStatus::Watching,
            Self::FollowUpNotBegun => case.follow_up_at.is_none(),
            Self::WatchUntil(moment) => case.watch_until == Some(moment),
            Self::Joined(joined) => case.joined_count == joined,
            Self::Renewed(renewed) => case.renewed_count == renewed,
            Self::Assessments(assessments) => case.assessment_count == assessments,
            Self::ClaimedBelow(revision) => case.claimed_revision < revision,
            Self::Claimed(revision) => case.claimed_revision == revision,
            Self::PublishingUntil(moment) => case.publishing_until == moment,
            Self::PublishedBelow(revision) => case.published_revision < revision,
            Self::Published(revision) => case.published_revision >= revision,
            Self::Attempt(attempt) => case.execution_attempt == attempt,
        }
    }
}

impl Change {
    /// Applies the change.
    pub fn apply(self, case: &mut CaseProgress) {
        match self {
            Self::Join => case.joined_count += 1,
            Self::Renew => case.renewed_count += 1,
            Self::Seal => case.status = CaseStatus::Sealed,
            Self::Assess(assessed) => {
                case.assessment_count += 1;
                case.last_assessment = Some(assessed);
            }
            Self::Claim(revision) => case.claimed_revision = revision,
            Self::SetPublishingUntil(moment) => case.publishing_until = moment,
            Self::Publish(revision, now) => {
                case.published_revision = revision;
                case.alerted_at = Some(now);
            }
            Self::Close(now) => {
                case.status = CaseStatus::Closed;
                case.closed_at = Some(now);
                case.watch_until = None;
            }
            Self::SetAttempt(attempt) => case.execution_attempt = attempt,
            Self::Watch(until) => {
                case.status = CaseStatus::Watching;
                case.watch_until = Some(until);
            }
            Self::Reopen => {
                case.status = CaseStatus::Open;
                case.watch_until = None;
            }
            Self::BeginFollowUp(now) => {
                case.status = CaseStatus::Sealed;
                case.follow_up_at = Some(now);
            }
            Self::RemoveFromDueList => case.watch_until = None,
            Self::StartNewRun(attempt) => {
                case.execution_attempt = attempt;
                case.first_attempt_of_run = attempt;
            }
        }
    }
}

/// The change of a case by a finding.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CaseChange {
    /// The case is opened. Condition: the subject has no case with this sequence.
    Open(CaseProgress),
    /// A conditional write to the subject's case with this number.
    Update(super::CaseNumber, CaseWrite),
    /// The case does not change.
    Unchanged,
}

/// The write of an intake: the case and the finding's record, both or neither.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IntakeWrite {
    /// The change of the case.
    pub case: CaseChange,
    /// The finding's new record.
    pub finding: FindingProgress,
    /// The version that the finding's record must have; `None`: the record must not exist.
    pub expected_version: Option<u64>,
}
