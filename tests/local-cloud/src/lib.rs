//! The local cloud: the emulator and the Detective simulator on free loopback ports, the stack deployed to them by the
//! real `sam build` and `sam deploy`, findings sent in, alerts received.
//!
//! `make demo` and the end-to-end tests use it. Nothing it starts outlives it, however it ends.

mod api;
mod artifacts;
mod cases;
mod demo;
mod deploy;
mod emulator;
mod error;
mod findings;
mod inbox;
mod isolation;
mod moves;
mod narrate;
mod process;
mod profile;
mod proxy;
mod relay;
mod session;
mod stack;
mod tools;
mod update;

pub use api::{Api, form_encoded};
pub use cases::{CaseItem, FindingItem};
pub use demo::{Demo, DemoScenario, run as demo};
pub use error::CloudError;
pub use findings::{REHEARSAL_SOURCE, detail_of};
pub use inbox::{Inbox, Received};
pub use isolation::{Isolation, Unrouted, build_and_isolate, isolated};
pub use moves::MessageMoves;
pub use profile::Profile;
pub use proxy::{Asked, Gate, Meddler, Mishap, Proxy};
pub use relay::RELAY_KEY;
pub use reqwest::Method;
pub use session::{Answer, Call, Session};
pub use stack::{
    GRAPH_STACK, Letter, LocalCloud, MEMBER_STACK, MEMBERS, OTHER_REGION, OWN_ACCOUNT, Options, Outputs, REGIONS,
    build, deployed_name, keep_graph_role,
};
pub use tools::Tools;
pub use update::update;
