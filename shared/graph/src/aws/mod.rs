//! The adapters of the functions that manage the graph. The SDK's types stop here.

pub mod behavior_graph;
mod members;
pub mod memberships;
pub mod notified_state_table;
pub mod organization;
pub mod parameters;

/// The SDK's clients that `gumshoe_aws::clients` has not.
pub mod clients {
    pub use aws_sdk_ssm::Client as Ssm;
}

use crate::current::Observation;
use gumshoe_aws::ApiCallError;

/// What a call answered, or why it was refused for good. The account may lack the right or the role to read it, and that is no
/// failure of the run.
///
/// # Errors
///
/// A failure that may pass.
pub fn known_or_unavailable<T>(
    answer: Result<T, ApiCallError>,
    why: impl FnOnce(&ApiCallError) -> String,
) -> Result<Observation<T>, ApiCallError> {
    match answer {
        Ok(it) => Ok(Observation::Known(it)),
        Err(error) if error.fault.is_transient() => Err(error),
        Err(error) => Ok(Observation::Unavailable(why(&error))),
    }
}
