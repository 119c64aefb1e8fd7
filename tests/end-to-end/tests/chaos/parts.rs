//! Unit tests of the campaign's parts: traffic, fault plan and ledger. They start nothing.
//!
//! The campaign itself (`main.rs`) has its own main function, so Rust does not run its `#[test]` functions.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]
#![allow(dead_code, reason = "the campaign uses all of it")]

mod campaign;
mod collect;
mod faults;
mod graph;
mod injector;
mod ledger;
mod quiesce;
mod relay;
mod report;
mod traffic;
