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
mod message_move;
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
pub use inbox::{Inbox, ReceivedMessage};
pub use isolation::{Isolation, UnroutedPackets, build_and_isolate, isolated_command};
pub use message_move::MessageMoveProxy;
pub use profile::Profile;
pub use proxy::{CallGate, FaultInjector, ProxiedCall, Proxy, ProxyFault};
pub use relay::RELAY_KEY;
pub use reqwest::Method;
pub use session::{RawResponse, Session, SignedRequest};
pub use stack::{
    DeadLetter, GRAPH_STACK, LocalCloud, MEMBER_ACCOUNTS, MEMBER_STACK, OTHER_REGION, Options, Outputs, REGIONS,
    STACK_ACCOUNT, build, deployed_name, keep_graph_role,
};
pub use tools::Tools;
pub use update::update;
