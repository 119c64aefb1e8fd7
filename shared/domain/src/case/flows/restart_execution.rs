//! open-case: restarts a case whose execution failed.
//!
//! ```text
//! read the case ─ decide ─ count the attempt ─ read the case ─ start its execution
//! ```

use super::ExecutionState;
use super::intake::count_next_attempt;
use crate::case::write::CaseWrite;
use crate::case::{CaseNumber, CaseProgress, RestartDecision, decide_restart};

/// The flow after a failed execution. It is idempotent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RestartExecutionFlow {
    failed_attempt: Option<u32>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum State {
    Read,
    Count { number: CaseNumber, failed_attempt: u32 },
    Reread,
    Start { case: CaseProgress },
    Done(Option<ExecutionState>),
    LimitReached,
}

/// The next effect of the flow.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RestartExecutionStep {
    /// Read the case: [`RestartExecutionFlow::read`].
    Read,
    /// Write to the case: [`RestartExecutionFlow::wrote`].
    Write(CaseWrite),
    /// Start the case's execution: [`RestartExecutionFlow::started`].
    Start(CaseProgress),
    /// The flow has ended, with the state of the next execution if one was needed.
    Done(Option<ExecutionState>),
    /// Too many executions failed in a row: an operator must fix the cause.
    RestartLimitReached,
}

impl RestartExecutionFlow {
    /// Begins the flow after this failed attempt; `None`: an execution that was started manually under another name.
    #[must_use]
    pub fn begin(failed_attempt: Option<u32>) -> Self {
        Self { failed_attempt, state: State::Read }
    }

    /// The next effect of the flow.
    #[must_use]
    pub fn step(&self) -> RestartExecutionStep {
        match self.state {
            State::Read | State::Reread => RestartExecutionStep::Read,
            State::Count { failed_attempt, .. } => RestartExecutionStep::Write(count_next_attempt(failed_attempt)),
            State::Start { case } => RestartExecutionStep::Start(case),
            State::Done(execution) => RestartExecutionStep::Done(execution),
            State::LimitReached => RestartExecutionStep::RestartLimitReached,
        }
    }

    /// Applies the case that was read; `None` if it has expired.
    #[must_use]
    pub fn read(self, read: Option<CaseProgress>) -> Self {
        let at = match (self.state, read) {
            (State::Read, Some(case)) => match decide_restart(self.failed_attempt, &case) {
                // The invocation that counted this attempt may have crashed before it started the next.
                RestartDecision::None if self.is_already_counted(&case) => State::Start { case },
                RestartDecision::None => State::Done(None),
                RestartDecision::GiveUp => State::LimitReached,
                RestartDecision::Restart { failed_attempt } => State::Count { number: case.number, failed_attempt },
            },
            (State::Reread, Some(case)) if case.status.is_active() => State::Start { case },
            _ => State::Done(None),
        };
        Self { state: at, ..self }
    }

    /// Applies the result of the write: this or another invocation has counted the attempt.
    #[must_use]
    pub fn wrote(self, _went_through: bool) -> Self {
        Self { state: State::Reread, ..self }
    }

    /// Applies the state of the execution. A failed execution causes an event of its own.
    #[must_use]
    pub fn started(self, execution: ExecutionState) -> Self {
        Self { state: State::Done(Some(execution)), ..self }
    }

    fn is_already_counted(&self, case: &CaseProgress) -> bool {
        case.status.is_active() && self.failed_attempt.is_some_and(|failed| failed < case.execution_attempt)
    }
}
