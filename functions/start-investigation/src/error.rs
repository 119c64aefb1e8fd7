//! Errors of start-investigation.

use gumshoe_aws::case_table::TableError;
use gumshoe_aws::detective::DetectiveError;
use gumshoe_domain::ErrorName;
use thiserror::Error;

/// Why the step failed. The state machine matches its name.
#[derive(Debug, Error)]
pub(crate) enum StepError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Detective(#[from] DetectiveError),
}

impl ErrorName for StepError {
    fn error_name(&self) -> &'static str {
        match self {
            Self::Table(error) => error.error_name(),
            Self::Detective(error) => error.error_name(),
        }
    }
}
