//! ArchiveFindings: marks findings as archived.

use serde::Deserialize;

use crate::guardduty::organization_role::OrganizationRole;
use crate::protocol::error::ErrorType;
use crate::protocol::{Call, OperationResult};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    #[serde(rename = "DetectorId")]
    detector_id: String,
    finding_ids: Vec<String>,
}

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    mark(call, world, true)
}

/// Marks findings as archived or not.
pub(super) fn mark(call: &Call<'_>, world: &mut World, archived: bool) -> OperationResult {
    let Request { detector_id, finding_ids } = call.request()?;
    world.guardduty.detector(call.place, &detector_id)?;
    // assumed: a member account gets a BadRequestException, the reference gives no other error that fits; and of
    // UnarchiveFindings too, though it says of ArchiveFindings alone that only administrators may.
    let role = OrganizationRole::of(&world.organizations, &call.place.account);
    role.require_administrator(ErrorType::BadRequest, call.operation.model.name)?;
    world.guardduty.mark(call.place, role, &finding_ids, "archived", &archived.into())?;
    Ok(None)
}
