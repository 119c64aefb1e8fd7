//! The local cloud: the emulator and the Detective simulator on free loopback ports, the stack deployed to them by the
//! real `sam build` and `sam deploy`, findings sent in, alerts received.
//!
//! `make demo` and the end-to-end tests use it. Nothing it starts outlives it, however it ends.

mod api;
mod cases;
mod demo;
mod deploy;
mod emulator;
mod error;
mod findings;
mod inbox;
mod narrate;
mod papers;
mod process;
mod proxy;
mod relay;
mod stack;
mod tools;

pub use api::Api;
pub use cases::CaseItem;
pub use demo::{Demo, DemoScenario, run as demo};
pub use error::CloudError;
pub use findings::{REHEARSAL_SOURCE, detail_of};
pub use inbox::{Inbox, Received};
pub use proxy::{Publishing, SnsProxy};
pub use relay::RELAY_KEY;
pub use stack::{LocalCloud, OWN_ACCOUNT, Options, Outputs};
pub use tools::Tools;
