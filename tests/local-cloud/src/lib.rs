//! The local cloud: the AWS emulator and the simulator of Detective and GuardDuty on free loopback ports, with the stack deployed
//! by the real `sam build` and `sam deploy`. Findings are sent in, and alerts are received.
//!
//! `make demo` and the end-to-end tests use it. All processes that it starts end with it, even if it is killed.
//!
//! # Layout
//!
//! - [`LocalCloud`]: starts, deploys and queries everything.
//! - [`Proxy`]: between the functions and the emulator; injects faults.
//! - [`Inbox`]: the messages of the topic's subscribers.
//! - [`demo()`]: `make demo`; the module `narrate` turns an execution's history into text.

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
