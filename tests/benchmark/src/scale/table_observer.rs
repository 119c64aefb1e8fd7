//! Records at the proxy when findings and cases are written to the table.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use local_cloud::{FaultInjector, ProxiedCall, ProxyFault};
use serde_json::Value;

/// The writes of findings and cases, and their times.
#[derive(Debug, Default)]
pub(super) struct TableWrites {
    /// When each finding was first written.
    pub(super) admitted: BTreeMap<String, Instant>,
    /// Cases that were opened.
    pub(super) opened: BTreeSet<String>,
    /// When each case was closed.
    pub(super) closed: BTreeMap<String, Instant>,
}

/// Records the writes and injects no fault.
#[derive(Default)]
pub(super) struct TableObserver(Mutex<TableWrites>);

impl TableObserver {
    pub(super) fn writes(&self) -> MutexGuard<'_, TableWrites> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FaultInjector for TableObserver {
    fn fault_for(&self, _: &ProxiedCall) -> Option<ProxyFault> {
        None
    }

    fn observe(&self, call: &ProxiedCall, _: Option<ProxyFault>, status: Option<u16>) {
        if call.service != "dynamodb" || status != Some(200) {
            return;
        }
        let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        self.writes().record(&call.operation, &body, Instant::now());
    }
}

impl TableWrites {
    fn record(&mut self, operation: &str, body: &Value, now: Instant) {
        match operation {
            "TransactWriteItems" => {
                for item in body["TransactItems"].as_array().into_iter().flatten().map(|write| &write["Put"]["Item"]) {
                    let name = item["item"]["S"].as_str().unwrap_or_default();
                    if let Some(id) = name.strip_prefix("finding#") {
                        // A repeated finding is written again; only the first write counts.
                        self.admitted.entry(id.to_owned()).or_insert(now);
                    } else if name.starts_with("case#") {
                        self.opened.extend(item["case_id"]["S"].as_str().map(str::to_owned));
                    }
                }
            }
            "UpdateItem" => self.closed.extend(closed_case(body).map(|case_id| (case_id, now))),
            _ => {}
        }
    }
}

/// The case that an update closes.
fn closed_case(update: &Value) -> Option<String> {
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
    fn only_updates_that_set_the_status_to_closed_count() {
        let update = |status: &str, set: &str| {
            json!({"UpdateExpression": set, "ConditionExpression": "case_id = :v0 AND #status <> :v1",
                "ExpressionAttributeValues": {":v0": {"S": "c"}, ":v1": {"S": "CLOSED"}, ":v2": {"S": status}}})
        };
        let set = "SET published_revision = :v3, #status = :v2, closed_at = :v4 REMOVE publishing_until";
        assert_eq!(closed_case(&update("CLOSED", set)).as_deref(), Some("c"));
        assert_eq!(closed_case(&update("SEALED", set)), None);
        assert_eq!(closed_case(&update("CLOSED", "SET joined = joined + :v2")), None);
        assert_eq!(closed_case(&update("CLOSED", "SET #status = :v2 REMOVE x")).as_deref(), Some("c"));
    }

    #[test]
    fn a_finding_is_recorded_with_its_case() {
        let mut writes = TableWrites::default();
        let body = json!({"TransactItems": [
            {"Put": {"Item": {"item": {"S": "case#0000000001"}, "case_id": {"S": "c"}}}},
            {"Put": {"Item": {"item": {"S": "finding#f"}}}},
        ]});
        let first = Instant::now();
        writes.record("TransactWriteItems", &body, first);
        writes.record("TransactWriteItems", &body, Instant::now());
        assert_eq!(writes.admitted.into_iter().collect::<Vec<_>>(), [("f".to_owned(), first)]);
        assert_eq!(writes.opened.into_iter().collect::<Vec<_>>(), ["c"]);
    }
}
