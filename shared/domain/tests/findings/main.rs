//! Whole findings, read and decided: stored ones, generated ones and damaged ones.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by unwrapping")]

mod decisions;
mod details;
mod evasion;
mod fuzzed;
mod inputs;
mod mutations;
mod mutator;
mod regions;
mod shapes;
mod sound;
mod steering;
mod stored;
mod types;
