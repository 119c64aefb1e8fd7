//! ListTagsForResource: a behavior graph's tags.

use serde::Deserialize;
use serde_json::json;

use crate::protocol::{Call, OperationResult};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    resource_arn: String,
}

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { resource_arn } = call.request()?;
    Ok(Some(json!({ "Tags": world.detective.administered_graph(call.place, &resource_arn, call.now)?.tags })))
}
