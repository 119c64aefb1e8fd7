//! Errors of send-alert.

use gumshoe_aws::case_table::TableError;
use gumshoe_aws::events::EventsError;
use gumshoe_aws::topic::TopicError;
use gumshoe_domain::ErrorName;
use gumshoe_domain::error::MissingPrerequisite;
use thiserror::Error;

/// Why the step failed. The state machine matches its name.
#[derive(Debug, Error)]
pub(crate) enum StepError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Topic(#[from] TopicError),
    #[error(transparent)]
    Events(#[from] EventsError),
    #[error(transparent)]
    OutOfTurn(#[from] MissingPrerequisite),
    /// Another execution has claimed the alert and may be publishing it.
    #[error(
        "another execution has claimed the alert of case {case_id} and may be publishing it; the claim expires within seconds"
    )]
    AlertInFlight { case_id: String },
    /// The claim expired before the alert was published, so another execution may publish it.
    #[error(
        "the claim of the alert of case {case_id} expired before it was published; the next attempt claims it again"
    )]
    ClaimExpired { case_id: String },
    /// Another execution changed the case while its alert was being sent.
    #[error("another execution changed case {case_id} while its alert was being sent; the next attempt reads it again")]
    ConcurrentChange { case_id: String },
}

impl ErrorName for StepError {
    fn error_name(&self) -> &'static str {
        match self {
            Self::Table(error) => error.error_name(),
            Self::Topic(error) => error.error_name(),
            Self::Events(error) => error.error_name(),
            Self::OutOfTurn(error) => error.error_name(),
            Self::AlertInFlight { .. } | Self::ClaimExpired { .. } => "AlertInFlight",
            Self::ConcurrentChange { .. } => "TableChanged",
        }
    }
}
