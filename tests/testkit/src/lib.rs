//! What the tests of handlers and adapters share.
//!
//! - [`findings`] are as GuardDuty writes them, and [`finding`] reads one.
//! - [`FakeAws`] is the AWS that handlers call besides Detective and GuardDuty: a table that evaluates conditions and
//!   updates as DynamoDB does, a topic, an event bus and a bucket, all in memory behind the SDK's real clients. Calls can be
//!   made to fail before or after they are carried out, and something else can be made to happen just before one.
//! - [`simulator_config`] configures clients of the simulator, which stands for Detective and GuardDuty.
//! - [`Cases`] opens cases in the table, has findings join them and assesses them, by the real adapter.
//! - [`Scene`] is all of it together, for handlers that call Detective and GuardDuty as well.
//!
//! Beside them, what is asserted of every adapter's errors.
//!
//! It runs wherever Rust does. It must not depend on the local cloud.

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
