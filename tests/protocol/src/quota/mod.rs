//! The model of GuardDuty's quota: never are more investigations requested than the quota allows, although invocations run
//! concurrently, crash and are retried.
//!
//! It explores the flows that the handlers run, `RequestFlow` and `ReleaseSlotFlow` of `gumshoe_domain::guardduty`: every order of
//! their calls, while invocations crash, responses are lost, calls are refused, investigations fail, people request investigations
//! manually, and time passes by clocks that differ. Simulated are GuardDuty and the table's item, whose writes have its version as a
//! condition.

mod actions;
mod call;
mod config;
mod guardduty;
mod model;
mod mutation;
mod properties;
mod world;

pub use actions::{Action, StepResult};
pub use config::{Config, FaultLimits, Requester};
pub use model::Quota;
pub use mutation::Mutation;
pub use world::{ModelState, ReachedOutcomes};
