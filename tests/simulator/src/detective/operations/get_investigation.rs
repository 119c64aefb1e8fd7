//! GetInvestigation: the status of an investigation. Each answer counts as one check.

use serde::Deserialize;
use serde_json::json;

use crate::protocol::{Call, OperationResult, iso};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    graph_arn: String,
    investigation_id: String,
}

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { graph_arn, investigation_id } = call.request()?;
    let investigation =
        world.detective.administered_graph(call.place, &graph_arn, call.now)?.investigation(&investigation_id)?;
    let mut body = json!({
        "GraphArn": graph_arn,
        "InvestigationId": investigation_id,
        "EntityArn": investigation.entity_arn,
        "EntityType": investigation.entity_type,
        "CreatedTime": iso(investigation.created),
        "ScopeStartTime": iso(investigation.scope_start),
        "ScopeEndTime": iso(investigation.scope_end),
        "Status": investigation.status(call.now),
        "State": investigation.state,
    });
    if let Some(severity) = investigation.severity(call.now) {
        body["Severity"] = json!(severity);
    }
    investigation.checks = investigation.checks.saturating_add(1);
    Ok(Some(body))
}
