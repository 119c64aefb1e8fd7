//! UpdateFindingsFeedback: marks findings as useful or not.

use serde::Deserialize;

use crate::guardduty::organization_role::OrganizationRole;
use crate::protocol::{Answer, Call};
use crate::world::World;

// assumed: comments are not told again by any operation.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    #[serde(rename = "DetectorId")]
    detector_id: String,
    finding_ids: Vec<String>,
    feedback: String,
}

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> Answer {
    let Request { detector_id, finding_ids, feedback } = call.request()?;
    world.guardduty.detector(call.place, &detector_id)?;
    // assumed: a member account can give feedback on its own findings; userFeedback holds the word that was given.
    let standing = OrganizationRole::of(&world.organizations, &call.place.account);
    world.guardduty.mark(call.place, standing, &finding_ids, "userFeedback", &feedback.into())?;
    Ok(None)
}
