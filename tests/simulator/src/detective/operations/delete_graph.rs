//! DeleteGraph: removes a behavior graph, and with it all memberships and investigations.

use super::OfGraph;
use crate::protocol::{Call, OperationResult};
use crate::world::World;

// assumed: the graph is deleted immediately; the graph of an organization can be deleted too, and its administrator account
// then loses that role.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let OfGraph { graph_arn } = call.request()?;
    world.detective.administered_graph(call.place, &graph_arn, call.now)?;
    world.detective.delete_graph(call.place);
    let region = &call.place.region;
    world
        .detective
        .delegations
        .retain(|place, delegation| place.region != *region || delegation.account != call.place.account);
    Ok(None)
}
