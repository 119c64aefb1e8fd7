//! Recognition of findings that CreateSampleFindings created.
//!
//! Only values that GuardDuty, IAM or EC2 assigns are used. An attacker chooses names, titles, tags, paths, user names and session
//! names, and may choose those that samples contain.

use super::json_node::JsonNode;
use serde_json::Value;

/// The sample ids of CreateSampleFindings, as in published samples; AWS does not document them.
const ACCESS_KEY_ID: &str = "GeneratedFindingAccessKeyId";
const PRINCIPAL_ID: &str = "GeneratedFindingPrincipalId";
const INSTANCE_ID: &str = "i-99999999";

/// Whether GuardDuty flags the finding as a sample. In API responses the flag is in the JSON text `Service.AdditionalInfo.Value`.
pub(super) fn is_flagged(detail: JsonNode<'_>) -> bool {
    let information = detail.at("service.additionalInfo");
    let in_value = || {
        let text = information.get("value").text().filter(|text| text.contains("ample"))?;
        let inner: Value = serde_json::from_str(text).ok()?;
        JsonNode::new(&inner).get("sample").boolean()
    };
    information.get("sample").boolean() == Some(true) || in_value() == Some(true)
}

/// Whether all ids in the finding are sample ids: a sample without its flag.
///
/// AWS assigns these ids, so no genuine id has that text. Each is compared as a whole; of a principal id (`AROA…:session`) only
/// the part before the colon, because the caller that assumes a role chooses the session name. A single genuine id is enough for
/// the finding not to be a sample. The ids of attack sequences are not read: samples of sequences always have the flag.
pub(super) fn has_sample_ids(detail: JsonNode<'_>) -> bool {
    let resource = detail.get("resource");
    let principal_id = resource.at("accessKeyDetails.principalId").text();
    let ids = [
        (resource.at("accessKeyDetails.accessKeyId").text(), ACCESS_KEY_ID),
        (principal_id.map(|id| id.split_once(':').map_or(id, |(id, _)| id)), PRINCIPAL_ID),
        (resource.at("instanceDetails.instanceId").text(), INSTANCE_ID),
    ];
    let mut present = ids.into_iter().filter_map(|(id, sample_id)| id.map(|id| id == sample_id)).peekable();
    present.peek().is_some() && present.all(|is_sample_id| is_sample_id) && !is_sequence(detail)
}

fn is_sequence(detail: JsonNode<'_>) -> bool {
    detail.at("service.detection.sequence").is_object()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn resource_has_sample_ids(resource: &Value) -> bool {
        has_sample_ids(JsonNode::new(&json!({ "resource": resource })))
    }

    fn key(access_key_id: &str, principal_id: &str) -> Value {
        json!({"accessKeyDetails": {"accessKeyId": access_key_id, "principalId": principal_id, "userName": "x"}})
    }

    #[test]
    fn sample_ids_are_compared_as_a_whole() {
        for resource in [
            key(ACCESS_KEY_ID, PRINCIPAL_ID),
            key(ACCESS_KEY_ID, ""),
            key("", "GeneratedFindingPrincipalId:session"),
            json!({"instanceDetails": {"instanceId": "i-99999999"}}),
            json!({"InstanceDetails": {"InstanceId": "i-99999999"}}),
        ] {
            assert!(resource_has_sample_ids(&resource), "{resource}");
        }
        for resource in [
            key("AKIAEXAMPLE000000001", "AROAEXAMPLE000000001:GeneratedFindingPrincipalId"),
            key("AKIAEXAMPLE000000001", "AROAEXAMPLE000000001:i-99999999"),
            key(ACCESS_KEY_ID, "AIDAEXAMPLE000000001"),
            key("AKIAEXAMPLE000000001", PRINCIPAL_ID),
            key("GeneratedFindingAccessKeyId2", ""),
            key("generatedfindingaccesskeyid", ""),
            key("", "AROAGeneratedFindingPrincipalId:x"),
            key("", ""),
            json!({"instanceDetails": {"instanceId": "i-999999990"}}),
            json!({"instanceDetails": {"instanceId": "i-0c0ffee0123456789"}}),
            json!({"ecsClusterDetails": {"name": "GeneratedFindingECSClusterName"}}),
            json!({}),
        ] {
            assert!(!resource_has_sample_ids(&resource), "{resource}");
        }
    }

    #[test]
    fn a_sample_instance_id_with_a_genuine_key_is_not_a_sample() {
        let mut resource = key("ASIAEXAMPLE000000001", "AROAEXAMPLE000000001:i-99999999");
        resource["instanceDetails"] = json!({"instanceId": "i-99999999"});
        assert!(!resource_has_sample_ids(&resource));
    }

    #[test]
    fn a_sequence_is_a_sample_only_if_flagged() {
        let detail = json!({"resource": {"instanceDetails": {"instanceId": "i-99999999"}},
            "service": {"detection": {"sequence": {"actors": []}}}});
        assert!(!has_sample_ids(JsonNode::new(&detail)));
    }
}
