//! UpdateOrganizationConfiguration: whether accounts that join the organization become members automatically.

use serde::Deserialize;

use crate::protocol::{Call, OperationResult};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    graph_arn: String,
    auto_enable: Option<bool>,
}

// assumed: accounts that are in the organization already stay as they are; without AutoEnable nothing changes.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { graph_arn, auto_enable } = call.request()?;
    let graph = world.organization_graph(call, &graph_arn)?;
    if auto_enable.is_some() {
        graph.auto_enable = auto_enable;
    }
    Ok(None)
}
