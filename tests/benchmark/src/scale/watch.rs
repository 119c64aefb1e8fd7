//! When what happens, seen by the proxy that stands before the table.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use local_cloud::{FaultInjector, ProxiedCall, ProxyFault};
use serde_json::Value;

/// What the table has been told, and when.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// When each finding was taken in.
    pub(super) taken: BTreeMap<String, Instant>,
    /// Cases that were opened.
    pub(super) opened: BTreeSet<String>,
    /// When each case was closed.
    pub(super) closed: BTreeMap<String, Instant>,
}

/// Remembers that, and lets every call pass.
#[derive(Default)]
pub(super) struct Watch(Mutex<Seen>);

impl Watch {
    pub(super) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FaultInjector for Watch {
    fn fault_for(&self, _: &ProxiedCall) -> Option<ProxyFault> {
        None
    }

    fn observe(&self, call: &ProxiedCall, _: Option<ProxyFault>, status: Option<u16>) {
        if call.service != "dynamodb" || status != Some(200) {
            return;
        }
        let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        self.seen().note(&call.operation, &body, Instant::now());
    }
}

impl Seen {
    fn note(&mut self, operation: &str, body: &Value, now: Instant) {
        match operation {
            "TransactWriteItems" => {
                for item in body["TransactItems"].as_array().into_iter().flatten().map(|write| &write["Put"]["Item"]) {
                    let name = item["item"]["S"].as_str().unwrap_or_default();
                    if let Some(id) = name.strip_prefix("finding#") {
                        // What comes again is taken in again; it waited for the first time only.
                        self.taken.entry(id.to_owned()).or_insert(now);
                    } else if name.starts_with("case#") {
                        self.opened.extend(item["case_id"]["S"].as_str().map(str::to_owned));
                    }
                }
            }
            "UpdateItem" => self.closed.extend(closes(body).map(|case_id| (case_id, now))),
            _ => {}
        }
    }
}

/// The case that an update closes.
fn closes(update: &Value) -> Option<String> {
    let set = update["UpdateExpression"].as_str()?.strip_prefix("SET ")?;
    let value = |name: &str| update["ExpressionAttributeValues"][name.trim()]["S"].as_str();
    let status = set.split(',').find_map(|part| part.trim().strip_prefix("#status = "))?;
    (value(status.split(' ').next()?)? == "CLOSED").then_some(())?;
    let id = update["ConditionExpression"].as_str()?.split(" AND ").find_map(|part| part.strip_prefix("case_id = "))?;
    value(id).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn closing_is_told_from_sealing_and_from_conditions() {
        let update = |status: &str, set: &str| {
            json!({"UpdateExpression": set, "ConditionExpression": "case_id = :v0 AND #status <> :v1",
                "ExpressionAttributeValues": {":v0": {"S": "c"}, ":v1": {"S": "CLOSED"}, ":v2": {"S": status}}})
        };
        let set = "SET published_revision = :v3, #status = :v2, closed_at = :v4 REMOVE publishing_until";
        assert_eq!(closes(&update("CLOSED", set)).as_deref(), Some("c"));
        assert_eq!(closes(&update("SEALED", set)), None);
        assert_eq!(closes(&update("CLOSED", "SET joined = joined + :v2")), None);
        assert_eq!(closes(&update("CLOSED", "SET #status = :v2 REMOVE x")).as_deref(), Some("c"));
    }

    #[test]
    fn a_finding_is_taken_in_with_its_case() {
        let mut seen = Seen::default();
        let body = json!({"TransactItems": [
            {"Put": {"Item": {"item": {"S": "case#0000000001"}, "case_id": {"S": "c"}}}},
            {"Put": {"Item": {"item": {"S": "finding#f"}}}},
        ]});
        let first = Instant::now();
        seen.note("TransactWriteItems", &body, first);
        seen.note("TransactWriteItems", &body, Instant::now());
        assert_eq!(seen.taken.into_iter().collect::<Vec<_>>(), [("f".to_owned(), first)]);
        assert_eq!(seen.opened.into_iter().collect::<Vec<_>>(), ["c"]);
    }
}
