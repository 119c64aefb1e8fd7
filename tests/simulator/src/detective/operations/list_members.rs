//! ListMembers: the members of a behavior graph, by account id, in pages.

use serde::Deserialize;
use serde_json::Value;

use super::{PAGE, page};
use crate::protocol::pages::{Key, Order};
use crate::protocol::{Answer, Call, Paging};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    graph_arn: String,
    #[serde(flatten)]
    paging: Paging,
}

// assumed: the administrator account is not among the members.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> Answer {
    let Request { graph_arn, paging } = call.request()?;
    let graph = world.detective.administered(call.place, &graph_arn, call.now)?;
    let members = graph.members.iter_mut().map(|(id, member)| (Key::of_number(id), member));
    let (members, next) = call.page(members, Order::Ascending, &paging, PAGE)?;
    let mut details = Vec::new();
    for member in members {
        details.push(member.detail(&graph.arn, &graph.administrator, call.now));
        member.was_told(call.now);
    }
    page("MemberDetails", Value::Array(details), next)
}
