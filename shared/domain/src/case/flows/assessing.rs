//! assess-case: what a case comes to.
//!
//! ```text
//! (seal) ─ read the case ─ read its findings, weigh ─ write the assessment, or write it and end: watched, or closed
//!                                    └── a finding joins here: ending does not go through, assess again
//! ```
//!
//! The case is read first, its findings after: what joins in between is weighed, but not counted as seen, and so is
//! assessed again.

use crate::assessment::Assessed;
use crate::case::notified::{AlertOutcome, is_already_notified};
use crate::case::revision::{Ending, after_assessment, assessed_revision, cause_to_tell};
use crate::case::write::{CaseWrite, Change, Condition};
use crate::case::{CaseProgress, CaseStatus, SecondLook};
use crate::verdict::{AlertCause, VerdictLevel};
use jiff::Timestamp;
use serde::Serialize;

/// An assessment under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Assessing {
    now: Timestamp,
    second_look: SecondLook,
    at: At,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum At {
    Seal,
    Read,
    Weigh { case: CaseProgress },
    Note(Assessed),
    End(Assessed),
    Done(Outcome),
}

/// What findings and results came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Weighed {
    /// People hear of it for this cause, or nobody needs to.
    Verdict {
        /// The cause.
        cause: Option<AlertCause>,
        /// Whether there is a result of an investigation.
        has_result: bool,
        /// The verdict's level.
        level: VerdictLevel,
        /// Whether there is no result because of a failure that may pass.
        may_pass: bool,
        /// When the findings last saw activity, where they tell.
        last_activity: Option<Timestamp>,
    },
    /// Nothing of note, but there is activity that the investigation has not seen.
    Outdated,
    /// The investigation is running: there is no result yet.
    Running,
    /// The second look has begun, and its investigation is not there yet. It has an execution of its own; this one is late.
    SecondLookPending,
    /// The investigation ended FAILED, and is to be started once more before people read that.
    Failed,
}

/// How the state machine goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
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
pub enum AssessingStep {
    /// Write to the case: [`Assessing::wrote`].
    Write(CaseWrite),
    /// Read the case: [`Assessing::read`].
    Read,
    /// Read the findings and weigh everything: [`Assessing::weighed`].
    Weigh,
    /// It is done.
    Done(Outcome),
}

impl Assessing {
    /// Begins; in the last round, the case takes no more findings from here on.
    #[must_use]
    pub fn begin(now: Timestamp, last_round: bool, second_look: SecondLook) -> Self {
        Self { now, second_look, at: if last_round { At::Seal } else { At::Read } }
    }

    /// What to do next.
    #[must_use]
    pub fn step(&self) -> AssessingStep {
        match self.at {
            At::Seal => AssessingStep::Write(CaseWrite::new([Condition::IsUnderWay], [Change::Seal])),
            At::Read => AssessingStep::Read,
            At::Weigh { .. } => AssessingStep::Weigh,
            At::Note(assessed) => AssessingStep::Write(CaseWrite::new(news(assessed), [Change::Assess(assessed)])),
            At::End(assessed) => {
                let unchanged = [Condition::Joined(assessed.joined), Condition::Renewed(assessed.renewed)];
                let conditions = news(assessed).into_iter().chain(unchanged);
                let (more, end) = ending(assessed, self.now);
                let conditions: Vec<Condition> = conditions.chain(more).collect();
                AssessingStep::Write(CaseWrite::new(conditions, [Change::Assess(assessed), end]))
            }
            At::Done(outcome) => AssessingStep::Done(outcome),
        }
    }

    /// Goes on with the case.
    #[must_use]
    pub fn read(self, case: CaseProgress) -> Self {
        Self { at: At::Weigh { case }, ..self }
    }

    /// Goes on with what it came to.
    #[must_use]
    pub fn weighed(self, weighed: Weighed) -> Self {
        let At::Weigh { case } = self.at else { return self };
        let at = match weighed {
            // An earlier try of this step ended it: what is wanted now was not wanted then, and no round follows.
            Weighed::Outdated | Weighed::Running | Weighed::Failed if !case.status.is_under_way() => {
                At::Done(ended(&case))
            }
            Weighed::SecondLookPending => At::Done(Outcome::Watching),
            Weighed::Outdated | Weighed::Running => At::Done(Outcome::Outdated),
            Weighed::Failed => At::Done(Outcome::Failed),
            Weighed::Verdict { cause, has_result, level, may_pass, last_activity } => {
                let outcome = cause.map(|cause| AlertOutcome { cause, level, may_pass });
                let already_notified = outcome.is_some_and(|it| is_already_notified(&case, it, self.now));
                let cause = cause_to_tell(&case, cause.filter(|_| !already_notified));
                let is_quiet = matches!(cause, None | Some(AlertCause::Resolved)) && !already_notified;
                let watch_until = || self.second_look.watch_until(&case, last_activity, self.now);
                let assessed = Assessed {
                    joined: case.joined,
                    renewed: case.renewed,
                    revision: assessed_revision(&case),
                    cause,
                    has_result,
                    level,
                    may_pass,
                    second_look: case.second_look_at.is_some(),
                    watch_until: if is_quiet { watch_until() } else { None },
                    already_notified,
                };
                match after_assessment(&case, assessed) {
                    Ending::AlreadyEnded => At::Done(ended(&case)),
                    Ending::AlertAsAssessedBefore => At::Done(Outcome::Alert),
                    Ending::Alert => At::Note(assessed),
                    Ending::EndQuietly => At::End(assessed),
                }
            }
        };
        Self { at, ..self }
    }

    /// The assessment that is about to be written; nothing where there is nothing new to write.
    #[must_use]
    pub fn assessed(&self) -> Option<Assessed> {
        match self.at {
            At::Note(assessed) | At::End(assessed) => Some(assessed),
            _ => None,
        }
    }

    /// Goes on after a write that went through, or whose condition did not hold.
    #[must_use]
    pub fn wrote(self, went_through: bool) -> Self {
        let at = match self.at {
            At::Seal => At::Read, // or it has ended already, which reading it shows
            At::Note(_) if went_through => At::Done(Outcome::Alert),
            At::End(Assessed { watch_until: None, .. }) if went_through => At::Done(Outcome::Closed),
            At::End(_) if went_through => At::Done(Outcome::Watching),
            At::Note(_) | At::End(_) => At::Done(Outcome::Changed),
            other => other,
        };
        Self { at, ..self }
    }
}

/// How a case ends that nobody has to be notified of any more, and what that takes beside what was assessed: watched, unless
/// its second look has begun in between, or for good.
pub(super) fn ending(assessed: Assessed, now: Timestamp) -> (Option<Condition>, Change) {
    match assessed.watch_until {
        Some(until) => (Some(Condition::NoSecondLook), Change::Watch(until)),
        None => (None, Change::Close(now)),
    }
}

/// How a case has ended, for now or for good.
fn ended(case: &CaseProgress) -> Outcome {
    if case.status == CaseStatus::Watching { Outcome::Watching } else { Outcome::Closed }
}

/// The case has not ended, and no message can have carried the revision.
fn news(assessed: Assessed) -> [Condition; 3] {
    [Condition::IsUnderWay, Condition::ClaimedBelow(assessed.revision), Condition::PublishedBelow(assessed.revision)]
}

#[cfg(test)]
mod tests;
