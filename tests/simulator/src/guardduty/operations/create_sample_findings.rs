//! CreateSampleFindings: one sample finding of each type that is asked for.

use serde::Deserialize;

use crate::guardduty::samples;
use crate::protocol::error::AwsError;
use crate::protocol::{Call, OperationResult, check};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    #[serde(rename = "DetectorId")]
    detector_id: String,
    finding_types: Option<Vec<String>>,
}

// assumed: an empty list asks for all types, as null does; a type that does not exist is a BadRequestException, and nothing is
// created then; a detector that is disabled makes samples all the same.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { detector_id, finding_types } = call.request()?;
    world.guardduty.detector(call.place, &detector_id)?;
    let wanted = match finding_types.filter(|types| !types.is_empty()) {
        None => samples::TYPES.iter().collect(),
        Some(types) => types.iter().map(|name| known(name)).collect::<Result<Vec<_>, _>>()?,
    };
    for kind in wanted {
        let document = samples::finding(kind, call.place, &detector_id, call.now);
        world.guardduty.add_sample(call.place, document);
    }
    Ok(None)
}

fn known(name: &str) -> Result<&'static samples::Type, AwsError> {
    samples::TYPES.iter().find(|kind| kind.name == name).ok_or_else(|| {
        let name = check::shown(name);
        AwsError::bad_request(format!("The request is rejected because {name} is no finding type with a sample."))
    })
}
