//! What the function works with.

use gumshoe_aws::detective::memberships::Memberships;
use std::collections::BTreeSet;

/// Everything that keep-membership works with.
pub(crate) struct App {
    pub(crate) memberships: Memberships,
    pub(crate) administrators: BTreeSet<String>,
    pub(crate) reject_others: bool,
}
