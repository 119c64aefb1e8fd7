//! assess-case: what a case comes to.
//!
//! ```text
//! (seal) ─ read the case ─ read its findings, weigh ─ write the assessment, or write it and end: watched, or closed
//!                                    └── a finding joins here: ending does not go through, assess again
//! ```
//!
//! The case is read first, its findings after: what joins in between is weighed, but not counted as seen, and so is
//! assessed again.

use crate::assessment::AssessmentSummary;
use crate::case::notified::{AlertOutcome, is_already_notified};
use crate::case::revision::{AssessmentAction, decide_after_assessment, effective_alert_cause, next_revision};
use crate::case::write::{CaseWrite, Change, Condition};
use crate::case::{CaseProgress, CaseStatus, FollowUpRule};
use crate::verdict::{AlertCause, VerdictLevel};
use jiff::Timestamp;
use serde::Serialize;

/// An assessment under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AssessFlow {
    now: Timestamp,
    follow_up: FollowUpRule,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum State {
    Seal,
    Read,
    Evaluate { case: CaseProgress },
    WriteAssessment(AssessmentSummary),
    End(AssessmentSummary),
    Done(AssessOutcome),
}

/// What findings and results came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EvaluationOutcome {
    /// People hear of it for this cause, or nobody needs to.
    Verdict {
        /// The cause.
        cause: Option<AlertCause>,
        /// Whether there is a result of an investigation.
        has_result: bool,
        /// The verdict's level.
        level: VerdictLevel,
        /// Whether there is no result because of a failure that may pass.
        is_transient: bool,
        /// When the findings last saw activity, where they tell.
        last_activity: Option<Timestamp>,
    },
    /// Nothing of note, but there is activity that the investigation has not seen.
    Outdated,
    /// The investigation is running: there is no result yet.
    InvestigationRunning,
    /// The second look has begun, and its investigation is not there yet. It has an execution of its own; this one is late.
    FollowUpPending,
    /// The investigation ended FAILED, and is to be started once more before people read that.
    InvestigationFailed,
}

/// How the state machine goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AssessOutcome {
    /// People are to hear of it.
    Alert,
    /// It is closed.
    Closed,
    /// It is watched, or its second look is another execution's: this one is done with it.
    Watching,
    /// A finding joined in between: assess again.
    Changed,
    /// Nothing of note, but findings joined whose activity the investigation has not seen, or the investigation is running:
    /// investigate again, or wait for the one that is running.
    Outdated,
    /// The investigation failed: start it once more.
    Failed,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AssessStep {
    /// Write to the case: [`Assessing::wrote`].
    Write(CaseWrite),
    /// Read the case: [`Assessing::read`].
    Read,
    /// Read the findings and weigh everything: [`Assessing::weighed`].
    Evaluate,
    /// It is done.
    Done(AssessOutcome),
}

impl AssessFlow {
    /// Begins; in the last round, the case takes no more findings from here on.
    #[must_use]
    pub fn begin(now: Timestamp, last_round: bool, second_look: FollowUpRule) -> Self {
        Self { now, follow_up: second_look, state: if last_round { State::Seal } else { State::Read } }
    }

    /// What to do next.
    #[must_use]
    pub fn step(&self) -> AssessStep {
        match self.state {
            State::Seal => AssessStep::Write(CaseWrite::new([Condition::IsActive], [Change::Seal])),
            State::Read => AssessStep::Read,
            State::Evaluate { .. } => AssessStep::Evaluate,
            State::WriteAssessment(assessed) => {
                AssessStep::Write(CaseWrite::new(not_yet_published(assessed), [Change::Assess(assessed)]))
            }
            State::End(assessed) => {
                let unchanged = [Condition::Joined(assessed.joined_count), Condition::Renewed(assessed.renewed_count)];
                let conditions = not_yet_published(assessed).into_iter().chain(unchanged);
                let (more, end) = end_write(assessed, self.now);
                let conditions: Vec<Condition> = conditions.chain(more).collect();
                AssessStep::Write(CaseWrite::new(conditions, [Change::Assess(assessed), end]))
            }
            State::Done(outcome) => AssessStep::Done(outcome),
        }
    }

    /// Goes on with the case.
    #[must_use]
    pub fn read(self, case: CaseProgress) -> Self {
        Self { state: State::Evaluate { case }, ..self }
    }

