//! The model that checks: no finding is lost, and no alert is sent twice without a mark.
//!
//! It explores every order in which messages are delivered and redelivered, invocations interleave, functions crash between two
//! steps, responses are lost, executions fail and time passes. It runs the product's code: the decisions, the conditional writes
//! and the order of each function's steps are those of `gumshoe_domain::case`, which the handlers run; the state machine is
//! `infra/case/case.asl.json` itself. Only the services are simulated: a table with conditional writes, a queue that delivers at
//! least once, executions, and a topic that counts.
//!
//! docs/CASES.md has the diagrams, and says which property covers which race.

#![allow(clippy::expect_used, clippy::panic, reason = "a model that cannot be built is a failed test")]
#![allow(clippy::large_enum_variant, reason = "states are copied: boxes would be slower")]

mod actions;
mod config;
mod definition;
mod execution;
mod machine;
mod model;
mod mutation;
mod open_case;
pub mod paths;
mod properties;
pub mod quota;
mod rows;
mod shared;
mod world;

pub use actions::Action;
pub use config::{Clock, Config, FaultLimits, Message};
pub use machine::{LoopLimits, Machine};
pub use model::Protocol;
pub use mutation::Mutation;
pub use world::ModelState;
