//! UpdateFindingsFeedback: marks findings as useful or not.

use serde::Deserialize;

use crate::guardduty::organization_role::OrganizationRole;
use crate::protocol::{Call, OperationResult};
use crate::world::World;

// assumed: no operation returns the comments.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    #[serde(rename = "DetectorId")]
    detector_id: String,
    finding_ids: Vec<String>,
    feedback: String,
}

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { detector_id, finding_ids, feedback } = call.request()?;
    world.guardduty.detector(call.place, &detector_id)?;
    // assumed: a member account can give feedback on its own findings; userFeedback holds the word that was given.
    let role = OrganizationRole::of(&world.organizations, &call.place.account);
    world.guardduty.mark(call.place, role, &finding_ids, "userFeedback", &feedback.into())?;
    Ok(None)
}
