//! Errors of check-investigation.

use gumshoe_aws::case_table::TableError;
use gumshoe_aws::detective::DetectiveError;
use gumshoe_domain::Named;
use gumshoe_domain::error::OutOfTurn;
use thiserror::Error;

/// Why the step failed. The state machine matches its name.
#[derive(Debug, Error)]
pub(crate) enum StepError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Detective(#[from] DetectiveError),
    #[error(transparent)]
    OutOfTurn(#[from] OutOfTurn),
}

impl Named for StepError {
    fn name(&self) -> &'static str {
        match self {
            Self::Table(error) => error.name(),
            Self::Detective(error) => error.name(),
            Self::OutOfTurn(error) => error.name(),
        }
    }
}
