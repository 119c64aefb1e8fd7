//! CreateInvestigation: a new investigation of what a prompt names.

use serde::Deserialize;
use serde_json::json;

use super::check_region;
use crate::guardduty::constraints::{INVESTIGATIONS_PER_DAY_MAX, INVESTIGATIONS_TOTAL_MAX};
use crate::guardduty::detector::{Feature, Status as Switch};
use crate::guardduty::organization_role::OrganizationRole;
use crate::guardduty::prompt::Prompt;
use crate::guardduty::{Investigation, Status};
use crate::protocol::error::{AwsError, ErrorType};
use crate::protocol::{Call, OperationResult};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    #[serde(rename = "DetectorId")]
    detector_id: String,
    trigger_prompt: String,
    client_token: Option<String>,
}

// assumed: the order of the checks, and BadRequestException for a detector that is disabled and for AI_ANALYST that is
// not ENABLED; a finding or account that the caller does not have is investigated all the same.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { detector_id, trigger_prompt, client_token } = call.request()?;
    let detector = world.guardduty.detector(call.place, &detector_id)?;
    let (status, analyst) = (detector.status, detector.feature(Feature::AiAnalyst));
    check_region(call.place)?;
    let role = OrganizationRole::of(&world.organizations, &call.place.account);
    role.require_administrator(ErrorType::AccessDenied, call.operation.model.name)?;
    if status != Switch::Enabled {
        return Err(AwsError::bad_request("The request is rejected because the detector is disabled."));
    }
    if analyst != Switch::Enabled {
        return Err(AwsError::bad_request(
            "The request is rejected because the feature AI_ANALYST is not enabled on the detector.",
        ));
    }
    // assumed: an empty token counts as omitted; a token never expires, and belongs to the account and Region that sent it.
    let client_token = client_token.filter(|token| !token.is_empty());
    if let Some(token) = &client_token
        && let Some(investigation) = own(call, world).find(|one| one.client_token.as_ref() == Some(token))
    {
        if investigation.prompt == trigger_prompt {
            return Ok(Some(json!({ "investigationId": investigation.id })));
        }
        // assumed: the error.
        return Err(call.invalid_member("clientToken", "was given before, with another triggerPrompt."));
    }
    check_limits(call, world)?;

    let prompt = Prompt::read(&trigger_prompt);
    let scenario = world.scenarios.of_finding(call.place, prompt.subject());
    let seen = world.guardduty.visible_findings(call.place, role);
    let owner = prompt.finding.as_deref().and_then(|id| seen.get(id)?.text("accountId"));
    // assumed: an investigation is about the account that the prompt names, else the finding's, else the caller's.
    let account = prompt.account.as_deref().or(owner).unwrap_or(&call.place.account).to_owned();
    let id = world.guardduty.investigations.next_id();
    world.guardduty.investigations.add(Investigation {
        id: id.clone(),
        place: call.place.clone(),
        prompt: trigger_prompt,
        finding_id: prompt.finding,
        account,
        client_token,
        created: call.now,
        checks: 0,
        seen_running: call.now,
        manual_outcome: None,
        scenario,
    });
    Ok(Some(json!({ "investigationId": id })))
}

/// The investigations that the account created in the Region.
fn own<'a>(call: &'a Call<'_>, world: &'a World) -> impl Iterator<Item = &'a Investigation> {
    let all = world.guardduty.investigations.iter().map(|(_, investigation)| investigation);
    all.filter(|investigation| investigation.place == *call.place)
}

/// Whether the account can create one more.
///
/// # Errors
/// BadRequestException.
// assumed: the error; each Region counts for itself; a day is one of the calendar in UTC; one that FAILED is not
// counted from when it has failed.
fn check_limits(call: &Call<'_>, world: &World) -> Result<(), AwsError> {
    let day = |time: jiff::Timestamp| time.as_second().div_euclid(24 * 60 * 60);
    let counted = || own(call, world).filter(|one| one.status(call.now) != Status::Failed);
    let refused = |limit: usize, of: &str| {
        AwsError::bad_request(format!(
            "The request is rejected because the limit of {limit} investigations {of} is reached."
        ))
    };
    if counted().count() >= INVESTIGATIONS_TOTAL_MAX {
        return Err(refused(INVESTIGATIONS_TOTAL_MAX, "per account"));
    }
    if counted().filter(|one| day(one.created) == day(call.now)).count() >= INVESTIGATIONS_PER_DAY_MAX {
        return Err(refused(INVESTIGATIONS_PER_DAY_MAX, "per account and day"));
    }
    Ok(())
}
