//! ListInvitations: the open and the accepted invitations of the account, in pages.

use serde_json::Value;

use super::{DEFAULT_PAGE_SIZE, page};
use crate::protocol::pages::{Key, Order};
use crate::protocol::{Call, OperationResult, Paging};
use crate::world::World;

// assumed: an account that is still verified, or failed to be, sees no invitation; one of the organization sees its
// membership here; an account without any gets an empty list.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let paging: Paging = call.request()?;
    let invitations = world.detective.graphs_with_member(call.place, call.now).filter_map(|graph| {
        let member = graph.members.get(&call.place.account)?;
        Some((Key::of_number(&graph.administrator), member.detail(&graph.arn, &graph.administrator, call.now)))
    });
    let (items, next) = call.page(invitations, Order::Ascending, &paging, DEFAULT_PAGE_SIZE)?;
    page("Invitations", Value::Array(items), next)
}
