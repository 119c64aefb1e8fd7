//! ListMembers: the members of a behavior graph, by account id, in pages.

use serde::Deserialize;
use serde_json::Value;

use super::page;
use crate::protocol::pages::{Key, Order};
use crate::protocol::{Answer, Call};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    graph_arn: String,
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// The size of a page when MaxResults is left out.
// assumed: the most that can be asked for.
const PAGE: usize = 200;

// assumed: the administrator account is not among the members.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> Answer {
    let Request { graph_arn, next_token, max_results } = call.request()?;
    let graph = world.detective.administered(call.place, &graph_arn)?;
    let members = graph.members.iter_mut().map(|(id, member)| (Key::of_number(id), member));
    let size = max_results.unwrap_or(PAGE);
    let (members, next) = call.listing().page(members, Order::Ascending, next_token.as_deref(), size, call.now)?;
    let mut details = Vec::new();
    for member in members {
        details.push(member.detail(&graph.arn, &graph.administrator, call.now));
        member.was_told(call.now);
    }
    page("MemberDetails", Value::Array(details), next)
}
