//! The clients and settings of the function.

use gumshoe_aws::topic::Topic;
use gumshoe_graph::aws::behavior_graph::BehaviorGraph;
use gumshoe_graph::aws::notified_state_table::NotifiedStateTable;
use gumshoe_graph::aws::organization::Organization;
use gumshoe_graph::aws::parameters::DocumentParameter;
use gumshoe_graph::settings;
use gumshoe_runtime::Metrics;

pub(crate) struct App {
    pub(crate) graph: BehaviorGraph,
    /// Detective in the organization's management account, if the stack has `ManagementRoleArn`.
    pub(crate) management_graph: Option<BehaviorGraph>,
    /// Organizations in the management account, if the stack has `ManagementRoleArn`.
    pub(crate) management_organization: Option<Organization>,
    pub(crate) organization: Organization,
    pub(crate) document: DocumentParameter,
    pub(crate) notified_table: NotifiedStateTable,
    /// The table of a case stack that managed the graph itself (parameter `EarlierTable`): the first run copies its state.
    pub(crate) earlier_table: Option<NotifiedStateTable>,
    pub(crate) topic: Topic,
    pub(crate) metrics: Metrics,
    pub(crate) settings: settings::KeepGraph,
}
