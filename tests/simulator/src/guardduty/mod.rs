//! Amazon GuardDuty: what of it the project meets.

mod constraints;
mod criteria;
mod detector;
mod finding;
mod findings;
mod investigation;
mod operations;
mod organization_role;
mod prompt;
mod samples;
mod sorting;
mod state;

pub(crate) use findings::FindingError;
pub(crate) use investigation::{Investigation, Status};
pub(crate) use operations::OPERATIONS;
pub(crate) use state::{State, detector_id};

/// A timestamp as GuardDuty writes it: seconds since 1970, with milliseconds as a fraction.
// rest-json writes timestamps as numbers unless the model gives another format; many of GuardDuty's times are strings.
fn seconds(time: jiff::Timestamp) -> serde_json::Value {
    (time.as_duration().as_millis() as f64 / 1000.0).into()
}
