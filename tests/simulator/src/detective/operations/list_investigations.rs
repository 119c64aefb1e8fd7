//! ListInvestigations: a graph's investigations, filtered, sorted and in pages.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::page;
use crate::detective::Investigation;
use crate::protocol::pages::{Key, Order};
use crate::protocol::{Call, OperationResult, Paging, iso, wire_name};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    graph_arn: String,
    #[serde(flatten)]
    paging: Paging,
    filter_criteria: Option<Filter>,
    sort_criteria: Option<Sort>,
}

/// FilterCriteria. All that is given must fit.
// assumed: without a filter on State, only active investigations are listed: the reference speaks of "all active Detective
// investigations". A Value that is no word of the enum it filters matches nothing; values match whole and in their case.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    severity: Option<StringFilter>,
    status: Option<StringFilter>,
    state: Option<StringFilter>,
    entity_arn: Option<StringFilter>,
    created_time: Option<DateFilter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StringFilter {
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DateFilter {
    start_inclusive: Timestamp,
    end_inclusive: Timestamp,
}

/// SortCriteria.
// assumed: newest first by default, and for a Field without a SortOrder; CREATED_TIME for an order without
// a Field.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sort {
    field: Option<SortField>,
    sort_order: Option<Order>,
}

/// What investigations are sorted by.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum SortField {
    Severity,
    Status,
    CreatedTime,
}

/// The state of investigations that are listed where no other is asked for.
const ACTIVE: &str = "ACTIVE";

/// The size of a page when MaxResults is left out.
// assumed: the reference gives none.
const DEFAULT_PAGE_SIZE: usize = 100;

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { graph_arn, paging, filter_criteria, sort_criteria } = call.request()?;
    let filter = filter_criteria.unwrap_or_default();
    if let Some(created) = &filter.created_time
        && created.end_inclusive < created.start_inclusive
    {
        // assumed: the reference does not say what a filter that ends before it starts gets.
        return Err(
            call.invalid_member("FilterCriteria.CreatedTime.EndInclusive", "must not be before StartInclusive.")
        );
    }
    let sort = sort_criteria.unwrap_or_default();
    let field = sort.field.unwrap_or(SortField::CreatedTime);
    let order = sort.sort_order.unwrap_or(Order::Descending);

    let graph = world.detective.administered_graph(call.place, &graph_arn, call.now)?;
    let found = graph
        .investigations
        .values()
        .filter(|investigation| filter.matches_filter(investigation, call.now))
        .map(|investigation| (key(investigation, field, call.now), investigation));
    let (found, next) = call.page(found, order, &paging, DEFAULT_PAGE_SIZE)?;
    let details: Vec<Value> = found.into_iter().map(|investigation| detail(investigation, call.now)).collect();
    page("InvestigationDetails", details.into(), next)
}

impl Filter {
    fn matches_filter(&self, investigation: &Investigation, now: Timestamp) -> bool {
        let fits = |filter: &Option<StringFilter>, value: &str| filter.as_ref().is_none_or(|one| one.value == value);
        fits(&self.entity_arn, &investigation.entity_arn)
            && self
                .created_time
                .as_ref()
                .is_none_or(|range| (range.start_inclusive..=range.end_inclusive).contains(&investigation.created))
            && (self.severity.is_none()
                || investigation.severity(now).is_some_and(|severity| fits(&self.severity, &wire_name(severity))))
            && (self.status.is_none() || fits(&self.status, &wire_name(investigation.status(now))))
            && self.state.as_ref().map_or(ACTIVE, |state| state.value.as_str()) == wire_name(investigation.state)
    }
}

/// An investigation's position in the order. Ids grow with time, and order investigations of the same rank.
// assumed: severities and statuses sort in the order in which the reference lists them, no severity below all.
fn key(investigation: &Investigation, field: SortField, now: Timestamp) -> Key {
    let rank = match field {
        SortField::Severity => investigation.severity(now).map_or(0, |severity| severity as i64 + 1),
        SortField::Status => investigation.status(now) as i64,
        SortField::CreatedTime => investigation.created.as_millisecond(),
    };
    Key { rank, item: investigation.id.0 }
}

fn detail(investigation: &Investigation, now: Timestamp) -> Value {
    let mut detail = json!({
        "InvestigationId": investigation.id,
        "Status": investigation.status(now),
        "State": investigation.state,
        "CreatedTime": iso(investigation.created),
        "EntityArn": investigation.entity_arn,
        "EntityType": investigation.entity_type,
    });
    if let Some(severity) = investigation.severity(now) {
        detail["Severity"] = json!(severity);
    }
    detail
}
