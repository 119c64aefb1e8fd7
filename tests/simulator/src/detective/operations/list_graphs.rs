//! ListGraphs: the graph that the account administers in the Region, if it has one.

use serde::Deserialize;
use serde_json::{Value, json};

use super::page;
use crate::protocol::pages::{Key, Order};
use crate::protocol::{Answer, Call, iso};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// The size of a page when MaxResults is left out.
// assumed: the most that can be asked for.
const PAGE: usize = 200;

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> Answer {
    let Request { next_token, max_results } = call.request()?;
    let graphs = world
        .detective
        .graph(call.place)
        .map(|graph| (Key { rank: 0, item: 0 }, json!({ "Arn": graph.arn, "CreatedTime": iso(graph.created) })));
    let size = max_results.unwrap_or(PAGE);
    let (items, next) = call.listing().page(graphs, Order::Ascending, next_token.as_deref(), size, call.now)?;
    page("GraphList", Value::Array(items), next)
}
