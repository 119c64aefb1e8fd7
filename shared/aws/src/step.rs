//! What a step of the state machine, or the intake before it, can fail with.

use crate::case_table::TableError;
use crate::detective::DetectiveError;
use crate::error::{CallFailed, Named};
use crate::events::EventsError;
use crate::executions::ExecutionError;
use crate::topic::TopicError;
use thiserror::Error;

/// An adapter's error, on its way to the Lambda runtime.
#[derive(Debug, Error)]
pub enum StepError {
    /// The `Cases` table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Detective.
    #[error(transparent)]
    Detective(#[from] DetectiveError),
    /// The state machine's executions.
    #[error(transparent)]
    Execution(#[from] ExecutionError),
    /// The notification topic.
    #[error(transparent)]
    Topic(#[from] TopicError),
    /// EventBridge.
    #[error(transparent)]
    Events(#[from] EventsError),
    /// The dead-letter queue.
    #[error(transparent)]
    DeadLetters(#[from] CallFailed),
    /// The evidence bucket.
    #[error("a finding could not be kept as evidence")]
    Evidence(#[source] CallFailed),
    /// Who stands behind a finding cannot be looked up for now; the log says of each why.
    #[error("{count} principals cannot be looked up for now")]
    Principals {
        /// How many.
        count: usize,
    },
    /// Others wrote to the same case or finding each time that this one had decided.
    #[error("others were faster each time that a finding about {subject} was to be taken in")]
    Hurried {
        /// Whom it is about.
        subject: String,
    },
    /// The executions of a case are found dead one after the other.
    #[error("the executions of case {case_id} end as soon as they are started")]
    Lifeless {
        /// The case's id.
        case_id: String,
    },
    /// Somebody else has claimed the alert and may be publishing it.
    #[error("the alert of case {case_id} may be on its way: whoever claimed it has some seconds")]
    AlertInFlight {
        /// The case's id.
        case_id: String,
    },
    /// The case was changed by somebody else while its alert was being sent.
    #[error("case {case_id} was changed by somebody else while its alert was being sent")]
    CaseChanged {
        /// The case's id.
        case_id: String,
    },
    /// Claiming the alert took so long that somebody else may publish it.
    #[error("claiming the alert of case {case_id} took too long")]
    ClaimedTooLate {
        /// The case's id.
        case_id: String,
    },
    /// The case is not at this step: the state machine called a function out of turn.
    #[error("case {case_id} is not ready for this step: {lacks} is missing")]
    OutOfTurn {
        /// The case's id.
        case_id: String,
        /// What an earlier step should have left.
        lacks: &'static str,
    },
}

impl Named for StepError {
    fn name(&self) -> &'static str {
        match self {
            Self::Table(error) => error.name(),
            Self::Detective(error) => error.name(),
            Self::Execution(error) => error.name(),
            Self::Topic(error) => error.name(),
            Self::Events(error) => error.name(),
            Self::DeadLetters(_) => "DeadLettersUnavailable",
            Self::Evidence(_) => "EvidenceUnavailable",
            Self::Principals { .. } => "PrincipalsUnavailable",
            Self::Hurried { .. } | Self::CaseChanged { .. } => "TableChanged",
            Self::Lifeless { .. } => "ExecutionsDead",
            Self::AlertInFlight { .. } | Self::ClaimedTooLate { .. } => "AlertInFlight",
            Self::OutOfTurn { .. } => "OutOfTurn",
        }
    }
}
