//! Recognizes keep-graph's calls that belong to a notice, and their results.

use crate::injector::Applied;
use local_cloud::ProxiedCall;
use serde_json::Value;

/// An event of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GraphStep {
    /// A Publish call.
    Publish { revision: u64, applied: Applied },
    /// A write of the notified state: the revision is claimed, or recorded as published.
    Record { revision: u64, claimed: bool, applied: Applied },
}

/// Whether a call belongs to a notice of the graph.
pub(crate) fn is_about_graph(call: &ProxiedCall) -> bool {
    match (call.service.as_str(), call.operation.as_str()) {
        ("dynamodb", "GetItem" | "UpdateItem") => call.json()["Key"]["subject"]["S"] == "graph",
        ("sns", "Publish") => call.message_attributes().get("cause").is_some_and(|cause| cause == "GRAPH_HEALTH"),
        _ => false,
    }
}

pub(crate) fn step(call: &ProxiedCall, applied: Applied) -> Option<GraphStep> {
    if !is_about_graph(call) {
        return None;
    }
    if call.operation == "Publish" {
        let revision = call.message_attributes().get("revision")?.parse().ok()?;
        return Some(GraphStep::Publish { revision, applied });
    }
    record(&call.json(), applied)
}

fn record(update: &Value, applied: Applied) -> Option<GraphStep> {
    let value = update["ExpressionAttributeValues"][":value"]["S"].as_str()?;
    let value: Value = serde_json::from_str(value).ok()?;
    let claim = &value["claim"];
    let revision = if claim.is_null() { &value["revision"] } else { &claim["revision"] };
    Some(GraphStep::Record { revision: revision.as_u64()?, claimed: !claim.is_null(), applied })
}

#[cfg(test)]
#[allow(unused_imports, dead_code, reason = "they are tests of `chaos_parts` alone")]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_claim_is_distinguished_from_a_record() {
        let of = |value: Value| {
            record(&json!({"ExpressionAttributeValues": {":value": {"S": value.to_string()}}}), Applied::Yes)
        };
        let claim = json!({"revision": 1, "marks": {}, "claim": {"until": "2026-01-15T12:40:00Z", "revision": 2}});
        let keep = |revision, claimed| Some(GraphStep::Record { revision, claimed, applied: Applied::Yes });
        assert_eq!(of(claim), keep(2, true));
        assert_eq!(of(json!({"revision": 2, "marks": {"no-graph": ["a"]}})), keep(2, false));
    }
}
