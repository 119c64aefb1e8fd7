//! ListInvestigations: the investigations that an account can read, sorted and in pages.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{DEFAULT_PAGE_SIZE, check_region, page};
use crate::guardduty::organization_role::OrganizationRole;
use crate::guardduty::{Investigation, seconds};
use crate::protocol::pages::{Key, Order};
use crate::protocol::{Call, OperationResult};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    #[serde(rename = "DetectorId")]
    detector_id: String,
    sort_criteria: Option<Sort>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

/// InvestigationSortCriteria.
// assumed: newest first by default, and for an attribute without an order; START_TIME for an order without an
// attribute.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sort {
    attribute_name: Option<SortField>,
    order_by: Option<Order>,
}

/// What investigations are sorted by.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum SortField {
    StartTime,
    EndTime,
    Status,
    RiskLevel,
    Confidence,
}

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { detector_id, sort_criteria, max_results, next_token } = call.request()?;
    world.guardduty.detector(call.place, &detector_id)?;
    check_region(call.place)?;
    let sort = sort_criteria.unwrap_or_default();
    let field = sort.attribute_name.unwrap_or(SortField::StartTime);
    let order = sort.order_by.unwrap_or(Order::Descending);

    let role = OrganizationRole::of(&world.organizations, &call.place.account);
    let all = world.guardduty.investigations.iter();
    let found = all
        .filter(|(_, investigation)| investigation.read_permission(call.place, role) == Some(true))
        .map(|(number, one)| (Key { rank: rank(one, field, call.now), item: number.into() }, one));
    let size = max_results.unwrap_or(DEFAULT_PAGE_SIZE);
    let (found, next) = call.listing().page(found, order, next_token.as_deref(), size, call.now)?;
    page("investigations", found.into_iter().map(|one| summary(one, call.now)).collect(), next)
}

// assumed: words sort in the order in which the reference lists them; what has no value yet comes first.
fn rank(investigation: &Investigation, field: SortField, now: Timestamp) -> i64 {
    match field {
        SortField::StartTime => investigation.created.as_millisecond(),
        SortField::EndTime => investigation.ended_at(now).map_or(i64::MIN, Timestamp::as_millisecond),
        SortField::Status => investigation.status(now) as i64,
        SortField::RiskLevel => investigation.risk_level(now).map_or(-1, |level| level as i64),
        SortField::Confidence => investigation.confidence(now).map_or(-1, |confidence| confidence as i64),
    }
}

fn summary(investigation: &Investigation, now: Timestamp) -> Value {
    let mut body = json!({
        "investigationId": investigation.id,
        "status": investigation.status(now),
        "triggerPrompt": investigation.prompt,
        "accountId": investigation.account,
        "startTime": seconds(investigation.created),
    });
    if let Some(ended) = investigation.ended_at(now) {
        body["endTime"] = seconds(ended);
    }
    if let Some(result) = investigation.result(now) {
        body["riskLevel"] = json!(result.risk_level);
        body["confidence"] = json!(result.confidence);
        if !result.title.is_empty() {
            body["title"] = result.title.as_str().into();
        }
    }
    body
}
