//! What is explored: the findings, the faults and the clock.

use crate::actions::StepResult;
use crate::machine::LoopLimits;
use crate::mutation::Mutation;
use gumshoe_domain::case::{CoverageKind, FollowUpRule};
use gumshoe_domain::finding::{FindingState, Severity};
use jiff::SignedDuration;

/// A finding in one of its states, as EventBridge delivers it.
#[derive(Debug, Clone)]
pub struct Message {
    /// Which finding.
    pub finding: usize,
    /// The subjects whose cases it joins: more than one for an attack sequence with several actors.
    pub subjects: Vec<usize>,
    /// Its severity and count.
    pub state: FindingState,
}

impl Message {
    /// A finding about one principal, in the band Medium or High, with this count.
    ///
    /// # Panics
    ///
    /// Never: both severities are valid.
    #[must_use]
    pub fn new(finding: usize, subject: usize, high: bool, count: u64) -> Self {
        let severity = Severity::new(if high { 8.0 } else { 5.0 }).expect("constant is a valid severity");
        Self { finding, subjects: vec![subject], state: FindingState { severity, count, updated_at: None } }
    }

    /// The same, about another principal too.
    #[must_use]
    pub fn and_about(mut self, subject: usize) -> Self {
        self.subjects.push(subject);
        self
    }
}

/// The most faults of each kind, and together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct FaultLimits {
    /// All of the following together.
    pub faults: u8,
    /// Functions that crash between two steps.
    pub crashes: u8,
    /// Responses of SNS, Step Functions or the table that are lost after the request was carried out.
    pub lost_responses: u8,
    /// Messages that the queue delivers again after they were processed.
    pub redeliveries: u8,
    /// Invocations that Step Functions abandons while they continue.
    pub orphans: u8,
    /// Tasks that fail in every attempt.
    pub outages: u8,
    /// Executions that a person starts in addition to the case's own.
    pub manual_starts: u8,
    /// Failed executions that a person redrives.
    pub redrives: u8,
    /// Executions that a person stops. EventBridge sends no event for these.
    pub stops: u8,
}

impl FaultLimits {
    /// One fault less of this kind.
    pub(crate) fn decremented(mut self, kind: impl FnOnce(&mut Self) -> &mut u8) -> Self {
        *kind(&mut self) -= 1;
        self.faults -= 1;
        self
    }

    /// What is left after a step. `None` if the fault leads to the same state as another step.
    pub(crate) fn after_step(self, result: StepResult, effect: bool) -> Option<Self> {
        match result {
            StepResult::Ok => Some(self),
            // A crash before the first effect equals no call.
            _ if !effect => None,
            StepResult::Crash => Some(self.decremented(|left| &mut left.crashes)),
            StepResult::ResponseLost | StepResult::Refused => Some(self.decremented(|left| &mut left.lost_responses)),
        }
    }
}

/// The time that passes, and the skew of clocks.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// The length of each long step of time, in hours.
    pub hour_steps: Vec<i64>,
    /// Half the difference between the clocks of two functions.
    pub skew_seconds: i64,
}

impl Config {
    /// With follow-ups: the shortest delay after the last activity, so that no time has to pass.
    pub(crate) fn follow_up_rule(&self) -> FollowUpRule {
        if self.has_follow_up { FollowUpRule::after(SignedDuration::from_nanos(1)) } else { FollowUpRule::OFF }
    }
}

/// What is explored.
#[derive(Debug, Clone)]
pub struct Config {
    /// The findings that arrive, in any order.
    pub messages: Vec<Message>,
    /// The number of concurrent invocations of open-case: 1 or 2.
    pub open_case_concurrency: usize,
    /// The most faults.
    pub fault_limits: FaultLimits,
    /// The time that passes, and the skew of clocks.
    pub clock: Clock,
    /// The limits of the state machine's loops.
    pub loop_limits: LoopLimits,
    /// Whether GuardDuty is asked about findings in the band High. A case with one that it was not asked about gets another round.
    pub asks_guardduty: bool,
    /// Whether quiet cases get a follow-up investigation. It is due immediately: no time has to pass.
    pub has_follow_up: bool,
    /// Whether other steps happen between the start of an investigation and its end. Not together with follow-ups.
    pub interleaves_investigations: bool,
    /// Whether an execution may exhaust its retries before the claims of other executions expire.
    pub exhausts_retries: bool,
    /// The number of concurrent sweeps of one case.
    pub sweep_concurrency: usize,
    /// Whether failures that prevent an investigation are transient.
    pub is_transient: bool,
    /// Whether Detective has data of the principals' accounts. A failure to read this is permanent.
    pub coverage: CoverageKind,
    /// The deliberate mistake, if any.
    pub mutation: Option<Mutation>,
}
