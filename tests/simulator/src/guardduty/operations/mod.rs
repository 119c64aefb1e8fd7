//! GuardDuty's operations, one a file, and the table that the server routes by.

mod archive_findings;
mod create_investigation;
mod create_sample_findings;
mod get_detector;
mod get_findings;
mod get_investigation;
mod list_detectors;
mod list_findings;
mod list_investigations;
mod unarchive_findings;
mod update_detector;
mod update_findings_feedback;

use serde_json::{Value, json};

use super::constraints::INVESTIGATION_REGIONS;
use super::constraints::operations as model;
use crate::protocol::error::AwsError;
use crate::protocol::shape::Model;
use crate::protocol::{Call, Operation, OperationResult, Service};
use crate::world::{AccountRegion, World};

/// The operations that the project meets, in the order of the API reference.
pub(crate) static OPERATIONS: [Operation; 12] = [
    operation(&model::ARCHIVE_FINDINGS, archive_findings::answer),
    operation(&model::CREATE_INVESTIGATION, create_investigation::answer),
    operation(&model::CREATE_SAMPLE_FINDINGS, create_sample_findings::answer),
    operation(&model::GET_DETECTOR, get_detector::answer),
    operation(&model::GET_FINDINGS, get_findings::answer),
    operation(&model::GET_INVESTIGATION, get_investigation::answer),
    operation(&model::LIST_DETECTORS, list_detectors::answer),
    operation(&model::LIST_FINDINGS, list_findings::answer),
    operation(&model::LIST_INVESTIGATIONS, list_investigations::answer),
    operation(&model::UNARCHIVE_FINDINGS, unarchive_findings::answer),
    operation(&model::UPDATE_DETECTOR, update_detector::answer),
    operation(&model::UPDATE_FINDINGS_FEEDBACK, update_findings_feedback::answer),
];

/// The size of a page when maxResults is left out. Source: ListDetectors, ListFindings and ListInvestigations.
const DEFAULT_PAGE_SIZE: usize = 50;

const fn operation(model: &'static Model, answer: fn(&Call<'_>, &mut World) -> OperationResult) -> Operation {
    Operation { service: Service::GuardDuty, model, answer }
}

/// A body with one list, and the token of the next page if there is one.
fn page(name: &str, items: Value, next: Option<String>) -> OperationResult {
    let mut body = json!({ name: items });
    if let Some(next) = next {
        body["nextToken"] = next.into();
    }
    Ok(Some(body))
}

/// Checks that the Region has investigations.
///
/// # Errors
/// BadRequestException.
// assumed: the error; the reference says only where the operations are available.
fn check_region(place: &AccountRegion) -> Result<(), AwsError> {
    if INVESTIGATION_REGIONS.contains(&place.region.as_str()) {
        return Ok(());
    }
    Err(AwsError::bad_request(format!(
        "The request is rejected because investigations are not available in {}.",
        place.region
    )))
}
