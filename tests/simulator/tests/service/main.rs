//! The simulator as its clients see it: over loopback, with the unmodified SDK, and with raw HTTP where that cannot
//! send what is to be tried.
//!
//! Some tests make up their input with proptest. One that fails prints the smallest input that it fails with, and writes the
//! seed of the case to `tests/proptest-regressions`: every later run tries that case first, so commit the file with the
//! mend. `PROPTEST_RNG_SEED=number` makes all of a run's input follow from that number, and `PROPTEST_CASES=number` says
//! how much input there is where a test does not say so itself.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by unwrapping")]

mod boto3;
mod constraints;
mod control;
mod detective;
mod edges;
mod faults;
mod guardduty;
mod hostile;
mod machine;
mod paging;
mod program;
mod support;
