//! Sans-I/O state machines, one for each function.
//!
//! `step` returns the next effect, such as a read or a conditional write. The handler performs it and passes the result to the flow,
//! which returns the next state. The model of the protocol drives the same flows with a simulated table, executions and topic, and
//! stops, repeats and interleaves their steps in every order.
//!
//! One step is one call to a service, because a function may crash between two calls.

#![allow(clippy::large_enum_variant, reason = "one exists at a time and is copied: a box would be slower")]

mod assess;
mod follow_up;
mod intake;
mod restart_execution;
mod send;

pub use assess::{AssessFlow, AssessOutcome, AssessStep, EvaluationOutcome};
pub use follow_up::{FollowUpFlow, FollowUpStep};
pub use intake::{IntakeFlow, IntakeResult, IntakeStep};
pub use restart_execution::{RestartExecutionFlow, RestartExecutionStep};
pub use send::{SendFailure, SendFlow, SendOutcome, SendStep, record_published_write};

/// The state of a case's execution after StartExecution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExecutionState {
    /// The execution was started now.
    Started,
    /// The execution was started before, and is running or has succeeded.
    RunningOrSucceeded,
    /// The execution failed, timed out or was stopped.
    Failed,
}
