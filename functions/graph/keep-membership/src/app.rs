//! What the function works with.

use gumshoe_graph::aws::memberships::Memberships;
use gumshoe_graph::settings;

/// Everything that keep-membership works with.
pub(crate) struct App {
    pub(crate) memberships: Memberships,
    pub(crate) settings: settings::KeepMembership,
}
