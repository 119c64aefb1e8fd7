//! DescribeOrganizationConfiguration: whether accounts that join the organization become members by themselves.

use serde_json::json;

use super::OfGraph;
use crate::protocol::{Answer, Call};
use crate::world::World;

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> Answer {
    let OfGraph { graph_arn } = call.request()?;
    let graph = world.organization_graph(call, &graph_arn)?;
    Ok(Some(json!({ "AutoEnable": graph.auto_enable == Some(true) })))
}
