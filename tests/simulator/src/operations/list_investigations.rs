//! ListInvestigations: a graph's investigations, filtered, sorted and in pages.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Answer, Call, iso};
use crate::aws_error::AwsError;
use crate::constraints::{AI_PAGINATION_TOKEN, FIELD, MAX_RESULTS, SEVERITY, SORT_ORDER, STATE, STATUS, VALUE};
use crate::input::Input;
use crate::lifecycle::Investigation;
use crate::pages::Key;
use crate::state::World;

/// The size of a page when MaxResults is left out.
// assumed: the reference gives none.
const PAGE: usize = 100;

/// What investigations are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SortField {
    Severity,
    Status,
    CreatedTime,
}

/// Which way they are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SortOrder {
    Ascending,
    Descending,
}

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> Answer {
    let graph_arn = call.graph_arn()?;
    let token = call.input.optional_text("NextToken", &AI_PAGINATION_TOKEN)?;
    let size = call.input.optional_integer("MaxResults", &MAX_RESULTS)?.unwrap_or(PAGE);
    let filter = Filter::read(&call.input)?;
    let (field, order) = read_sort(&call.input)?;
    let listing = call.listing(&[graph_arn, &format!("{filter:?} {field:?} {order:?}")]);
    let after = token.map(|token| listing.read(token, call.now)).transpose()?;
    world.check_graph(call.place, graph_arn)?;

    let mut found: Vec<(Key, &Investigation)> = world
        .investigations_of(call.place)
        .filter(|investigation| filter.lets_through(investigation, call.now))
        .map(|investigation| (key(investigation, field, call.now), investigation))
        .collect();
    found.sort_by_key(|(key, _)| *key);
    if order == SortOrder::Descending {
        found.reverse();
    }
    let behind = found.into_iter().filter(|(key, _)| match (after, order) {
        (None, _) => true,
        (Some(after), SortOrder::Ascending) => *key > after,
        (Some(after), SortOrder::Descending) => *key < after,
    });
    let (page, next) = listing.page(behind, size, call.now);
    let details: Vec<Value> = page.into_iter().map(|investigation| detail(investigation, call.now)).collect();
    let mut body = json!({ "InvestigationDetails": details });
    if let Some(next) = next {
        body["NextToken"] = next.into();
    }
    Ok(Some(body))
}

/// FilterCriteria. All that is given must fit.
// assumed: without a filter on State, archived investigations are listed too; a Value that is no word of the enum it
// filters matches nothing; values match whole and in their case.
#[derive(Debug, Default)]
struct Filter<'a> {
    severity: Option<&'a str>,
    status: Option<&'a str>,
    state: Option<&'a str>,
    entity_arn: Option<&'a str>,
    created: Option<(Timestamp, Timestamp)>,
}

impl<'a> Filter<'a> {
    fn read(input: &Input<'a>) -> Result<Self, AwsError> {
        let Some(criteria) = input.optional_structure("FilterCriteria")? else { return Ok(Self::default()) };
        let value = |name| match criteria.optional_structure(name)? {
            None => Ok(None),
            Some(filter) => filter.required_text("Value", &VALUE).map(Some),
        };
        let created = match criteria.optional_structure("CreatedTime")? {
            None => None,
            Some(filter) => {
                let start = filter.required_time("StartInclusive")?;
                let end = filter.required_time("EndInclusive")?;
                if end < start {
                    // assumed: the reference does not say what a filter that ends before it starts gets.
                    return Err(filter.wrong("EndInclusive", "must not be before StartInclusive."));
                }
                Some((start, end))
            }
        };
        Ok(Self {
            severity: value("Severity")?,
            status: value("Status")?,
            state: value("State")?,
            entity_arn: value("EntityArn")?,
            created,
        })
    }

    fn lets_through(&self, investigation: &Investigation, now: Timestamp) -> bool {
        let severity = investigation.severity(now).map(|severity| SEVERITY.name(&severity));
        self.severity.is_none_or(|wanted| severity == Some(wanted))
            && self.status.is_none_or(|wanted| wanted == STATUS.name(&investigation.status(now)))
            && self.state.is_none_or(|wanted| wanted == STATE.name(&investigation.state))
            && self.entity_arn.is_none_or(|wanted| wanted == investigation.entity_arn)
            && self.created.is_none_or(|(start, end)| (start..=end).contains(&investigation.created))
    }
}

// assumed: newest first when nothing is said, and for a Field without a SortOrder; CREATED_TIME for an order without
// a Field.
fn read_sort(input: &Input<'_>) -> Result<(SortField, SortOrder), AwsError> {
    let (mut field, mut order) = (None, None);
    if let Some(criteria) = input.optional_structure("SortCriteria")? {
        field = criteria.optional_word("Field", &FIELD)?;
        order = criteria.optional_word("SortOrder", &SORT_ORDER)?;
    }
    Ok((field.unwrap_or(SortField::CreatedTime), order.unwrap_or(SortOrder::Descending)))
}

/// An investigation's place in the order. Ids grow with time, and tell investigations of one rank apart.
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
        "InvestigationId": investigation.id.to_string(),
        "Status": STATUS.name(&investigation.status(now)),
        "State": STATE.name(&investigation.state),
        "CreatedTime": iso(investigation.created),
        "EntityArn": investigation.entity_arn,
        "EntityType": investigation.entity_type.name(),
    });
    if let Some(severity) = investigation.severity(now) {
        detail["Severity"] = SEVERITY.name(&severity).into();
    }
    detail
}
