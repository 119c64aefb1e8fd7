//! Conditional writes: what the table is asked to do, as data.
//!
//! The table's adapter turns each condition and change into an expression of DynamoDB's. [`CaseWrite::holds`] and
//! [`CaseWrite::apply`] say what that expression means; the adapter's tests hold both together, and the model of the
//! protocol runs on them.

use super::progress::{CaseProgress, CaseStatus, FindingProgress};
use crate::assessment::AssessmentSummary;
use jiff::Timestamp;

/// What must hold of a case, in the moment of the write. That it is this very case, and no later one under the same
/// sequence, must hold always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Condition {
    /// Findings may join it, and its execution works it.
    IsOpen,
    /// An execution works it, or has to: it is neither watched nor closed.
    IsActive,
    /// It is watched.
    IsWatching,
    /// Its second look has not begun.
    FollowUpNotBegun,
    /// It is, or was last, watched until this moment, and is still listed for that.
    WatchUntil(Timestamp),
    /// Exactly so much has joined.
    Joined(u64),
    /// Findings have come again exactly so often.
    Renewed(u64),
    /// Exactly so many assessments were written.
    Assessments(u32),
    /// The last revision claimed is below this one.
    ClaimedBelow(u32),
    /// The last revision claimed is this one.
    Claimed(u32),
    /// Whoever claimed the revision publishes until this moment, or nobody does.
    PublishingUntil(Option<Timestamp>),
    /// The last revision published is below this one.
    PublishedBelow(u32),
    /// This revision, or a later one, is published.
    Published(u32),
    /// Its execution is of this attempt.
    Attempt(u32),
}

/// What becomes of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// Something joins.
    Join,
    /// A finding of it comes again.
    Renew,
    /// It takes no more findings.
    Seal,
    /// It is assessed.
    Assess(AssessmentSummary),
    /// A revision is claimed.
    Claim(u32),
    /// Whoever has claimed the revision publishes until that moment; nothing: it is over.
    SetPublishingUntil(Option<Timestamp>),
    /// A revision is published.
    Publish(u32, Timestamp),
    /// It ends.
    Close(Timestamp),
    /// Its execution's next attempt is this one.
    SetAttempt(u32),
    /// It is watched until that moment, and listed for that.
    Watch(Timestamp),
    /// It takes findings again, and is no longer listed.
    Reopen,
    /// Its second look begins: it takes no more findings. It stays listed until its execution is there.
    BeginFollowUp(Timestamp),
    /// It is no longer listed.
    RemoveFromDueList,
    /// Its next execution is this one, which follows no dead one.
    StartNewRun(u32),
}

/// One conditional write to a case: all changes, or none where a condition does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CaseWrite {
    /// All of them must hold.
    pub conditions: Vec<Condition>,
    /// All of them are made.
    pub changes: Vec<Change>,
}

impl CaseWrite {
    /// A write.
    #[must_use]
    pub fn new(conditions: impl Into<Vec<Condition>>, changes: impl Into<Vec<Change>>) -> Self {
        Self { conditions: conditions.into(), changes: changes.into() }
    }

    /// The assessment that it records, if it does.
    #[must_use]
    pub fn assessment(&self) -> Option<AssessmentSummary> {
        self.changes.iter().find_map(|change| match change {
            Change::Assess(assessed) => Some(*assessed),
            _ => None,
        })
    }

    /// Whether it goes through.
    #[must_use]
    pub fn is_satisfied_by(&self, case: &CaseProgress) -> bool {
        self.conditions.iter().all(|condition| condition.is_satisfied_by(case))
    }

    /// Makes the changes.
    pub fn apply(&self, case: &mut CaseProgress) {
        for change in &self.changes {
            change.apply(case);
        }
    }
}

impl Condition {
    /// Whether it holds.
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
    /// Makes it.
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

/// What becomes of the case when a finding is taken in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CaseChange {
    /// There is no case of that sequence: it is opened.
    Open(CaseProgress),
    /// A conditional write to the subject's case of that sequence.
    Update(super::CaseNumber, CaseWrite),
    /// Nothing.
    Unchanged,
}

/// A finding is taken in: the case and the finding's record, both or neither.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IntakeWrite {
    /// What becomes of the case.
    pub case: CaseChange,
    /// How far the finding has come then.
    pub finding: FindingProgress,
    /// The version that its record must have; nothing: there must be none.
    pub expected_version: Option<u64>,
}
