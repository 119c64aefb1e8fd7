//! State machines without I/O, one for each function.
//!
//! `step` says what to do next, such as a read or a conditional write. The handler does it and gives the answer back, which makes the
//! next state. The model of the protocol drives the same state machines with a table, executions and a topic of its own, and stops,
//! repeats and interleaves their steps as it likes: what is checked is what runs.
//!
//! One step is one call to another service, because a function may die between two calls.

#![allow(clippy::large_enum_variant, reason = "one is alive at a time, and is copied: a box would cost more")]

mod assessing;
mod receiving;
mod returning;
mod sending;
mod succeeding;

pub use assessing::{Assessing, AssessingStep, Outcome, Weighed};
pub use receiving::{Received, Receiving, ReceivingStep};
pub use returning::{Returning, ReturningStep};
pub use sending::{Sending, SendingStep, Sent, Stop, record};
pub use succeeding::{Succeeding, SucceedingStep};

/// How an execution stands, when it is to be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It was started just now.
    Started,
    /// It was started before, and runs or has ended as it should.
    Present,
    /// It ended without ending its case: failed, timed out or was stopped.
    Dead,
}
