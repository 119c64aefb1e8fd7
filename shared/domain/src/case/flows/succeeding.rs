//! open-case: the execution after one that failed before its case had ended.
//!
//! ```text
//! read the case ─ decide ─ count the attempt ─ read the case ─ start its execution
//! ```

use super::ExecutionState;
use super::receiving::count_next_attempt;
use crate::case::write::CaseWrite;
use crate::case::{CaseNumber, CaseProgress, RestartDecision, decide_restart};

/// The end of an execution, on its way to the next. Going it again changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RestartExecutionFlow {
    ended_attempt: Option<u32>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum State {
    Read,
    Count { number: CaseNumber, after: u32 },
    Reread,
    Start { case: CaseProgress },
    Done(Option<ExecutionState>),
    LimitReached,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RestartExecutionStep {
    /// Read the case: [`Succeeding::read`].
    Read,
    /// Write to it: [`Succeeding::wrote`].
    Write(CaseWrite),
    /// Start its execution: [`Succeeding::started`].
    Start(CaseProgress),
    /// It is done; how the next execution stands, where there had to be one.
    Done(Option<ExecutionState>),
    /// Too many have failed in a row: people have to mend something.
    RestartLimitReached,
}

impl RestartExecutionFlow {
    /// That attempt is over; nothing: an execution whose name somebody chose.
    #[must_use]
    pub fn begin(ended: Option<u32>) -> Self {
        Self { ended_attempt: ended, state: State::Read }
    }

    /// What to do next.
    #[must_use]
    pub fn step(&self) -> RestartExecutionStep {
        match self.state {
            State::Read | State::Reread => RestartExecutionStep::Read,
            State::Count { after, .. } => RestartExecutionStep::Write(count_next_attempt(after)),
            State::Start { case } => RestartExecutionStep::Start(case),
            State::Done(standing) => RestartExecutionStep::Done(standing),
            State::LimitReached => RestartExecutionStep::RestartLimitReached,
        }
    }

    /// Goes on with the case; nothing when the table has forgotten it.
    #[must_use]
    pub fn read(self, read: Option<CaseProgress>) -> Self {
        let at = match (self.state, read) {
            (State::Read, Some(case)) => match decide_restart(self.ended_attempt, &case) {
                // Whoever counted this attempt may have died before it started the next.
                RestartDecision::None if self.is_already_counted(&case) => State::Start { case },
                RestartDecision::None => State::Done(None),
                RestartDecision::GiveUp => State::LimitReached,
                RestartDecision::Restart { failed_attempt: after } => State::Count { number: case.number, after },
            },
            (State::Reread, Some(case)) if case.status.is_active() => State::Start { case },
            _ => State::Done(None),
        };
        Self { state: at, ..self }
    }

    /// Goes on after the write, whether this invocation counted the attempt or another.
    #[must_use]
    pub fn wrote(self, _went_through: bool) -> Self {
        Self { state: State::Reread, ..self }
    }

    /// Goes on after the execution was started, or found. One that is dead tells of its own end.
    #[must_use]
    pub fn started(self, standing: ExecutionState) -> Self {
        Self { state: State::Done(Some(standing)), ..self }
    }

    fn is_already_counted(&self, case: &CaseProgress) -> bool {
        case.status.is_active() && self.ended_attempt.is_some_and(|ended| ended < case.execution_attempt)
    }
}
