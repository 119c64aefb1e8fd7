//! What became of keep-graph's notices: the calls of its that go through the proxy.

use crate::witness::Taken;
use local_cloud::ProxiedCall;
use serde_json::Value;

/// Something about a notice, in the order in which it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GraphStep {
    /// SNS was asked to publish it.
    Publish { revision: u64, taken: Taken },
    /// The table was asked to keep what people know: that the notice of the revision is claimed, or that it is told.
    Keep { revision: u64, claimed: bool, taken: Taken },
}

/// Whether a call is about what people are told of the graph.
pub(crate) fn is_about_graph(call: &ProxiedCall) -> bool {
    match (call.service.as_str(), call.operation.as_str()) {
        ("dynamodb", "GetItem" | "UpdateItem") => call.json()["Key"]["subject"]["S"] == "graph",
        ("sns", "Publish") => call.message_attributes().get("cause").is_some_and(|cause| cause == "GRAPH_HEALTH"),
        _ => false,
    }
}

pub(crate) fn step(call: &ProxiedCall, taken: Taken) -> Option<GraphStep> {
    if !is_about_graph(call) {
        return None;
    }
    if call.operation == "Publish" {
        let revision = call.message_attributes().get("revision")?.parse().ok()?;
        return Some(GraphStep::Publish { revision, taken });
    }
    kept(&call.json(), taken)
}

fn kept(update: &Value, taken: Taken) -> Option<GraphStep> {
    let told = update["ExpressionAttributeValues"][":value"]["S"].as_str()?;
    let told: Value = serde_json::from_str(told).ok()?;
    let claim = &told["claim"];
    let revision = if claim.is_null() { &told["revision"] } else { &claim["revision"] };
    Some(GraphStep::Keep { revision: revision.as_u64()?, claimed: !claim.is_null(), taken })
}

#[cfg(test)]
#[allow(unused_imports, dead_code, reason = "they are tests of `chaos_parts` alone")]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_claim_and_a_record_are_told_apart() {
        let of =
            |told: Value| kept(&json!({"ExpressionAttributeValues": {":value": {"S": told.to_string()}}}), Taken::Yes);
        let claim = json!({"revision": 1, "marks": {}, "claim": {"until": "2026-01-15T12:40:00Z", "revision": 2}});
        let keep = |revision, claimed| Some(GraphStep::Keep { revision, claimed, taken: Taken::Yes });
        assert_eq!(of(claim), keep(2, true));
        assert_eq!(of(json!({"revision": 2, "marks": {"no-graph": ["a"]}})), keep(2, false));
    }
}
