//! DeleteGraph: removes a behavior graph, and with it all memberships and investigations.

use super::OfGraph;
use crate::protocol::{Answer, Call};
use crate::world::World;

// assumed: the graph is gone at once; the graph of an organization can be deleted too, and its administrator account is
// then none any more.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> Answer {
    let OfGraph { graph_arn } = call.request()?;
    world.detective.administered(call.place, &graph_arn, call.now)?;
    world.detective.delete_graph(call.place);
    let region = &call.place.region;
    world
        .detective
        .delegations
        .retain(|place, delegation| place.region != *region || delegation.account != call.place.account);
    Ok(None)
}
