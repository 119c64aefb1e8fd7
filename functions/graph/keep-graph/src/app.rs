//! What the function works with.

use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::detective::graph::BehaviorGraph;
use gumshoe_aws::organization::Accounts;
use gumshoe_aws::parameters::Parameter;
use gumshoe_aws::topic::Topic;
use gumshoe_runtime::{Metrics, settings};

/// Everything that keep-graph works with.
pub(crate) struct App {
    pub(crate) behavior: BehaviorGraph,
    /// The same, in the organization's management account.
    pub(crate) management: Option<BehaviorGraph>,
    /// Organizations there.
    pub(crate) organization: Option<Accounts>,
    pub(crate) accounts: Accounts,
    pub(crate) document: Parameter,
    pub(crate) table: CaseTable,
    /// Where a version without a graph stack kept what people were notified of.
    pub(crate) earlier_table: Option<CaseTable>,
    pub(crate) topic: Topic,
    pub(crate) metrics: Metrics,
    pub(crate) settings: settings::KeepGraph,
}
