//! open-case: a finding and its case.
//!
//! ```text
//! read the latest case ─ read the finding ─ read its case ─ decide ─ write ─ read the case ─ start its execution
//!           └──────────────── somebody else was faster ───────────────┘         └── dead: count it ──┘
//! ```

use super::ExecutionState;
use crate::case::intake::{IntakeDecision, IntakeRules, KnownFinding, decide_intake};
use crate::case::write::{CaseWrite, Change, Condition, IntakeWrite};
use crate::case::{CaseNumber, CaseProgress, FindingProgress};
use crate::finding::FindingState;
use jiff::Timestamp;

/// How often a decision is taken anew when somebody else was faster. Each time, somebody else's write went through: not
/// more than the ten invocations that the queue's trigger allows can meet on one finding or case. (That a finding joins
/// does not change what another's joining asks for; only a case that closes, or opens, does.)
const MAX_DECISIONS: u8 = 12;

/// How many executions of one case may be found dead in a row.
const MAX_FAILED_EXECUTIONS: u8 = 3;

/// A finding on its way into its case. Going it again changes nothing.
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

/// What became of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IntakeResult {
    /// What was decided.
    pub intake: IntakeDecision,
    /// The case that it is part of, where there is one.
    pub case: Option<CaseNumber>,
    /// How the case's execution stands, where it was asked for.
    pub execution: Option<ExecutionState>,
}

impl IntakeResult {
    /// Whether it told anything that the case did not know.
    #[must_use]
    pub fn is_new_information(&self) -> bool {
        !matches!(self.intake, IntakeDecision::Suppress(_) | IntakeDecision::Unchanged(_))
    }
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum IntakeStep {
    /// Read the subject's latest case: [`Receiving::read_case`].
    ReadLatest,
    /// Read the finding's record: [`Receiving::read_finding`].
    ReadFinding,
    /// Read the subject's case of that sequence: [`Receiving::read_case`].
    ReadCase(u32),
    /// Take the finding in: [`Receiving::wrote`].
    Write(IntakeWrite),
    /// Write to the case: [`Receiving::wrote`].
    WriteCase(CaseNumber, CaseWrite),
    /// Start the case's execution: [`Receiving::started`].
    Start(CaseProgress),
    /// It is done.
    Done(IntakeResult),
    /// Somebody else was faster all the time: try again later.
    ContentionExhausted,
    /// Each execution of the case is dead: try again later.
    ExecutionsKeepFailing(CaseNumber),
}

impl IntakeFlow {
    /// A finding in that state begins its way.
    #[must_use]
    pub fn begin(finding: FindingState, now: Timestamp, rules: IntakeRules) -> Self {
        Self { finding, now, rules, decisions: 1, state: State::Latest }
    }

    /// What to do next.
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

    /// Goes on with a case that was read.
    #[must_use]
    pub fn read_case(self, read: Option<CaseProgress>) -> Self {
        let at = match self.state {
            State::Latest => State::Finding { latest: read },
            State::FindingCase { latest, finding } => {
                self.decide(latest, Some(finding), read.filter(|case| case.number == finding.case))
            }
            State::Case { received, number, attempts } => match read.filter(|case| case.number == number) {
                // Forgotten since, or ended since, with all that had joined; what is watched is brought back by the sweep.
                None => State::Done(received),
                Some(case) if !case.status.is_active() => State::Done(received),
                Some(case) => State::Start { received, case, attempts },
            },
            other => other,
        };
        Self { state: at, ..self }
    }

    /// Goes on with the finding's record.
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

    /// Goes on after a write that went through, or whose condition did not hold.
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
            // Counted, by this invocation or by another: what matters is the case as it is now.
            State::Count { received, case, attempts } if attempts < MAX_FAILED_EXECUTIONS => {
                Self { state: State::Case { received, number: case.number, attempts }, ..self }
            }
            State::Count { case, .. } => Self { state: State::ExecutionsKeepFailing(case.number), ..self },
            _ => self,
        }
    }

    /// Goes on after the execution was started, or found.
    #[must_use]
    pub fn started(self, standing: ExecutionState) -> Self {
        let at = match self.state {
            State::Start { received, case, attempts } if standing == ExecutionState::Failed => {
                State::Count { received, case, attempts: attempts + 1 }
            }
            State::Start { received, .. } => State::Done(IntakeResult { execution: Some(standing), ..received }),
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
        // An unfinished case needs an execution that will end it, whoever opened it.
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

/// Where it goes on when the finding is taken in.
fn state_after_intake(received: IntakeResult, unfinished: bool) -> State {
    match received.case {
        Some(number) if unfinished => State::Case { received, number, attempts: 0 },
        _ => State::Done(received),
    }
}

/// Counts one more attempt at a case's execution, after this one died.
#[must_use]
pub(super) fn count_next_attempt(after: u32) -> CaseWrite {
    let conditions = [Condition::IsActive, Condition::Attempt(after)];
    CaseWrite::new(conditions, [Change::SetAttempt(after.saturating_add(1))])
}
