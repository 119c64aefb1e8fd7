//! Errors of processing a message.

use gumshoe_aws::ApiCallError;
use gumshoe_aws::case_table::TableError;
use gumshoe_aws::executions::ExecutionError;
use gumshoe_domain::ErrorName;
use gumshoe_domain::error::Service;
use thiserror::Error;

/// Why a message could not be processed in this delivery. Its name is in the log and in dead-letter messages.
#[derive(Debug, Error)]
pub(crate) enum OpenCaseError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Execution(#[from] ExecutionError),
    /// The message is not a finding, and could not be sent to the dead-letter queue.
    #[error(transparent)]
    DeadLetters(ApiCallError),
    #[error("could not store a finding in the evidence bucket; SQS delivers the message again")]
    Evidence(#[source] ApiCallError),
    /// Lookups of the finding's principals failed for a transient reason, which the log has for each of them.
    #[error("could not look up {count} principals of the finding; SQS delivers the message again")]
    PrincipalLookups { count: usize },
    /// The retries of the optimistic lock are exhausted: another invocation changed the case or the finding before each write.
    #[error(
        "could not write a finding about {subject}: optimistic-lock retries exhausted; SQS delivers the message again"
    )]
    ContentionExhausted { subject: String },
    /// Every execution of a case fails.
    #[error("every execution of case {case_id} fails; see docs/OPERATIONS.md")]
    ExecutionsKeepFailing { case_id: String },
}

impl ErrorName for OpenCaseError {
    fn error_name(&self) -> &'static str {
        match self {
            Self::Table(error) => error.error_name(),
            Self::Execution(error) => error.error_name(),
            Self::DeadLetters(call) => call.fault.name(Service::DeadLetters),
            Self::Evidence(call) => call.fault.name(Service::Evidence),
            Self::PrincipalLookups { .. } => "PrincipalsUnavailable",
            Self::ContentionExhausted { .. } => "TableChanged",
            Self::ExecutionsKeepFailing { .. } => "ExecutionsKeepFailing",
        }
    }
}
