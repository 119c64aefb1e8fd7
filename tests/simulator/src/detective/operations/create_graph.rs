//! CreateGraph: makes the account the administrator of a behavior graph in the Region.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use crate::protocol::{Call, OperationResult};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    tags: Option<BTreeMap<String, String>>,
}

// assumed: tags given with a graph that exists already change nothing; constraints answer with the ValidationException
// that the operation's model does not have; a graph is ready immediately.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { tags } = call.request()?;
    let existed = world.detective.graph_of(call.place).is_some();
    let graph = world.detective.create_graph(call.place, call.now);
    if !existed {
        graph.tags = tags.unwrap_or_default();
    }
    Ok(Some(json!({ "GraphArn": graph.arn })))
}
