//! RejectInvitation: the account turns an invitation down.

use super::OfGraph;
use crate::detective::MemberStatus;
use crate::protocol::{Call, OperationResult};
use crate::world::World;

// assumed: the administrator does not see the account among its members any more, and can invite it again.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let OfGraph { graph_arn } = call.request()?;
    let graph = world.detective.membership_of(call.place, &graph_arn, MemberStatus::Invited, call.now)?;
    graph.members.remove(&call.place.account);
    Ok(None)
}
