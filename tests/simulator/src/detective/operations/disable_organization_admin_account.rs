//! DisableOrganizationAdminAccount: an organization's management account removes the Detective administrator of the
//! Region, and with it the organization's behavior graph.

use crate::protocol::error::AwsError;
use crate::protocol::{Call, OperationResult};
use crate::world::World;

// assumed: where there is no administrator account it is a ValidationException.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    world.managed_organization(call.place)?;
    let delegation = world.detective.delegations.remove(call.place).ok_or_else(|| {
        AwsError::validation("The organization has no Detective administrator account in this Region.")
    })?;
    world.detective.delete_graph(&call.place.of(delegation.account));
    Ok(None)
}
