//! Whether a finding is about the use of IAM credentials, or about activity that IAM does not see.

use super::json_node::JsonNode;
use serde::{Deserialize, Serialize};

/// Whether an investigation of the IAM principal covers the activity of a finding.
///
/// Derived from the activity in the finding, never from its type, its title or a name in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivityKind {
    /// Only calls of AWS APIs, which Detective investigates.
    Credentials,
    /// Network, DNS, process, file, Kubernetes or database activity, with or without API calls. Normal API calls of the principal
    /// do not clear it.
    Workload,
    /// The finding does not contain the activity. Handled as [`ActivityKind::Workload`].
    #[default]
    Undetermined,
}

impl ActivityKind {
    /// Whether an investigation of the principal that finds nothing clears the finding.
    #[must_use]
    pub fn is_covered_by_detective(self) -> bool {
        self == Self::Credentials
    }
}

/// The signals of an attack sequence that are API calls (GuardDuty API Reference, Signal, `type`).
const CALLS: [&str; 2] = ["CLOUD_TRAIL", "S3_DATA_EVENTS"];

/// The kind of activity that the finding contains.
pub(super) fn activity_kind(detail: JsonNode<'_>) -> ActivityKind {
    let service = detail.get("service");
    let sequence = service.at("detection.sequence");
    if sequence.is_object() {
        return of_sequence(sequence);
    }
    let on_a_workload = ["runtimeDetails", "ebsVolumeScanDetails", "malwareScanDetails"];
    if on_a_workload.iter().any(|name| service.get(name).has_value()) {
        return ActivityKind::Workload;
    }
    let action = service.get("action");
    let call = action.get("awsApiCallAction");
    let others = action.members().filter(|(name, value)| !is_call(name) && value.has_value()).count();
    let named = action.get("actionType").text();
    if others > 0 || named.is_some_and(|kind| kind != "AWS_API_CALL") {
        ActivityKind::Workload
    } else if call.get("api").text().is_some() {
        ActivityKind::Credentials
    } else {
        ActivityKind::Undetermined
    }
}

fn is_call(member: &str) -> bool {
    ["awsApiCallAction", "AwsApiCallAction", "actionType", "ActionType"].contains(&member)
}

/// A sequence is about credentials if every signal is an API call and no actor is a process.
fn of_sequence(sequence: JsonNode<'_>) -> ActivityKind {
    if sequence.get("actors").items().any(|actor| actor.get("process").has_value()) {
        return ActivityKind::Workload;
    }
    let mut signals = sequence.get("signals").items().peekable();
    if signals.peek().is_none() {
        return ActivityKind::Undetermined;
    }
    let kinds: Vec<Option<&str>> = signals.map(|signal| signal.get("type").text()).collect();
    if kinds.iter().all(|kind| kind.is_some_and(|kind| CALLS.contains(&kind))) {
        ActivityKind::Credentials
    } else if kinds.iter().flatten().any(|kind| !CALLS.contains(kind) && *kind != "FINDING") {
        ActivityKind::Workload
    } else {
        ActivityKind::Undetermined
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn of(service: Value) -> ActivityKind {
        activity_kind(JsonNode::new(&json!({ "service": service })))
    }

    #[test]
    fn only_calls_of_aws_apis_are_about_credentials() {
        let call = json!({"actionType": "AWS_API_CALL", "awsApiCallAction": {"api": "ListBuckets"}});
        assert_eq!(of(json!({ "action": call })), ActivityKind::Credentials);
        assert_eq!(of(json!({"action": {"AwsApiCallAction": {"Api": "ListBuckets"}}})), ActivityKind::Credentials);
        // Exports write missing members as null.
        let mut with_empty_members = call.clone();
        with_empty_members["networkConnectionAction"] = json!({"protocol": null});
        with_empty_members["dnsRequestAction"] = json!(null);
        assert_eq!(
            of(json!({"action": with_empty_members, "runtimeDetails": {"process": null}})),
            ActivityKind::Credentials
        );
    }

    #[test]
    fn all_other_activity_is_about_a_workload() {
        let call = json!({"api": "ListBuckets"});
        for service in [
            json!({"action": {"actionType": "NETWORK_CONNECTION"}}),
            json!({"action": {"networkConnectionAction": {"protocol": "TCP"}}}),
            json!({"action": {"dnsRequestAction": {"domain": "a.example"}}}),
            json!({"action": {"portProbeAction": {"blocked": false}}}),
            json!({"action": {"kubernetesApiCallAction": {"verb": "list"}}}),
            json!({"action": {"rdsLoginAttemptAction": {"loginAttributes": [{"user": "a"}]}}}),
            json!({"action": {"somethingNewAction": {"x": 1}}}),
            json!({"action": {"awsApiCallAction": call, "networkConnectionAction": {"protocol": "TCP"}}}),
            json!({"action": {"actionType": "AWS_API_CALL", "awsApiCallAction": call},
                "runtimeDetails": {"process": {"name": "sh"}}}),
            json!({"ebsVolumeScanDetails": {"scanId": "1"}}),
            json!({"malwareScanDetails": {"threats": [{"name": "EICAR"}]}}),
        ] {
            assert_eq!(of(service.clone()), ActivityKind::Workload, "{service}");
        }
    }

    #[test]
    fn a_finding_without_activity_is_undetermined_and_not_covered() {
        for service in
            [json!(null), json!({}), json!({"action": {}}), json!({"action": {"actionType": "AWS_API_CALL"}})]
        {
            assert_eq!(of(service.clone()), ActivityKind::Undetermined, "{service}");
        }
        assert!(!ActivityKind::Undetermined.is_covered_by_detective());
    }

    #[test]
    fn a_sequence_is_about_credentials_only_if_all_signals_are() {
        let sequence = |kinds: &[&str], actors: Value| {
            let signals: Vec<Value> = kinds.iter().map(|kind| json!({ "type": kind })).collect();
            of(json!({"detection": {"sequence": {"signals": signals, "actors": actors}}}))
        };
        let user = || json!([{"user": {"name": "a"}}]);
        assert_eq!(sequence(&["CLOUD_TRAIL", "S3_DATA_EVENTS"], user()), ActivityKind::Credentials);
        assert_eq!(sequence(&["CLOUD_TRAIL", "FLOW_LOGS"], user()), ActivityKind::Workload);
        assert_eq!(sequence(&["CLOUD_TRAIL"], json!([{"process": {"name": "sh"}}])), ActivityKind::Workload);
        assert_eq!(sequence(&["CLOUD_TRAIL", "FINDING"], user()), ActivityKind::Undetermined);
        assert_eq!(sequence(&[], user()), ActivityKind::Undetermined);
    }
}
