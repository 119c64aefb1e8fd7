//! open-case: a finding and its case.
//!
//! ```text
//! read the latest case ─ read the finding ─ read its case ─ decide ─ write ─ read the case ─ start its execution
//!           └──────────────── somebody else was faster ───────────────┘         └── dead: count it ──┘
//! ```

use super::Standing;
use crate::case::intake::{Intake, IntakeRules, Known, receive};
use crate::case::write::{CaseWrite, Change, Condition, IntakeWrite};
use crate::case::{CaseNumber, CaseProgress, FindingProgress};
use crate::finding::FindingState;
use jiff::Timestamp;

/// How often a decision is taken anew when somebody else was faster. Each time, somebody else's write went through: not
/// more than the ten invocations that the queue's trigger allows can meet on one finding or case. (That a finding joins
/// does not change what another's joining asks for; only a case that closes, or opens, does.)
const DECISIONS: u8 = 12;

/// How many executions of one case may be found dead in a row.
const ATTEMPTS: u8 = 3;

/// A finding on its way into its case. Going it again changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Receiving {
    finding: FindingState,
    now: Timestamp,
    rules: IntakeRules,
    decisions: u8,
    at: At,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum At {
    Latest,
    Finding { latest: Option<CaseProgress> },
    ItsCase { latest: Option<CaseProgress>, finding: FindingProgress },
    Write { write: IntakeWrite, received: Received, unfinished: bool },
    Case { received: Received, number: CaseNumber, attempts: u8 },
    Start { received: Received, case: CaseProgress, attempts: u8 },
    Count { received: Received, case: CaseProgress, attempts: u8 },
    Done(Received),
    Lifeless(CaseNumber),
    Hurried,
}

/// What became of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Received {
    /// What was decided.
    pub intake: Intake,
    /// The case that it is part of, where there is one.
    pub case: Option<CaseNumber>,
    /// How the case's execution stands, where it was asked for.
    pub standing: Option<Standing>,
}

impl Received {
    /// Whether it told anything that the case did not know.
    #[must_use]
    pub fn is_news(&self) -> bool {
        !matches!(self.intake, Intake::Suppress(_) | Intake::Present(_))
    }
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ReceivingStep {
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
    Done(Received),
    /// Somebody else was faster all the time: try again later.
    Hurried,
    /// Each execution of the case is dead: try again later.
    Lifeless(CaseNumber),
}

impl Receiving {
    /// A finding in that state begins its way.
    #[must_use]
    pub fn begin(finding: FindingState, now: Timestamp, rules: IntakeRules) -> Self {
        Self { finding, now, rules, decisions: 1, at: At::Latest }
    }

    /// What to do next.
    #[must_use]
    pub fn step(&self) -> ReceivingStep {
        match &self.at {
            At::Latest => ReceivingStep::ReadLatest,
            At::Finding { .. } => ReceivingStep::ReadFinding,
            At::ItsCase { finding, .. } => ReceivingStep::ReadCase(finding.case.sequence),
            At::Write { write, .. } => ReceivingStep::Write(write.clone()),
            At::Case { number, .. } => ReceivingStep::ReadCase(number.sequence),
            At::Start { case, .. } => ReceivingStep::Start(*case),
            At::Count { case, .. } => ReceivingStep::WriteCase(case.number, next_attempt(case.execution_attempt)),
            At::Done(received) => ReceivingStep::Done(*received),
            At::Lifeless(number) => ReceivingStep::Lifeless(*number),
            At::Hurried => ReceivingStep::Hurried,
        }
    }

    /// Goes on with a case that was read.
    #[must_use]
    pub fn read_case(self, read: Option<CaseProgress>) -> Self {
        let at = match self.at {
            At::Latest => At::Finding { latest: read },
            At::ItsCase { latest, finding } => {
                self.decide(latest, Some(finding), read.filter(|case| case.number == finding.case))
            }
            At::Case { received, number, attempts } => match read.filter(|case| case.number == number) {
                // Forgotten since, or ended since, with all that had joined; what is watched is brought back by the sweep.
                None => At::Done(received),
                Some(case) if !case.status.is_under_way() => At::Done(received),
                Some(case) => At::Start { received, case, attempts },
            },
            other => other,
        };
        Self { at, ..self }
    }

    /// Goes on with the finding's record.
    #[must_use]
    pub fn read_finding(self, read: Option<FindingProgress>) -> Self {
        let At::Finding { latest } = self.at else { return self };
        let at = match read {
            None => self.decide(latest, None, None),
            Some(finding) => match latest.filter(|case| case.number == finding.case) {
                Some(latest) => self.decide(Some(latest), Some(finding), Some(latest)),
                None => At::ItsCase { latest, finding },
            },
        };
        Self { at, ..self }
    }

    /// Goes on after a write that went through, or whose condition did not hold.
    #[must_use]
    pub fn wrote(self, went_through: bool) -> Self {
        match self.at {
            At::Write { received, unfinished, .. } if went_through => Self { at: ensure(received, unfinished), ..self },
            At::Write { .. } if self.decisions < DECISIONS => {
                Self { decisions: self.decisions + 1, at: At::Latest, ..self }
            }
            At::Write { .. } => Self { at: At::Hurried, ..self },
            // Counted, by this invocation or by another: what matters is the case as it is now.
            At::Count { received, case, attempts } if attempts < ATTEMPTS => {
                Self { at: At::Case { received, number: case.number, attempts }, ..self }
            }
            At::Count { case, .. } => Self { at: At::Lifeless(case.number), ..self },
            _ => self,
        }
    }

    /// Goes on after the execution was started, or found.
    #[must_use]
    pub fn started(self, standing: Standing) -> Self {
        let at = match self.at {
            At::Start { received, case, attempts } if standing == Standing::Dead => {
                At::Count { received, case, attempts: attempts + 1 }
            }
            At::Start { received, .. } => At::Done(Received { standing: Some(standing), ..received }),
            other => other,
        };
        Self { at, ..self }
    }

    fn decide(
        &self,
        latest: Option<CaseProgress>,
        finding: Option<FindingProgress>,
        its_case: Option<CaseProgress>,
    ) -> At {
        let known = finding.map(|finding| Known { finding, case: its_case });
        let intake = receive(self.finding, self.now, latest, known, self.rules);
        // An unfinished case needs an execution that will end it, whoever opened it.
        let (case, unfinished) = match intake.case() {
            Some(number) => (Some(number), true),
            None => (its_case.map(|case| case.number), its_case.is_some_and(|case| case.status.is_under_way())),
        };
        let received = Received { intake, case, standing: None };
        match intake.write(self.finding, finding) {
            Some(write) => At::Write { write, received, unfinished },
            None => ensure(received, unfinished),
        }
    }
}

/// Where it goes on when the finding is taken in.
fn ensure(received: Received, unfinished: bool) -> At {
    match received.case {
        Some(number) if unfinished => At::Case { received, number, attempts: 0 },
        _ => At::Done(received),
    }
}

/// Counts one more attempt at a case's execution, after this one died.
#[must_use]
pub(super) fn next_attempt(after: u32) -> CaseWrite {
    let conditions = [Condition::IsUnderWay, Condition::Attempt(after)];
    CaseWrite::new(conditions, [Change::Attempt(after.saturating_add(1))])
}
