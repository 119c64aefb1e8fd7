//! The client and settings of the function.

use gumshoe_graph::aws::memberships::Memberships;
use gumshoe_graph::settings;

pub(crate) struct App {
    pub(crate) memberships: Memberships,
    pub(crate) settings: settings::KeepMembership,
}
