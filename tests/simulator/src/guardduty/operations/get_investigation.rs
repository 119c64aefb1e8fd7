//! GetInvestigation: where an investigation is, and what it came to. Each answer counts as one check.

use serde::Deserialize;
use serde_json::{Value, json};

use super::check_region;
use crate::guardduty::organization_role::OrganizationRole;
use crate::guardduty::{Investigation, Status, seconds};
use crate::protocol::{Answer, Call};
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

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> Answer {
    let Request { detector_id, investigation_id } = call.request()?;
    world.guardduty.detector(call.place, &detector_id)?;
    check_region(call.place)?;
    let standing = OrganizationRole::of(&world.organizations, &call.place.account);
    let investigation = world.guardduty.investigations.read(&investigation_id, call.place, standing)?;
    let told = told(call, investigation);
    investigation.check(call.now);
    Ok(Some(json!({ "investigation": told })))
}

fn told(call: &Call<'_>, investigation: &Investigation) -> Value {
    let Investigation { place, account, scenario, .. } = investigation;
    let mut told = json!({
        "investigationId": investigation.id,
        "status": investigation.status(call.now),
        "triggerPrompt": investigation.prompt,
        // assumed: the reference says "the account that initiated the investigation", not how it is written.
        "triggeredBy": format!("arn:{}:iam::{}:root", place.partition(), place.account),
        // assumed: what stands in them, and that they and cloud are there from the start.
        "metadata": { "version": "1.0", "product": { "name": "Amazon GuardDuty", "feature": "Investigation" } },
        "cloud": { "provider": "AWS", "region": place.region, "account": account },
        "startTime": seconds(investigation.created),
    });
    if let Some(ended) = investigation.ended(call.now) {
        told["endTime"] = seconds(ended);
    }
    if let Some(result) = investigation.result(call.now) {
        told["riskLevel"] = json!(result.risk_level);
        told["confidence"] = json!(result.confidence);
        if !result.risk.is_empty() {
            told["risk"] = result.risk.as_str().into();
        }
        match &result.summary {
            Value::Null => {}
            Value::String(text) => told["summary"] = text.as_str().into(),
            structure => told["summary"] = structure.to_string().into(),
        }
    }
    if investigation.status(call.now) == Status::Failed {
        told["error"] = scenario.error.as_deref().unwrap_or(FAILED).into();
    }
    told
}
