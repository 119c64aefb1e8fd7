//! What the function works with.

use crate::addresses::Addresses;
use crate::post::Poster;
use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::dead_letters::DeadLetters;

/// Everything that relay-alert works with.
pub(crate) struct App {
    pub(crate) table: CaseTable,
    pub(crate) dead_letters: DeadLetters,
    pub(crate) addresses: Addresses,
    pub(crate) poster: Poster,
}
