//! The adapters of the functions that manage the graph. The SDK's types stop here.

pub mod behavior_graph;
pub mod health_table;
mod members;
pub mod memberships;
pub mod organization;
pub mod parameters;

/// The SDK's clients that `gumshoe_aws::clients` has not.
pub mod clients {
    pub use aws_sdk_ssm::Client as Ssm;
}

use crate::actual::Read;
use gumshoe_aws::ApiCallError;

/// What a call answered, or why it was refused for good. The account may lack the right or the role to read it, and that is no
/// failure of the run.
///
/// # Errors
///
/// A failure that may pass.
pub fn unless_refused<T>(
    answer: Result<T, ApiCallError>,
    why: impl FnOnce(&ApiCallError) -> String,
) -> Result<Read<T>, ApiCallError> {
    match answer {
        Ok(it) => Ok(Read::Known(it)),
        Err(error) if error.fault.is_transient() => Err(error),
        Err(error) => Ok(Read::Refused(why(&error))),
    }
}
