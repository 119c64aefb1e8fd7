//! What the function works with.

use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::detective::Detective;
use gumshoe_aws::events::Events;
use gumshoe_aws::evidence::Evidence;
use gumshoe_aws::guardduty::GuardDuty;
use gumshoe_aws::organization::Accounts;
use gumshoe_bootstrap::Metrics;
use gumshoe_domain::case::SecondLook;
use gumshoe_domain::guardduty::When;
use gumshoe_domain::verdict::Weights;
use gumshoe_domain::{Regions, VerdictLevel};

/// Everything that assess-case works with.
pub(crate) struct App {
    pub(crate) table: CaseTable,
    pub(crate) detective: Detective,
    pub(crate) guardduty: GuardDuty,
    /// The Regions in which is investigated.
    pub(crate) regions: Regions,
    /// For which cases GuardDuty is asked.
    pub(crate) when: When,
    pub(crate) accounts: Accounts,
    pub(crate) evidence: Evidence,
    pub(crate) events: Events,
    pub(crate) metrics: Metrics,
    pub(crate) threshold: VerdictLevel,
    pub(crate) weights: Weights,
    /// Whether investigations of cases that close quietly are archived in Detective.
    pub(crate) archives_quiet: bool,
    /// When quiet cases are looked at again.
    pub(crate) second_look: SecondLook,
}
