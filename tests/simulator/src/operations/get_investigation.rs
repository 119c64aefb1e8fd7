//! GetInvestigation: where an investigation is. Each answer counts as one check.

use serde_json::json;

use super::{Answer, Call, iso};
use crate::constraints::{INVESTIGATION_ID, SEVERITY, STATE, STATUS};
use crate::state::World;

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> Answer {
    let graph_arn = call.graph_arn()?;
    let id = call.input.required_text("InvestigationId", &INVESTIGATION_ID)?;
    world.check_graph(call.place, graph_arn)?;
    let investigation = world.investigation(call.place, id)?;

    let mut body = json!({
        "GraphArn": graph_arn,
        "InvestigationId": id,
        "EntityArn": investigation.entity_arn,
        "EntityType": investigation.entity_type.name(),
        "CreatedTime": iso(investigation.created),
        "ScopeStartTime": iso(investigation.scope_start),
        "ScopeEndTime": iso(investigation.scope_end),
        "Status": STATUS.name(&investigation.status(call.now)),
        "State": STATE.name(&investigation.state),
    });
    if let Some(severity) = investigation.severity(call.now) {
        body["Severity"] = SEVERITY.name(&severity).into();
    }
    investigation.checks = investigation.checks.saturating_add(1);
    Ok(Some(body))
}
