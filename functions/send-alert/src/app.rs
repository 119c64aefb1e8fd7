//! The adapters of the function.

use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::events::Events;
use gumshoe_aws::topic::Topic;

/// The adapters of send-alert.
pub(crate) struct App {
    pub(crate) table: CaseTable,
    pub(crate) topic: Topic,
    pub(crate) events: Events,
}
