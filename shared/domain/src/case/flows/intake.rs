//! open-case: the intake of a finding into its case.
//!
//! ```text
//! read the latest case ─ read the finding ─ read its case ─ decide ─ write ─ read the case ─ start its execution
//!           └──────────────── a conflicting write ────────────────────┘         └── failed: count it ┘
//! ```

use super::ExecutionState;
use crate::case::intake::{IntakeDecision, IntakeRules, KnownFinding, decide_intake};
use crate::case::write::{CaseWrite, Change, Condition, IntakeWrite};
use crate::case::{CaseNumber, CaseProgress, FindingProgress};
use crate::finding::FindingState;
use jiff::Timestamp;

/// The most decisions about a finding, repeated after conflicting writes. Each conflict is the successful write of another invocation:
/// at most the ten that the queue's trigger allows can conflict on one finding or case. (A join does not conflict with another join;
/// only a case that closes or opens does.)
const MAX_DECISIONS: u8 = 12;

/// The most failed executions of one case in a row.
const MAX_FAILED_EXECUTIONS: u8 = 3;

/// The flow of a finding into its case. It is idempotent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IntakeFlow {
    finding: FindingState,
    now: Timestamp,
    rules: IntakeRules,
    decisions: u8,
    state: State,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum State {
    Latest,
    Finding { latest: Option<CaseProgress> },
    FindingCase { latest: Option<CaseProgress>, finding: FindingProgress },
    Write { write: IntakeWrite, received: IntakeResult, unfinished: bool },
    Case { received: IntakeResult, number: CaseNumber, attempts: u8 },
    Start { received: IntakeResult, case: CaseProgress, attempts: u8 },
    Count { received: IntakeResult, case: CaseProgress, attempts: u8 },
    Done(IntakeResult),
    ExecutionsKeepFailing(CaseNumber),
    ContentionExhausted,
}

/// The result of an intake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IntakeResult {
    /// The decision.
    pub intake: IntakeDecision,
    /// The finding's case, if there is one.
    pub case: Option<CaseNumber>,
    /// The state of the case's execution, if the case needs one.
    pub execution: Option<ExecutionState>,
}

impl IntakeResult {
    /// Whether the finding had information that the case did not have.
    #[must_use]
    pub fn is_new_information(&self) -> bool {
        !matches!(self.intake, IntakeDecision::Suppress(_) | IntakeDecision::Unchanged(_))
    }
}

/// The next effect of the flow.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum IntakeStep {
    /// Read the subject's latest case: [`IntakeFlow::read_case`].
    ReadLatest,
    /// Read the finding's record: [`IntakeFlow::read_finding`].
    ReadFinding,
    /// Read the subject's case with this sequence: [`IntakeFlow::read_case`].
    ReadCase(u32),
    /// Write the intake: [`IntakeFlow::wrote`].
    Write(IntakeWrite),
    /// Write to the case: [`IntakeFlow::wrote`].
    WriteCase(CaseNumber, CaseWrite),
    /// Start the case's execution: [`IntakeFlow::started`].
    Start(CaseProgress),
    /// The flow has ended.
    Done(IntakeResult),
    /// Optimistic-lock retries are exhausted: retry later.
    ContentionExhausted,
    /// Each execution of the case has failed: retry later.
    ExecutionsKeepFailing(CaseNumber),
}

impl IntakeFlow {
    /// Begins the flow for a finding in this state.
    #[must_use]
    pub fn begin(finding: FindingState, now: Timestamp, rules: IntakeRules) -> Self {
        Self { finding, now, rules, decisions: 1, state: State::Latest }
    }

    /// The next effect of the flow.
    #[must_use]
    pub fn step(&self) -> IntakeStep {
        match &self.state {
            State::Latest => IntakeStep::ReadLatest,
            State::Finding { .. } => IntakeStep::ReadFinding,
            State::FindingCase { finding, .. } => IntakeStep::ReadCase(finding.case.sequence),
            State::Write { write, .. } => IntakeStep::Write(write.clone()),
            State::Case { number, .. } => IntakeStep::ReadCase(number.sequence),
            State::Start { case, .. } => IntakeStep::Start(*case),
            State::Count { case, .. } => IntakeStep::WriteCase(case.number, count_next_attempt(case.execution_attempt)),
            State::Done(received) => IntakeStep::Done(*received),
            State::ExecutionsKeepFailing(number) => IntakeStep::ExecutionsKeepFailing(*number),
            State::ContentionExhausted => IntakeStep::ContentionExhausted,
        }
    }

