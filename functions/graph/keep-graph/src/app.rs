//! What the function works with.

use gumshoe_aws::topic::Topic;
use gumshoe_graph::aws::behavior_graph::BehaviorGraph;
use gumshoe_graph::aws::notified_state_table::NotifiedStateTable;
use gumshoe_graph::aws::organization::Organization;
use gumshoe_graph::aws::parameters::Parameter;
use gumshoe_graph::settings;
use gumshoe_runtime::Metrics;

/// Everything that keep-graph works with.
pub(crate) struct App {
    pub(crate) behavior: BehaviorGraph,
    /// The same, in the organization's management account.
    pub(crate) management: Option<BehaviorGraph>,
    /// Organizations there.
    pub(crate) organization: Option<Organization>,
    pub(crate) accounts: Organization,
    pub(crate) document: Parameter,
    pub(crate) table: NotifiedStateTable,
    /// Where a version without a graph stack kept what people were notified of.
    pub(crate) earlier_table: Option<NotifiedStateTable>,
    pub(crate) topic: Topic,
    pub(crate) metrics: Metrics,
    pub(crate) settings: settings::KeepGraph,
}
