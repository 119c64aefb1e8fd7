//! Adapters of AWS services for keep-graph and keep-membership. The SDK's types are not used outside of this module.

pub mod behavior_graph;
mod members;
pub mod memberships;
pub mod notified_state_table;
pub mod organization;
pub mod parameters;

/// SDK clients in addition to `gumshoe_aws::clients`.
pub mod clients {
    pub use aws_sdk_ssm::Client as Ssm;
}

use crate::current::Observation;
use gumshoe_aws::ApiCallError;

/// The value that a call returned, or why it is permanently unavailable. An account may lack the permission or the role to read the
/// value, which does not fail a run.
///
/// # Errors
///
/// A transient failure.
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
