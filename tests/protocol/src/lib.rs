//! The model of Gumshoe's promise: no finding is lost, and nothing is said twice.
//!
//! It explores every order in which messages are delivered and delivered again, invocations interleave, functions die
//! between two steps, answers are lost, executions fail and time passes. What it explores is no copy: the decisions, the
//! writes with their conditions, and the order of each function's steps are those of `gumshoe_domain::case`, which the
//! handlers run; the state machine is `infra/case/case.asl.json` itself. Only the services around them are made up: a table that
//! carries out conditional writes, a queue that delivers at least once, executions, and a topic that counts.
//!
//! docs/CASES.md has the diagrams, and says which property covers which race.

#![allow(clippy::expect_used, clippy::panic, reason = "a model that cannot be made is a test that fails")]
#![allow(clippy::large_enum_variant, reason = "states are copied, not moved: a box each would cost more")]

mod actions;
mod config;
mod definition;
mod execution;
mod fault;
mod intake;
mod machine;
mod model;
pub mod paths;
mod properties;
pub mod quota;
mod rows;
mod shared;
mod world;

pub use actions::Action;
pub use config::{Bounds, Config, Message, Time};
pub use fault::Faulty;
pub use machine::{Loops, Machine};
pub use model::Protocol;
pub use world::World;
