//! ListGraphs: the graph that the account administers in the Region, if it has one.

use serde_json::{Value, json};

use super::{DEFAULT_PAGE_SIZE, page};
use crate::protocol::pages::{Key, Order};
use crate::protocol::{Call, OperationResult, Paging, iso};
use crate::world::World;

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let paging: Paging = call.request()?;
    let graphs = world
        .detective
        .graph_of(call.place)
        .map(|graph| (Key { rank: 0, item: 0 }, json!({ "Arn": graph.arn, "CreatedTime": iso(graph.created) })));
    let (items, next) = call.page(graphs, Order::Ascending, &paging, DEFAULT_PAGE_SIZE)?;
    page("GraphList", Value::Array(items), next)
}