    /// Goes on with what it came to.
    #[must_use]
    pub fn evaluated(self, weighed: EvaluationOutcome) -> Self {
        let State::Evaluate { case } = self.state else { return self };
        let at = match weighed {
            // An earlier try of this step ended it: what is wanted now was not wanted then, and no round follows.
            EvaluationOutcome::Outdated
            | EvaluationOutcome::InvestigationRunning
            | EvaluationOutcome::InvestigationFailed
                if !case.status.is_active() =>
            {
                State::Done(final_outcome(&case))
            }
            EvaluationOutcome::FollowUpPending => State::Done(AssessOutcome::Watching),
            EvaluationOutcome::Outdated | EvaluationOutcome::InvestigationRunning => {
                State::Done(AssessOutcome::Outdated)
            }
            EvaluationOutcome::InvestigationFailed => State::Done(AssessOutcome::Failed),
            EvaluationOutcome::Verdict { cause, has_result, level, is_transient, last_activity } => {
                let outcome = cause.map(|cause| AlertOutcome { cause, level, is_transient });
                let already_notified = outcome.is_some_and(|it| is_already_notified(&case, it, self.now));
                let cause = effective_alert_cause(&case, cause.filter(|_| !already_notified));
                let is_quiet = matches!(cause, None | Some(AlertCause::Resolved)) && !already_notified;
                let watch_until = || self.follow_up.watch_until(&case, last_activity, self.now);
                let assessed = AssessmentSummary {
                    joined_count: case.joined_count,
                    renewed_count: case.renewed_count,
                    revision: next_revision(&case),
                    alert_cause: cause,
                    has_result,
                    level,
                    is_transient,
                    is_follow_up: case.follow_up_at.is_some(),
                    watch_until: if is_quiet { watch_until() } else { None },
                    is_already_notified: already_notified,
                };
                match decide_after_assessment(&case, assessed) {
                    AssessmentAction::AlreadyEnded => State::Done(final_outcome(&case)),
                    AssessmentAction::RepeatAlert => State::Done(AssessOutcome::Alert),
                    AssessmentAction::Alert => State::WriteAssessment(assessed),
                    AssessmentAction::EndQuietly => State::End(assessed),
                }
            }
        };
        Self { state: at, ..self }
    }

    /// The assessment that is about to be written; nothing where there is nothing new to write.
    #[must_use]
    pub fn assessed(&self) -> Option<AssessmentSummary> {
        match self.state {
            State::WriteAssessment(assessed) | State::End(assessed) => Some(assessed),
            _ => None,
        }
    }

    /// Goes on after a write that went through, or whose condition did not hold.
    #[must_use]
    pub fn wrote(self, went_through: bool) -> Self {
        let at = match self.state {
            State::Seal => State::Read, // or it has ended already, which reading it shows
            State::WriteAssessment(_) if went_through => State::Done(AssessOutcome::Alert),
            State::End(AssessmentSummary { watch_until: None, .. }) if went_through => {
                State::Done(AssessOutcome::Closed)
            }
            State::End(_) if went_through => State::Done(AssessOutcome::Watching),
            State::WriteAssessment(_) | State::End(_) => State::Done(AssessOutcome::Changed),
            other => other,
        };
        Self { state: at, ..self }
    }
}

/// How a case ends that nobody has to be notified of any more, and what that takes beside what was assessed: watched, unless
/// its second look has begun in between, or for good.
pub(super) fn end_write(assessed: AssessmentSummary, now: Timestamp) -> (Option<Condition>, Change) {
    match assessed.watch_until {
        Some(until) => (Some(Condition::FollowUpNotBegun), Change::Watch(until)),
        None => (None, Change::Close(now)),
    }
}

/// How a case has ended, for now or for good.
fn final_outcome(case: &CaseProgress) -> AssessOutcome {
    if case.status == CaseStatus::Watching { AssessOutcome::Watching } else { AssessOutcome::Closed }
}

/// The case has not ended, and no message can have carried the revision.
fn not_yet_published(assessed: AssessmentSummary) -> [Condition; 3] {
    [Condition::IsActive, Condition::ClaimedBelow(assessed.revision), Condition::PublishedBelow(assessed.revision)]
}

#[cfg(test)]
mod tests;
