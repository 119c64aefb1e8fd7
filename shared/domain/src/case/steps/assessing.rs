//! assess-case: what a case comes to.
//!
//! ```text
//! (seal) ─ read the case ─ read its findings, weigh ─ write the assessment, or write it and close
//!                                    └── a finding joins here: closing does not go through, assess again
//! ```
//!
//! The case is read first, its findings after: what joins in between is weighed, but not counted as seen, and so is
//! assessed again.

use crate::case::revision::{Ending, after_assessment, assessed_revision, cause_to_tell};
use crate::case::write::{CaseWrite, Change, Condition};
use crate::case::{Assessed, CaseProgress, CaseStatus};
use crate::verdict::AlertCause;
use jiff::Timestamp;
use serde::Serialize;

/// An assessment under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Assessing {
    now: Timestamp,
    at: At,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum At {
    Seal,
    Read,
    Weigh { case: CaseProgress },
    Note(Assessed),
    Close(Assessed),
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
    },
    /// Nothing of note, but there is activity that the investigation has not seen.
    Outdated,
}

/// How the state machine goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    /// People are to hear of it.
    Alert,
    /// It is closed.
    Closed,
    /// A finding joined in between: assess again.
    Changed,
    /// Nothing of note, but findings joined whose activity the investigation has not seen: investigate again.
    Outdated,
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
    pub fn begin(now: Timestamp, last_round: bool) -> Self {
        Self { now, at: if last_round { At::Seal } else { At::Read } }
    }

    /// What to do next.
    #[must_use]
    pub fn step(&self) -> AssessingStep {
        match self.at {
            At::Seal => AssessingStep::Write(CaseWrite::new([Condition::IsNotClosed], [Change::Seal])),
            At::Read => AssessingStep::Read,
            At::Weigh { .. } => AssessingStep::Weigh,
            At::Note(assessed) => AssessingStep::Write(CaseWrite::new(news(assessed), [Change::Assess(assessed)])),
            At::Close(assessed) => {
                let unchanged = [Condition::Joined(assessed.joined), Condition::Renewed(assessed.renewed)];
                let conditions: Vec<Condition> = news(assessed).into_iter().chain(unchanged).collect();
                AssessingStep::Write(CaseWrite::new(conditions, [Change::Assess(assessed), Change::Close(self.now)]))
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
            // An earlier try of this step closed it: what is wanted now was not wanted then, and no round follows.
            Weighed::Outdated if case.status == CaseStatus::Closed => At::Done(Outcome::Closed),
            Weighed::Outdated => At::Done(Outcome::Outdated),
            Weighed::Verdict { cause, has_result } => {
                let assessed = Assessed {
                    joined: case.joined,
                    renewed: case.renewed,
                    revision: assessed_revision(&case),
                    cause: cause_to_tell(&case, cause),
                    has_result,
                };
                match after_assessment(&case, assessed) {
                    Ending::AlreadyClosed => At::Done(Outcome::Closed),
                    Ending::AlertAsAssessedBefore => At::Done(Outcome::Alert),
                    Ending::Alert => At::Note(assessed),
                    Ending::CloseQuietly => At::Close(assessed),
                }
            }
        };
        Self { at, ..self }
    }

    /// The assessment that is about to be written; nothing where there is nothing new to write.
    #[must_use]
    pub fn assessed(&self) -> Option<Assessed> {
        match self.at {
            At::Note(assessed) | At::Close(assessed) => Some(assessed),
            _ => None,
        }
    }

    /// Goes on after a write that went through, or whose condition did not hold.
    #[must_use]
    pub fn wrote(self, went_through: bool) -> Self {
        let at = match self.at {
            At::Seal => At::Read, // or it is closed already, which reading it shows
            At::Note(_) if went_through => At::Done(Outcome::Alert),
            At::Close(_) if went_through => At::Done(Outcome::Closed),
            At::Note(_) | At::Close(_) => At::Done(Outcome::Changed),
            other => other,
        };
        Self { at, ..self }
    }
}

/// The case has not ended, and no message can have carried the revision.
fn news(assessed: Assessed) -> [Condition; 3] {
    [Condition::IsNotClosed, Condition::ClaimedBelow(assessed.revision), Condition::PublishedBelow(assessed.revision)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::CaseNumber;

    #[test]
    fn only_a_case_that_has_not_ended_goes_round_again() {
        let open = CaseProgress::opened(CaseNumber { sequence: 1, opened_at: Timestamp::UNIX_EPOCH });
        for (status, outcome) in [
            (CaseStatus::Open, Outcome::Outdated),
            (CaseStatus::Sealed, Outcome::Outdated),
            (CaseStatus::Closed, Outcome::Closed),
        ] {
            let read = Assessing::begin(Timestamp::UNIX_EPOCH, false).read(CaseProgress { status, ..open });
            assert_eq!(read.weighed(Weighed::Outdated).step(), AssessingStep::Done(outcome), "{status:?}");
        }
    }
}
