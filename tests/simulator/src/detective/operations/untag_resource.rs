//! UntagResource: removes tags from a behavior graph.

use serde::Deserialize;

use crate::protocol::{Call, OperationResult};
use crate::world::World;

#[derive(Deserialize)]
struct Request {
    #[serde(rename = "ResourceArn")]
    resource_arn: String,
    #[serde(rename = "tagKeys")]
    tag_keys: Vec<String>,
}

// assumed: a key that the graph does not have is no error.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { resource_arn, tag_keys } = call.request()?;
    let graph = world.detective.administered_graph(call.place, &resource_arn, call.now)?;
    for key in &tag_keys {
        graph.tags.remove(key);
    }
    Ok(None)
}
