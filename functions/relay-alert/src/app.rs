//! The clients and the configuration of the function.

use crate::channel_config::ChannelConfigCache;
use crate::post::Poster;
use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::dead_letters::DeadLetters;

/// The clients and the configuration of relay-alert.
pub(crate) struct App {
    pub(crate) table: CaseTable,
    pub(crate) dead_letters: DeadLetters,
    pub(crate) channel_config: ChannelConfigCache,
    pub(crate) poster: Poster,
}
