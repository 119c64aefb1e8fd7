//! What is explored: the findings, how much goes wrong, and how long time is.

use crate::actions::Goes;
use crate::fault::Faulty;
use crate::machine::Loops;
use gumshoe_domain::case::{CoverageKind, FollowUpRule};
use gumshoe_domain::finding::{FindingState, Severity};
use jiff::SignedDuration;

/// A finding in one of its states, on its way from EventBridge.
#[derive(Debug, Clone)]
pub struct Message {
    /// Which finding.
    pub finding: usize,
    /// Whose cases it joins: more than one for an attack sequence of several actors.
    pub subjects: Vec<usize>,
    /// Its state.
    pub state: FindingState,
}

impl Message {
    /// A finding about one principal, in the band Medium or High, seen so often.
    ///
    /// # Panics
    ///
    /// Never: both severities are ones.
    #[must_use]
    pub fn new(finding: usize, subject: usize, high: bool, count: u64) -> Self {
        let severity = Severity::new(if high { 8.0 } else { 5.0 }).expect("it is one");
        Self { finding, subjects: vec![subject], state: FindingState { severity, count, updated_at: None } }
    }

    /// The same, about another principal too.
    #[must_use]
    pub fn and_about(mut self, subject: usize) -> Self {
        self.subjects.push(subject);
        self
    }
}

/// How much goes wrong, at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Bounds {
    /// All of the following together.
    pub faults: u8,
    /// Functions that die between two steps.
    pub crashes: u8,
    /// Answers of SNS, Step Functions or the table that are lost, although they did what was asked.
    pub lost: u8,
    /// Messages that the queue delivers again although they were worked.
    pub repeats: u8,
    /// Invocations that Step Functions gives up while they run on.
    pub orphans: u8,
    /// Tasks that fail however often they are tried.
    pub outages: u8,
    /// Executions that a person starts beside the case's own.
    pub by_hand: u8,
    /// Failed executions that a person redrives.
    pub redrives: u8,
    /// Executions that a person stops, of which EventBridge does not tell.
    pub stops: u8,
}

impl Bounds {
    /// One less of a kind.
    pub(crate) fn without(mut self, kind: impl FnOnce(&mut Self) -> &mut u8) -> Self {
        *kind(&mut self) -= 1;
        self.faults -= 1;
        self
    }

    /// What is left after a step; nothing where what goes wrong makes no difference to another step.
    pub(crate) fn after(self, goes: Goes, effect: bool) -> Option<Self> {
        match goes {
            Goes::Well => Some(self),
            // A function that dies before it has changed anything might as well not have been called.
            _ if !effect => None,
            Goes::Dies => Some(self.without(|left| &mut left.crashes)),
            Goes::Unheard | Goes::Refused => Some(self.without(|left| &mut left.lost)),
        }
    }
}

/// How time passes.
#[derive(Debug, Clone, Default)]
pub struct Time {
    /// How many hours pass at each long step of time.
    pub steps: Vec<i64>,
    /// Half the difference between two functions' clocks, in seconds.
    pub skew: i64,
}

impl Config {
    /// When quiet cases are looked at again: the shortest while after the last activity, which is less than a second.
    pub(crate) fn second_look(&self) -> FollowUpRule {
        if self.second_look { FollowUpRule::after(SignedDuration::from_nanos(1)) } else { FollowUpRule::OFF }
    }
}

/// What is explored.
#[derive(Debug, Clone)]
pub struct Config {
    /// The findings that come, in any order.
    pub messages: Vec<Message>,
    /// How many invocations of open-case there are at once: 1 or 2.
    pub intakes: usize,
    /// How much goes wrong.
    pub bounds: Bounds,
    /// How time passes.
    pub time: Time,
    /// How long the machine's loops are.
    pub loops: Loops,
    /// Whether GuardDuty is asked about findings in the band High: a case with one that it was not asked about yet goes
    /// round again.
    pub second_engine: bool,
    /// Whether quiet cases are looked at again. The second look is due at once: no time has to pass.
    pub second_look: bool,
    /// Whether other things happen between the start of an investigation and its end. Not together with second looks.
    pub interleaves_investigations: bool,
    /// Whether an execution whose alert others have claimed may use up its retries before their claims are over.
    pub uses_up_retries: bool,
    /// How many sweeps work the same case at once.
    pub sweeps: usize,
    /// Whether what keeps a case from being investigated may pass.
    pub is_transient: bool,
    /// Whether Detective has data of the principals' accounts. Where that cannot be read, the failure does not pass.
    pub coverage: CoverageKind,
    /// A mistake that is made on purpose.
    pub faulty: Option<Faulty>,
}
