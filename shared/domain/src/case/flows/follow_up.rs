//! open-case: starts the follow-up of a watched case that is due.
//!
//! ```text
//! read the case ─ begin its follow-up ─ read the case ─ start its execution ─ remove it from the index
//!                                             └── the function crashes here: it is still in the index, and the next sweep starts it
//! ```

use super::ExecutionState;
use crate::case::write::{CaseWrite, Change, Condition};
use crate::case::{CaseProgress, CaseStatus};
use jiff::Timestamp;

/// The flow of a case in the index of due cases. It is idempotent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FollowUpFlow {
    now: Timestamp,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum State {
    Read,
    Begin { case: CaseProgress, until: Timestamp },
    Reread,
    Start { case: CaseProgress, until: Timestamp },
    RemoveFromDueList { case: CaseProgress, until: Timestamp, execution: ExecutionState },
    Done(Option<ExecutionState>),
}

/// The next effect of the flow.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FollowUpStep {
    /// Read the case: [`FollowUpFlow::read`].
    Read,
    /// Write to the case: [`FollowUpFlow::wrote`].
    Write(CaseWrite),
    /// Start the case's execution: [`FollowUpFlow::started`].
    Start(CaseProgress),
    /// The flow has ended, with the state of the execution if one was needed.
    Done(Option<ExecutionState>),
}

impl FollowUpFlow {
    /// Begins the flow.
    #[must_use]
    pub fn begin(now: Timestamp) -> Self {
        Self { now, state: State::Read }
    }

    /// The next effect of the flow.
    #[must_use]
    pub fn step(&self) -> FollowUpStep {
        match self.state {
            State::Read | State::Reread => FollowUpStep::Read,
            State::Begin { case, until } => {
                let conditions = [Condition::IsWatching, Condition::WatchUntil(until)];
                let next = Change::StartNewRun(case.execution_attempt.saturating_add(1));
                FollowUpStep::Write(CaseWrite::new(conditions, [Change::BeginFollowUp(self.now), next]))
            }
            State::Start { case, .. } => FollowUpStep::Start(case),
            State::RemoveFromDueList { case, until, .. } => {
                let conditions = [Condition::WatchUntil(until), Condition::Attempt(case.execution_attempt)];
                FollowUpStep::Write(CaseWrite::new(conditions, [Change::RemoveFromDueList]))
            }
            State::Done(execution) => FollowUpStep::Done(execution),
        }
    }

    /// Applies the case that was read; `None` if it has expired.
    #[must_use]
    pub fn read(self, read: Option<CaseProgress>) -> Self {
        let listed = read.and_then(|case| Some((case, case.watch_until?)));
        let at = match (self.state, listed) {
            (State::Read, Some((case, until))) if case.status == CaseStatus::Watching && until <= self.now => {
                State::Begin { case, until }
            }
            // The invocation that began the follow-up may have crashed before it started the execution.
            (State::Read | State::Reread, Some((case, until))) if case.status.is_active() => {
                State::Start { case, until }
            }
            // It is not due, or another invocation has advanced it.
            _ => State::Done(None),
        };
        Self { state: at, ..self }
    }

    /// Applies the result of a write. A conflicting write means that another invocation has advanced the case.
    #[must_use]
    pub fn wrote(self, _went_through: bool) -> Self {
        let at = match self.state {
            State::Begin { .. } => State::Reread,
            State::RemoveFromDueList { execution, .. } => State::Done(Some(execution)),
            other => other,
        };
        Self { state: at, ..self }
    }

    /// Applies the state of the execution. A failed execution causes an event of its own.
    #[must_use]
    pub fn started(self, execution: ExecutionState) -> Self {
        let State::Start { case, until } = self.state else { return self };
        Self { state: State::RemoveFromDueList { case, until, execution }, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::CaseNumber;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hour * 3600).unwrap()
    }

    fn watching() -> CaseProgress {
        let opened = CaseProgress::opened(CaseNumber { sequence: 1, opened_at: at(0) });
        CaseProgress { status: CaseStatus::Watching, watch_until: Some(at(6)), ..opened }
    }

    fn write(flow: FollowUpFlow, case: &mut CaseProgress) -> (FollowUpFlow, bool) {
        let FollowUpStep::Write(write) = flow.step() else { panic!("{flow:?}") };
        let is_satisfied = write.is_satisfied_by(case);
        if is_satisfied {
            write.apply(case);
        }
        (flow.wrote(is_satisfied), is_satisfied)
    }

    #[test]
    fn a_case_that_is_due_is_sealed_and_gets_its_next_execution() {
        let mut case = watching();
        let (flow, began) = write(FollowUpFlow::begin(at(6)).read(Some(case)), &mut case);
        assert!(began);
        assert_eq!((case.status, case.follow_up_at, case.watch_until), (CaseStatus::Sealed, Some(at(6)), Some(at(6))));
        assert_eq!((case.execution_attempt, case.first_attempt_of_run), (2, 2));
        let flow = flow.read(Some(case));
        assert_eq!(flow.step(), FollowUpStep::Start(case));
        let (flow, removed) = write(flow.started(ExecutionState::Started), &mut case);
        assert!(removed && case.watch_until.is_none());
        assert_eq!(flow.step(), FollowUpStep::Done(Some(ExecutionState::Started)));
    }

    #[test]
    fn crash_before_start_is_recovered_by_the_next_sweep() {
        let mut case = watching();
        let _ = write(FollowUpFlow::begin(at(6)).read(Some(case)), &mut case);
        let next = FollowUpFlow::begin(at(7)).read(Some(case));
        assert_eq!(next.step(), FollowUpStep::Start(case));
        let (next, _) = write(next.started(ExecutionState::RunningOrSucceeded), &mut case);
        assert_eq!(next.step(), FollowUpStep::Done(Some(ExecutionState::RunningOrSucceeded)));
        assert_eq!(case.follow_up_at, Some(at(6)));
    }

    #[test]
    fn a_case_that_is_not_due_or_already_advanced_is_skipped() {
        let assert_skipped = |read: Option<CaseProgress>, hour| {
            assert_eq!(FollowUpFlow::begin(at(hour)).read(read).step(), FollowUpStep::Done(None));
        };
        assert_skipped(Some(watching()), 5);
        assert_skipped(None, 6);
        assert_skipped(Some(CaseProgress { status: CaseStatus::Closed, watch_until: None, ..watching() }), 6);
        assert_skipped(Some(CaseProgress { status: CaseStatus::Open, watch_until: None, ..watching() }), 6);
    }

    #[test]
    fn only_one_of_two_sweeps_begins_and_a_reopened_case_is_skipped() {
        let mut case = watching();
        let late = FollowUpFlow::begin(at(6)).read(Some(case));
        let _ = write(FollowUpFlow::begin(at(6)).read(Some(case)), &mut case);
        let (late, began) = write(late, &mut case);
        assert!(!began && late.read(Some(case)).step() == FollowUpStep::Start(case));
        let mut reopened = watching();
        let late = FollowUpFlow::begin(at(6)).read(Some(reopened));
        Change::Reopen.apply(&mut reopened);
        let (late, began) = write(late, &mut reopened);
        assert!(!began && late.read(Some(reopened)).step() == FollowUpStep::Done(None));
    }
}
