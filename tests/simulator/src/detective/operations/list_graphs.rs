//! ListGraphs: the graph that the account administers in the Region, if it has one.

use serde_json::{Value, json};

use super::{PAGE, page};
use crate::protocol::pages::{Key, Order};
use crate::protocol::{Answer, Call, Paging, iso};
use crate::world::World;

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> Answer {
    let paging: Paging = call.request()?;
    let graphs = world
        .detective
        .graph(call.place)
        .map(|graph| (Key { rank: 0, item: 0 }, json!({ "Arn": graph.arn, "CreatedTime": iso(graph.created) })));
    let (items, next) = call.page(graphs, Order::Ascending, &paging, PAGE)?;
    page("GraphList", Value::Array(items), next)
}
