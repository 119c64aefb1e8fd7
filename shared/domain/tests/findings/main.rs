//! Parsing of, and decisions about, complete findings: fixtures, generated findings and mutated ones.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod attacker_findings;
mod attacker_text;
mod decisions;
mod details;
mod fixtures;
mod fuzz_corpus;
mod inputs;
mod invariants;
mod mutations;
mod mutator;
mod regions;
mod spelling;
mod types;
