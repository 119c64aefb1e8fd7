//! DescribeOrganizationConfiguration: whether accounts that join the organization become members by themselves.

use serde::Deserialize;
use serde_json::json;

use crate::protocol::{Answer, Call};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    graph_arn: String,
}

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> Answer {
    let Request { graph_arn } = call.request()?;
    let graph = world.organization_graph(call, &graph_arn)?;
    Ok(Some(json!({ "AutoEnable": graph.auto_enable == Some(true) })))
}
