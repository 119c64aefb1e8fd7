//! The simulator as its clients see it: over loopback, with the unmodified SDK, and with raw HTTP where that cannot
//! send what is to be tried.

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
