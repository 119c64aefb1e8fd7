//! What the function works with.

use crate::guardduty::SecondEngine;
use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::detective::Detective;
use gumshoe_domain::Regions;
use gumshoe_domain::schedule::Schedule;
use jiff::SignedDuration;

/// Everything that start-investigation works with.
pub(crate) struct App {
    pub(crate) table: CaseTable,
    pub(crate) detective: Detective,
    /// The graph of its own Region, where it is not to be looked up.
    pub(crate) graph_arn: Option<String>,
    /// The Regions in which is investigated.
    pub(crate) regions: Regions,
    pub(crate) scope: SignedDuration,
    pub(crate) schedule: Schedule,
    pub(crate) second: SecondEngine,
    /// Whether the stack archives investigations of quiet cases.
    pub(crate) archives_quiet: bool,
}
