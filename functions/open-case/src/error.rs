//! What a message can fail with.

use gumshoe_aws::ApiCallError;
use gumshoe_aws::case_table::TableError;
use gumshoe_aws::executions::ExecutionError;
use gumshoe_domain::Named;
use gumshoe_domain::error::Service;
use thiserror::Error;

/// Why a message cannot be worked for now, under the name that logs and dead letters have.
#[derive(Debug, Error)]
pub(crate) enum StepError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Execution(#[from] ExecutionError),
    /// The message is no finding, and cannot be put into the dead-letter queue for now.
    #[error(transparent)]
    DeadLetters(ApiCallError),
    #[error("a finding could not be kept as evidence")]
    Evidence(#[source] ApiCallError),
    /// Principals of a finding cannot be looked up for now; the log says of each why.
    #[error("{count} principals cannot be looked up for now")]
    Principals { count: usize },
    /// RetryMode of the optimistic lock are exhausted: each time, the case or the finding had been written meanwhile.
    #[error(
        "could not write a finding about {subject}: optimistic-lock retries exhausted; the queue delivers it again"
    )]
    Hurried { subject: String },
    /// The executions of a case end as failed one after the other.
    #[error("the executions of case {case_id} end as soon as they are started")]
    Lifeless { case_id: String },
}

impl Named for StepError {
    fn name(&self) -> &'static str {
        match self {
            Self::Table(error) => error.name(),
            Self::Execution(error) => error.name(),
            Self::DeadLetters(call) => call.fault.name(Service::DeadLetters),
            Self::Evidence(call) => call.fault.name(Service::Evidence),
            Self::Principals { .. } => "PrincipalsUnavailable",
            Self::Hurried { .. } => "TableChanged",
            Self::Lifeless { .. } => "ExecutionsDead",
        }
    }
}
