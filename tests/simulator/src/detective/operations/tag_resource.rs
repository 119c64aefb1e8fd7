//! TagResource: adds tags to a behavior graph, or gives them other values.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::detective::constraints::TAGS_MAX;
use crate::protocol::{Call, OperationResult};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    resource_arn: String,
    tags: BTreeMap<String, String>,
}

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { resource_arn, tags } = call.request()?;
    let graph = world.detective.administered_graph(call.place, &resource_arn, call.now)?;
    let more = tags.keys().filter(|key| !graph.tags.contains_key(*key)).count();
    if graph.tags.len() + more > TAGS_MAX {
        // assumed: which error a graph gets that would have too many tags.
        return Err(call.invalid_member("Tags", &format!("must leave the graph with at most {TAGS_MAX} tags.")));
    }
    graph.tags.extend(tags);
    Ok(None)
}
