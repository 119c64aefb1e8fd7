//! What send-alert can fail with.

use gumshoe_aws::case_table::TableError;
use gumshoe_aws::events::EventsError;
use gumshoe_aws::topic::TopicError;
use gumshoe_domain::ErrorName;
use gumshoe_domain::error::MissingPrerequisite;
use thiserror::Error;

/// Why the step failed, under the name that the state machine matches.
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
    /// Claiming the alert took so long that another execution may publish it.
    #[error("claiming the alert of case {case_id} took too long")]
    ClaimedTooLate { case_id: String },
    /// The case was changed while its alert was being sent.
    #[error("case {case_id} was changed by somebody else while its alert was being sent")]
    CaseChanged { case_id: String },
}

impl ErrorName for StepError {
    fn error_name(&self) -> &'static str {
        match self {
            Self::Table(error) => error.error_name(),
            Self::Topic(error) => error.error_name(),
            Self::Events(error) => error.error_name(),
            Self::OutOfTurn(error) => error.error_name(),
            Self::AlertInFlight { .. } | Self::ClaimedTooLate { .. } => "AlertInFlight",
            Self::CaseChanged { .. } => "TableChanged",
        }
    }
}
