//! DescribeOrganizationConfiguration: whether accounts that join the organization become members automatically.

use serde_json::json;

use super::OfGraph;
use crate::protocol::{Call, OperationResult};
use crate::world::World;

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let OfGraph { graph_arn } = call.request()?;
    let graph = world.organization_graph(call, &graph_arn)?;
    Ok(Some(json!({ "AutoEnable": graph.auto_enable == Some(true) })))
}
