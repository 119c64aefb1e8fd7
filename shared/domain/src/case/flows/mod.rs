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

pub use assessing::{AssessFlow, AssessOutcome, AssessStep, EvaluationOutcome};
pub use receiving::{IntakeFlow, IntakeResult, IntakeStep};
pub use returning::{FollowUpFlow, FollowUpStep};
pub use sending::{SendFailure, SendFlow, SendOutcome, SendStep, record_published_write};
pub use succeeding::{RestartExecutionFlow, RestartExecutionStep};

/// How an execution stands, when it is to be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExecutionState {
    /// It was started just now.
    Started,
    /// It was started before, and runs or has ended as it should.
    RunningOrSucceeded,
    /// It ended without ending its case: failed, timed out or was stopped.
    Failed,
}
