//! ListMembers: the members of a behavior graph, by account id, in pages.

use serde::Deserialize;
use serde_json::Value;

use super::{DEFAULT_PAGE_SIZE, page};
use crate::protocol::pages::{Key, Order};
use crate::protocol::{Call, OperationResult, Paging};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    graph_arn: String,
    #[serde(flatten)]
    paging: Paging,
}

// assumed: the administrator account is not among the members.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { graph_arn, paging } = call.request()?;
    let graph = world.detective.administered_graph(call.place, &graph_arn, call.now)?;
    let members = graph.members.iter_mut().map(|(id, member)| (Key::of_number(id), member));
    let (members, next) = call.page(members, Order::Ascending, &paging, DEFAULT_PAGE_SIZE)?;
    let mut details = Vec::new();
    for member in members {
        details.push(member.detail(&graph.arn, &graph.administrator, call.now));
        member.count_check(call.now);
    }
    page("MemberDetails", Value::Array(details), next)
}
