//! What is explored: who asks, how much goes wrong, and how time passes.

use super::fault::Faulty;
use gumshoe_domain::guardduty::{InvestigationRequest, QuotaLimits};

/// One line of invocations of start-investigation, one after the other. Two lines of one case are two at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ask {
    /// Whose.
    pub case: u8,
    /// About which finding.
    pub finding: u8,
    /// Whether that is Critical.
    pub critical: bool,
    /// How often it is invoked, at most: Step Functions tries again, and the case's next round asks again.
    pub times: u8,
}

impl Ask {
    /// A case asks about a Critical finding, once.
    #[must_use]
    pub fn new(case: u8, finding: u8) -> Self {
        Self { case, finding, critical: true, times: 1 }
    }

    /// The same, so often.
    #[must_use]
    pub fn times(self, times: u8) -> Self {
        Self { times, ..self }
    }

    /// The same, about a finding that is not Critical.
    #[must_use]
    pub fn not_critical(self) -> Self {
        Self { critical: false, ..self }
    }

    pub(crate) fn request(self) -> InvestigationRequest {
        let Self { case, finding, critical, .. } = self;
        InvestigationRequest { prompt: prompt(finding), token: format!("{case}/{finding}"), is_critical: critical }
    }
}

/// What is asked about a finding.
pub(crate) fn prompt(finding: u8) -> String {
    format!("f{finding}")
}

/// How much happens, at most, that need not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Bounds {
    /// All that goes wrong of the following together: the first five.
    pub faults: u8,
    /// Invocations that die between two steps.
    pub crashes: u8,
    /// Answers of CreateInvestigation that are lost, whether or not it was carried out.
    pub lost: u8,
    /// Answers of the table that are lost: the SDK writes again, and hears that somebody was faster.
    pub unheard: u8,
    /// Calls of CreateInvestigation that are refused for other reasons than the quota.
    pub denied: u8,
    /// Calls of ListInvestigations that fail.
    pub unlisted: u8,
    /// Investigations that fail.
    pub failing: u8,
    /// Invocations that give the slot of a failed one back.
    pub givings: u8,
    /// Investigations that people ask for by hand, in their own words.
    pub by_hand: u8,
    /// Those about the first finding, in the same words as ours.
    pub same_by_hand: u8,
}

/// What is explored.
#[derive(Debug, Clone)]
pub struct Config {
    /// Who asks.
    pub asks: Vec<Ask>,
    /// How many invocations of start-investigation there are at once.
    pub together: usize,
    /// How many investigations there are.
    pub limits: QuotaLimits,
    /// What else happens.
    pub bounds: Bounds,
    /// How many minutes pass at a time, each once, in any order.
    pub time: Vec<i64>,
    /// By how many minutes an invocation's clock may be off.
    pub clocks: Vec<i64>,
    /// A mistake that is made on purpose.
    pub faulty: Option<Faulty>,
}

impl Config {
    pub(crate) fn is(&self, faulty: Faulty) -> bool {
        self.faulty == Some(faulty)
    }
}
