//! What the function works with.

use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::events::Events;
use gumshoe_aws::topic::Topic;

/// Everything that send-alert works with.
pub(crate) struct App {
    pub(crate) table: CaseTable,
    pub(crate) topic: Topic,
    pub(crate) events: Events,
}
