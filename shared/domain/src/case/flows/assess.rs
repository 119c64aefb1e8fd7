//! assess-case: assesses a case.
//!
//! ```text
//! (seal) ─ read the case ─ read its findings, evaluate ─ write the assessment, or write it and end: watched, or closed
//!                                    └── a finding joins here: the closing write fails: assess again
//! ```
//!
//! The case is read first, its findings after it: a finding that joins in between is evaluated but not counted, so the case is
//! assessed again.

use crate::assessment::AssessmentSummary;
use crate::case::previous_notification::{AlertOutcome, is_already_notified};
use crate::case::revision::{AssessmentAction, decide_after_assessment, effective_alert_cause, next_revision};
use crate::case::write::{CaseWrite, Change, Condition};
use crate::case::{CaseProgress, CaseStatus, FollowUpRule};
use crate::verdict::{AlertCause, VerdictLevel};
use jiff::Timestamp;
use serde::Serialize;

/// The flow of an assessment.
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

/// The outcome of evaluating the findings and results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EvaluationOutcome {
    /// The verdict: people are notified for this cause, or the case ends quietly.
    Verdict {
        /// The alert cause; `None` for a quiet end.
        cause: Option<AlertCause>,
        /// Whether there is a result of an investigation.
        has_result: bool,
        /// The verdict's level.
        level: VerdictLevel,
        /// Whether there is no result because of a transient failure.
        is_transient: bool,
        /// The last activity of the findings, if they have it.
        last_activity: Option<Timestamp>,
    },
    /// The case is quiet, but has activity that no investigation covers.
    Outdated,
    /// The investigation is running: there is no result yet.
    InvestigationRunning,
    /// The follow-up has begun and has no result yet. The follow-up has its own execution. The current one is an older execution that
    /// still runs.
    FollowUpPending,
    /// The investigation ended with status FAILED. It is started once more before people are notified.
    InvestigationFailed,
}

/// The outcome for the state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AssessOutcome {
    /// People must be notified.
    Alert,
    /// The case is closed.
    Closed,
    /// The case is watched, or another execution has its follow-up.
    Watching,
    /// A finding joined during the assessment: assess again.
    Changed,
    /// Findings joined whose activity the investigation does not cover, or the investigation is running: start another investigation,
    /// or wait for the running one.
    Outdated,
    /// The investigation ended with status FAILED: start it once more.
    Failed,
}

/// The next effect of the flow.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AssessStep {
    /// Write to the case: [`AssessFlow::wrote`].
    Write(CaseWrite),
    /// Read the case: [`AssessFlow::read`].
    Read,
    /// Read the findings and results, and evaluate them: [`AssessFlow::evaluated`].
    Evaluate,
    /// The flow has ended.
    Done(AssessOutcome),
}

impl AssessFlow {
    /// Begins the flow. In the last rounds it seals the case first.
    #[must_use]
    pub fn begin(now: Timestamp, last_round: bool, follow_up: FollowUpRule) -> Self {
        Self { now, follow_up, state: if last_round { State::Seal } else { State::Read } }
    }

    /// The next effect of the flow.
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

    /// Applies the case that was read.
    #[must_use]
    pub fn read(self, case: CaseProgress) -> Self {
        Self { state: State::Evaluate { case }, ..self }
    }

    /// Applies the outcome of the evaluation.
    #[must_use]
    pub fn evaluated(self, evaluation: EvaluationOutcome) -> Self {
        let State::Evaluate { case } = self.state else { return self };
        let at = match evaluation {
            // An earlier attempt of this step has ended the case, so it is not assessed again.
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

    /// The assessment that the next step writes; `None` if it writes none.
    #[must_use]
    pub fn assessed(&self) -> Option<AssessmentSummary> {
        match self.state {
            State::WriteAssessment(assessed) | State::End(assessed) => Some(assessed),
            _ => None,
        }
    }

    /// Applies the result of a write: `went_through` if its conditions were satisfied.
    #[must_use]
    pub fn wrote(self, went_through: bool) -> Self {
        let at = match self.state {
            State::Seal => State::Read, // if the case has ended already, the read shows it
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

/// The change that ends a case (watched or closed), and its additional condition: a case is watched only before its follow-up begins.
pub(super) fn end_write(assessed: AssessmentSummary, now: Timestamp) -> (Option<Condition>, Change) {
    match assessed.watch_until {
        Some(until) => (Some(Condition::FollowUpNotBegun), Change::Watch(until)),
        None => (None, Change::Close(now)),
    }
}

/// The outcome of a case that has ended.
fn final_outcome(case: &CaseProgress) -> AssessOutcome {
    if case.status == CaseStatus::Watching { AssessOutcome::Watching } else { AssessOutcome::Closed }
}

/// The conditions that the case has not ended, and that no message can have the revision.
fn not_yet_published(assessed: AssessmentSummary) -> [Condition; 3] {
    [Condition::IsActive, Condition::ClaimedBelow(assessed.revision), Condition::PublishedBelow(assessed.revision)]
}

#[cfg(test)]
mod tests;
