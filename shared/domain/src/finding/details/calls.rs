//! `service.additionalInfo`: the API calls of a finding in addition to the one in its action.
//!
//! GuardDuty documents only a text (`value`) and its type. Published findings contain, next to the text or as JSON in it:
//! `apiCalls`, a list with counts and times; and `anomalies.anomalousAPIs`, a text such as
//! `redshift.amazonaws.com:[DescribeClusters:success , ListTags:success] , iam.amazonaws.com:[…]`, or a list, or an object by
//! service.

use crate::finding::json_node::JsonNode;
use crate::finding::{Activity, ActivityResult, activity};
use crate::text::one_line;
use serde_json::Value;

/// Further calls are only counted.
const MAX_CALLS: usize = 12;
const MAX_ENTRIES_READ: usize = 400;
const MAX_NAME_CHARS: usize = 80;
/// Maximum length of a text that is searched for calls: longer than in any published finding.
const MAX_TEXT_BYTES: usize = 64 * 1024;

/// The calls without duplicates, and the number of omitted ones.
pub(super) fn other_calls(detail: JsonNode<'_>) -> (Vec<Activity>, usize) {
    let information = detail.at("service.additionalInfo");
    let hidden = information.get("value").text().and_then(parse_embedded_json);
    let mut calls = Vec::new();
    let places = [information, information.get("value"), hidden.as_ref().map_or_else(JsonNode::missing, JsonNode::new)];
    // The same calls are often both next to the text and in it, so only the first place with calls is read.
    if let Some(found) = places.into_iter().map(calls_of).find(|found| !found.is_empty()) {
        found.into_iter().take(MAX_ENTRIES_READ).for_each(|call| merge_call(&mut calls, call));
    }
    let own = detail.at("service.action.awsApiCallAction.api").text().map(|name| one_line(name, MAX_NAME_CHARS));
    calls.retain(|call| Some(&call.name) != own.as_ref());
    let omitted = calls.len().saturating_sub(MAX_CALLS);
    calls.truncate(MAX_CALLS);
    (calls, omitted)
}

/// The JSON in the text, if it may contain calls.
fn parse_embedded_json(text: &str) -> Option<Value> {
    let may_hold_calls = text.contains("piCalls") || text.contains("nomalousAPIs");
    (may_hold_calls && text.len() <= MAX_TEXT_BYTES).then(|| serde_json::from_str(text).ok()).flatten()
}

fn calls_of(information: JsonNode<'_>) -> Vec<Activity> {
    let counted = information.get("apiCalls").items().take(MAX_ENTRIES_READ).filter_map(counted);
    let anomalous = information.at("anomalies.anomalousAPIs");
    let unusual = if anomalous.exists() { anomalous } else { information.get("anomalousAPIs") };
    counted.chain(anomalous_calls(unusual)).collect()
}

fn counted(call: JsonNode<'_>) -> Option<Activity> {
    Some(Activity {
        count: call.get("count").whole_number(),
        first_seen: call.get("firstSeen").timestamp(),
        last_seen: call.get("lastSeen").timestamp(),
        ..named(call.get("name").text()?, None, ActivityResult::Unknown)
    })
}

fn anomalous_calls(calls: JsonNode<'_>) -> Vec<Activity> {
    if let Some(text) = calls.text() {
        return text
            .get(..MAX_TEXT_BYTES)
            .unwrap_or(text)
            .split(']')
            .flat_map(of_service)
            .take(MAX_ENTRIES_READ)
            .collect();
    }
    let listed = calls.items().filter_map(JsonNode::text).map(|text| parse_call(text, None));
    let by_service = calls.members().flat_map(|(service, calls)| {
        let calls: Vec<&str> = calls.items().filter_map(JsonNode::text).take(MAX_ENTRIES_READ).collect();
        calls.into_iter().map(move |text| parse_call(text, Some(service))).collect::<Vec<_>>()
    });
    listed.chain(by_service).take(MAX_ENTRIES_READ).collect()
}

/// The calls in `SERVICE:[CALL , CALL`, or in a list of calls without a service.
fn of_service(part: &str) -> Vec<Activity> {
    let (service, calls) = match part.split_once(":[") {
        Some((service, calls)) => (Some(service.trim_matches([' ', ','])), calls),
        None => (None, part),
    };
    let calls = calls.split(',').map(|call| call.trim_matches([' ', '['])).filter(|call| !call.is_empty());
    calls.map(|call| parse_call(call, service)).collect()
}

/// Parses `CALL`, `CALL:success`, `CALL:ERROR` or `SERVICE:CALL`. Names of calls begin with a capital letter, those of services do
/// not.
fn parse_call(text: &str, service: Option<&str>) -> Activity {
    let capital = |text: &str| text.starts_with(|letter: char| letter.is_ascii_uppercase());
    match text.trim().split_once(':') {
        Some((call, result)) if result.trim() == "success" => named(call, service, ActivityResult::Succeeded),
        Some((prefix, call)) if !capital(prefix) && capital(call) => {
            named(call, service.or(Some(prefix)), ActivityResult::Unknown)
        }
        Some((call, error)) => named(call, service, ActivityResult::Failed(one_line(error, MAX_NAME_CHARS))),
        None => named(text, service, ActivityResult::Unknown),
    }
}

fn named(name: &str, service: Option<&str>, result: ActivityResult) -> Activity {
    let service = service.map(|name| one_line(name, MAX_NAME_CHARS)).filter(|name| !name.is_empty());
    Activity { service, result, ..activity::named(&one_line(name, MAX_NAME_CHARS), None) }
}

/// Adds a call, or merges its count and times into the same call.
fn merge_call(calls: &mut Vec<Activity>, call: Activity) {
    if call.name.is_empty() {
        return;
    }
    let is_same = |it: &&mut Activity| it.name == call.name && it.service == call.service && it.result == call.result;
    let Some(known) = calls.iter_mut().find(is_same) else { return calls.push(call) };
    known.count = match (known.count, call.count) {
        (Some(one), Some(other)) => Some(one.saturating_add(other)),
        (one, other) => one.or(other),
    };
    known.first_seen = known.first_seen.into_iter().chain(call.first_seen).min();
    known.last_seen = known.last_seen.max(call.last_seen);
}
