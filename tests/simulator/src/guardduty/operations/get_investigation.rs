//! GetInvestigation: the status and the result of an investigation. Each answer counts as one check.

use serde::Deserialize;
use serde_json::{Value, json};

use super::check_region;
use crate::guardduty::organization_role::OrganizationRole;
use crate::guardduty::{Investigation, Status, seconds};
use crate::protocol::{Call, OperationResult};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    detector_id: String,
    investigation_id: String,
}

/// Why an investigation failed whose scenario does not say.
// assumed: the wording.
const FAILED: &str = "The investigation could not be completed.";

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { detector_id, investigation_id } = call.request()?;
    world.guardduty.detector(call.place, &detector_id)?;
    check_region(call.place)?;
    let role = OrganizationRole::of(&world.organizations, &call.place.account);
    let investigation = world.guardduty.investigations.get_readable(&investigation_id, call.place, role)?;
    let body = response_body(call, investigation);
    investigation.check(call.now);
    Ok(Some(json!({ "investigation": body })))
}

fn response_body(call: &Call<'_>, investigation: &Investigation) -> Value {
    let Investigation { place, account, scenario, .. } = investigation;
    let mut body = json!({
        "investigationId": investigation.id,
        "status": investigation.status(call.now),
        "triggerPrompt": investigation.prompt,
        // assumed: the reference says "the account that initiated the investigation", not how it is written.
        "triggeredBy": format!("arn:{}:iam::{}:root", place.partition(), place.account),
        // assumed: their values, and that they and cloud are present from the start.
        "metadata": { "version": "1.0", "product": { "name": "Amazon GuardDuty", "feature": "Investigation" } },
        "cloud": { "provider": "AWS", "region": place.region, "account": account },
        "startTime": seconds(investigation.created),
    });
    if let Some(ended) = investigation.ended_at(call.now) {
        body["endTime"] = seconds(ended);
    }
    if let Some(result) = investigation.result(call.now) {
        body["riskLevel"] = json!(result.risk_level);
        body["confidence"] = json!(result.confidence);
        if !result.risk.is_empty() {
            body["risk"] = result.risk.as_str().into();
        }
        match &result.summary {
            Value::Null => {}
            Value::String(text) => body["summary"] = text.as_str().into(),
            structure => body["summary"] = structure.to_string().into(),
        }
    }
    if investigation.status(call.now) == Status::Failed {
        body["error"] = scenario.error.as_deref().unwrap_or(FAILED).into();
    }
    body
}
