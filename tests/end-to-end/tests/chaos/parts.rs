//! The tests of what the campaign is made of: its traffic, its plan of faults and its ledger. Nothing is started.
//!
//! The campaign itself (`main.rs`) brings a main of its own, under which Rust leaves out what is marked as a test.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]
#![allow(dead_code, reason = "the campaign uses all of it")]

mod campaign;
mod faults;
mod graph;
mod ledger;
mod relay;
mod report;
mod settle;
mod stock;
mod traffic;
mod witness;
