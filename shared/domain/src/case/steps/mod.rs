//! The ways of the functions through a case, step by step.
//!
//! Each way is a value that says what to do next (`step`) and goes on with the answer. It does nothing by itself: a handler
//! asks the table, Step Functions and SNS, and the model of the protocol does the same with a table, executions and a topic
//! of its own, stopping, repeating and interleaving the steps as it likes. So what is checked is what runs.
//!
//! One step is one call to another service, because between two calls a function may die.

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
