//! Shared test support for handlers and adapters.
//!
//! - [`findings`] creates findings as GuardDuty publishes them, and [`finding`] parses one.
//! - [`FakeAws`] is AWS without Detective and GuardDuty: a table that evaluates conditions and updates as DynamoDB does, a topic, an
//!   event bus and a bucket, all in memory behind the SDK's real clients. Calls can fail before or after they take effect, and other
//!   work can run just before a call.
//! - [`simulator_config`] configures clients of the simulator, which simulates Detective and GuardDuty.
//! - [`Cases`] opens, extends and assesses cases in the table through the real adapter.
//! - [`Scene`] combines all of them, for handlers that also call Detective or GuardDuty.
//!
//! [`assert_causes_not_repeated`] checks the errors of adapters.
//!
//! The crate needs only Rust. It must not depend on the local cloud.

#![expect(clippy::unwrap_used, clippy::panic, reason = "only tests use it, and say what they expect by unwrapping it")]

mod cases;
mod errors;
mod fake_aws;
mod scene;
mod simulator_config;

pub use cases::{Cases, assessment, finding};
pub use errors::assert_causes_not_repeated;
pub use fake_aws::{CallFault, Event, FakeAws, Published, sets_attribute};
pub use findings;
pub use scene::Scene;
pub use simulator_config::{now, simulator_config, with_retries};
pub use wire::AwsCall;
