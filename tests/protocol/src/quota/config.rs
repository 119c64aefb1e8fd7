//! What is explored: the requesters, the faults and the clock.

use super::mutation::Mutation;
use gumshoe_domain::guardduty::{InvestigationRequest, QuotaLimits};

/// A sequence of invocations of start-investigation. Two sequences of one case run concurrently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Requester {
    /// The case.
    pub case: u8,
    /// The finding.
    pub finding: u8,
    /// Whether the finding is Critical.
    pub critical: bool,
    /// The most invocations: Step Functions retries, and the case's next round requests again.
    pub max_invocations: u8,
}

impl Requester {
    /// A case requests an investigation of a Critical finding, once.
    #[must_use]
    pub fn new(case: u8, finding: u8) -> Self {
        Self { case, finding, critical: true, max_invocations: 1 }
    }

    /// The same, with this many invocations.
    #[must_use]
    pub fn times(self, times: u8) -> Self {
        Self { max_invocations: times, ..self }
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

/// The prompt for a finding.
pub(crate) fn prompt(finding: u8) -> String {
    format!("f{finding}")
}

/// The most faults and optional actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct FaultLimits {
    /// Faults together: the first five of the following.
    pub faults: u8,
    /// Invocations that crash between two steps.
    pub crashes: u8,
    /// Lost responses of CreateInvestigation, whether or not it was carried out.
    pub lost_create_responses: u8,
    /// Lost responses of the table: the SDK writes again, and the condition is no longer satisfied.
    pub lost_table_responses: u8,
    /// Calls of CreateInvestigation that are refused for another reason than the quota.
    pub denied: u8,
    /// Calls of ListInvestigations that fail.
    pub failed_lists: u8,
    /// Investigations that fail.
    pub failed_investigations: u8,
    /// Invocations that release the slot of a failed investigation.
    pub releases: u8,
    /// Investigations that people request manually, with other prompts.
    pub manual_requests: u8,
    /// Investigations that people request manually, with our prompt for the first finding.
    pub manual_requests_with_same_prompt: u8,
}

/// What is explored.
#[derive(Debug, Clone)]
pub struct Config {
    /// The requesters.
    pub requesters: Vec<Requester>,
    /// The number of concurrent invocations of start-investigation.
    pub concurrency: usize,
    /// GuardDuty's quota.
    pub limits: QuotaLimits,
    /// The faults and optional actions.
    pub fault_limits: FaultLimits,
    /// The steps of time, in minutes: each once, in any order.
    pub minute_steps: Vec<i64>,
    /// The possible offsets of an invocation's clock, in minutes.
    pub clock_offsets_minutes: Vec<i64>,
    /// A deliberate mistake.
    pub mutation: Option<Mutation>,
}

impl Config {
    pub(crate) fn has_mutation(&self, mutation: Mutation) -> bool {
        self.mutation == Some(mutation)
    }
}
