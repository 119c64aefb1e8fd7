//! Errors of assess-case.

use gumshoe_aws::case_table::TableError;
use gumshoe_aws::detective::DetectiveError;
use gumshoe_aws::events::EventsError;
use gumshoe_domain::ErrorName;
use gumshoe_domain::error::MissingPrerequisite;
use thiserror::Error;

/// Why the step failed. The state machine matches its name.
#[derive(Debug, Error)]
pub(crate) enum StepError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Detective(#[from] DetectiveError),
    #[error(transparent)]
    Events(#[from] EventsError),
    #[error(transparent)]
    OutOfTurn(#[from] MissingPrerequisite),
}

impl ErrorName for StepError {
    fn error_name(&self) -> &'static str {
        match self {
            Self::Table(error) => error.error_name(),
            Self::Detective(error) => error.error_name(),
            Self::Events(error) => error.error_name(),
            Self::OutOfTurn(error) => error.error_name(),
        }
    }
}
