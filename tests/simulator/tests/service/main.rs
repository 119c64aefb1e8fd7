//! Tests of the simulator over loopback: with the unmodified SDK, and with raw HTTP for requests that the SDK cannot send.
//!
//! Some tests generate their input with proptest. A failing one prints the smallest input that fails, and writes the seed
//! of the case to `tests/proptest-regressions`: every later run tries that case first, so commit the file with the fix.
//! `PROPTEST_RNG_SEED=number` makes a run's input reproducible, and `PROPTEST_CASES=number` sets the number of cases for
//! tests that do not set it themselves.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by unwrapping")]

mod boto3;
mod boundary_values;
mod constraints;
mod control;
mod detective;
mod faults;
mod guardduty;
mod malformed_requests;
mod model_based;
mod paging;
mod program;
mod support;