    /// Applies a case that was read; `None` if there is none.
    #[must_use]
    pub fn read_case(self, read: Option<CaseProgress>) -> Self {
        let at = match self.state {
            State::Latest => State::Finding { latest: read },
            State::FindingCase { latest, finding } => {
                self.decide(latest, Some(finding), read.filter(|case| case.number == finding.case))
            }
            State::Case { received, number, attempts } => match read.filter(|case| case.number == number) {
                // It has expired or ended since, with all joined findings; the sweep starts the follow-up of a watched case.
                None => State::Done(received),
                Some(case) if !case.status.is_active() => State::Done(received),
                Some(case) => State::Start { received, case, attempts },
            },
            other => other,
        };
        Self { state: at, ..self }
    }

    /// Applies the finding's record; `None` if there is none.
    #[must_use]
    pub fn read_finding(self, read: Option<FindingProgress>) -> Self {
        let State::Finding { latest } = self.state else { return self };
        let at = match read {
            None => self.decide(latest, None, None),
            Some(finding) => match latest.filter(|case| case.number == finding.case) {
                Some(latest) => self.decide(Some(latest), Some(finding), Some(latest)),
                None => State::FindingCase { latest, finding },
            },
        };
        Self { state: at, ..self }
    }

    /// Applies the result of a write: `went_through` if its conditions were satisfied.
    #[must_use]
    pub fn wrote(self, went_through: bool) -> Self {
        match self.state {
            State::Write { received, unfinished, .. } if went_through => {
                Self { state: state_after_intake(received, unfinished), ..self }
            }
            State::Write { .. } if self.decisions < MAX_DECISIONS => {
                Self { decisions: self.decisions + 1, state: State::Latest, ..self }
            }
            State::Write { .. } => Self { state: State::ContentionExhausted, ..self },
            // This or another invocation counted the attempt: continue with the current case.
            State::Count { received, case, attempts } if attempts < MAX_FAILED_EXECUTIONS => {
                Self { state: State::Case { received, number: case.number, attempts }, ..self }
            }
            State::Count { case, .. } => Self { state: State::ExecutionsKeepFailing(case.number), ..self },
            _ => self,
        }
    }

    /// Applies the state of the execution after StartExecution.
    #[must_use]
    pub fn started(self, execution: ExecutionState) -> Self {
        let at = match self.state {
            State::Start { received, case, attempts } if execution == ExecutionState::Failed => {
                State::Count { received, case, attempts: attempts + 1 }
            }
            State::Start { received, .. } => State::Done(IntakeResult { execution: Some(execution), ..received }),
            other => other,
        };
        Self { state: at, ..self }
    }

    fn decide(
        &self,
        latest: Option<CaseProgress>,
        finding: Option<FindingProgress>,
        its_case: Option<CaseProgress>,
    ) -> State {
        let known = finding.map(|finding| KnownFinding { finding, case: its_case });
        let intake = decide_intake(self.finding, self.now, latest, known, self.rules);
        // An unfinished case needs an execution that will end it, even if another finding opened it.
        let (case, unfinished) = match intake.case() {
            Some(number) => (Some(number), true),
            None => (its_case.map(|case| case.number), its_case.is_some_and(|case| case.status.is_active())),
        };
        let received = IntakeResult { intake, case, execution: None };
        match intake.write(self.finding, finding) {
            Some(write) => State::Write { write, received, unfinished },
            None => state_after_intake(received, unfinished),
        }
    }
}

/// The state after the intake was written.
fn state_after_intake(received: IntakeResult, unfinished: bool) -> State {
    match received.case {
        Some(number) if unfinished => State::Case { received, number, attempts: 0 },
        _ => State::Done(received),
    }
}

/// The write that counts a failed execution and reserves the next attempt.
#[must_use]
pub(super) fn count_next_attempt(after: u32) -> CaseWrite {
    let conditions = [Condition::IsActive, Condition::Attempt(after)];
    CaseWrite::new(conditions, [Change::SetAttempt(after.saturating_add(1))])
}
