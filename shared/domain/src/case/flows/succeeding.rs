//! open-case: the execution after one that failed before its case had ended.
//!
//! ```text
//! read the case ─ decide ─ count the attempt ─ read the case ─ start its execution
//! ```

use super::Standing;
use super::receiving::next_attempt;
use crate::case::write::CaseWrite;
use crate::case::{CaseNumber, CaseProgress, Succession, succession};

/// The end of an execution, on its way to the next. Going it again changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Succeeding {
    ended: Option<u32>,
    at: At,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum At {
    Read,
    Count { number: CaseNumber, after: u32 },
    ReadAgain,
    Start { case: CaseProgress },
    Done(Option<Standing>),
    GaveUp,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SucceedingStep {
    /// Read the case: [`Succeeding::read`].
    Read,
    /// Write to it: [`Succeeding::wrote`].
    Write(CaseWrite),
    /// Start its execution: [`Succeeding::started`].
    Start(CaseProgress),
    /// It is done; how the next execution stands, where there had to be one.
    Done(Option<Standing>),
    /// Too many have failed in a row: people have to mend something.
    GaveUp,
}

impl Succeeding {
    /// That attempt is over; nothing: an execution whose name somebody chose.
    #[must_use]
    pub fn begin(ended: Option<u32>) -> Self {
        Self { ended, at: At::Read }
    }

    /// What to do next.
    #[must_use]
    pub fn step(&self) -> SucceedingStep {
        match self.at {
            At::Read | At::ReadAgain => SucceedingStep::Read,
            At::Count { after, .. } => SucceedingStep::Write(next_attempt(after)),
            At::Start { case } => SucceedingStep::Start(case),
            At::Done(standing) => SucceedingStep::Done(standing),
            At::GaveUp => SucceedingStep::GaveUp,
        }
    }

    /// Goes on with the case; nothing when the table has forgotten it.
    #[must_use]
    pub fn read(self, read: Option<CaseProgress>) -> Self {
        let at = match (self.at, read) {
            (At::Read, Some(case)) => match succession(self.ended, &case) {
                // Whoever counted this attempt may have died before it started the next.
                Succession::None if self.is_of_the_past(&case) => At::Start { case },
                Succession::None => At::Done(None),
                Succession::GiveUp => At::GaveUp,
                Succession::Next { after } => At::Count { number: case.number, after },
            },
            (At::ReadAgain, Some(case)) if case.status.is_under_way() => At::Start { case },
            _ => At::Done(None),
        };
        Self { at, ..self }
    }

    /// Goes on after the write, whether this invocation counted the attempt or another.
    #[must_use]
    pub fn wrote(self, _went_through: bool) -> Self {
        Self { at: At::ReadAgain, ..self }
    }

    /// Goes on after the execution was started, or found. One that is dead tells of its own end.
    #[must_use]
    pub fn started(self, standing: Standing) -> Self {
        Self { at: At::Done(Some(standing)), ..self }
    }

    fn is_of_the_past(&self, case: &CaseProgress) -> bool {
        case.status.is_under_way() && self.ended.is_some_and(|ended| ended < case.execution_attempt)
    }
}
