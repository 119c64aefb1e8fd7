//! AcceptInvitation: the account joins a behavior graph that it is invited to.

use super::OfGraph;
use crate::detective::MemberStatus;
use crate::protocol::{Call, OperationResult};
use crate::world::World;

// assumed: an account that has accepted before gets a ConflictException.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let OfGraph { graph_arn } = call.request()?;
    let account = &call.place.account;
    let graph = world.detective.membership_of(call.place, &graph_arn, MemberStatus::Invited, call.now)?;
    let administrator = call.place.of(&graph.administrator);
    graph.enable(account, world.scenarios.of_account(&administrator, account).volume_bytes, call.now);
    Ok(None)
}
