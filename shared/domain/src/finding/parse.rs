//! From a document to a [`Finding`].

use super::document::Node;
use super::{Finding, Severity};
use crate::principal;
use crate::text::shorten;
use serde_json::Value;
use thiserror::Error;

/// Longest title kept, in characters. GuardDuty's own titles stay under 512.
const TITLE_LIMIT: usize = 300;
/// Longest finding type kept, in characters: those published so far stay under 100.
const TYPE_LIMIT: usize = 200;

/// Why a document is not a finding. Each is permanent: the same document will fail again.
#[derive(Debug, Error)]
pub enum FindingError {
    /// The text is not JSON.
    #[error("the event is not JSON")]
    NotJson(#[source] serde_json::Error),
    /// The envelope is that of another kind of event.
    #[error("detail-type is not \"GuardDuty Finding\"")]
    OtherEvent,
    /// Something that every finding has is missing or of the wrong kind.
    #[error("{path} is missing or not {expected}")]
    NotAFinding {
        /// Where, from the document's root.
        path: String,
        /// What belongs there.
        expected: &'static str,
    },
}

pub(super) fn finding(document: &Value) -> Result<Finding, FindingError> {
    let root = Node::new(document);
    let (detail, prefix) = if root.get("detail").exists() || document.get("detail-type").is_some() {
        if let Some(found) = document.get("detail-type").and_then(Value::as_str)
            && found != "GuardDuty Finding"
        {
            return Err(FindingError::OtherEvent);
        }
        (root.get("detail"), "detail.")
    } else {
        (root, "")
    };
    let wrong = |path: &str, expected| FindingError::NotAFinding { path: format!("{prefix}{path}"), expected };
    if !detail.is_object() {
        return Err(FindingError::NotAFinding {
            path: if prefix.is_empty() { "the document" } else { "detail" }.to_owned(),
            expected: "an object",
        });
    }

    let id = detail.get("id").text().filter(|id| is_finding_id(id));
    let id = id.ok_or_else(|| wrong("id", "a finding id of letters, digits and dashes, at most 300"))?;
    let account_id = detail.get("accountId").text().filter(|id| is_account_id(id));
    let account_id = account_id.ok_or_else(|| wrong("accountId", "an account id of 12 digits"))?;
    let finding_type = detail.get("type").text().ok_or_else(|| wrong("type", "a finding type"))?;
    let severity = detail.get("severity").number().and_then(Severity::new);
    let severity = severity.ok_or_else(|| wrong("severity", "a number from 0 to 10"))?;

    // A finding's own ARN stands in where the two members that it is made of are missing.
    let arn: Vec<&str> = detail.get("arn").text().unwrap_or_default().splitn(6, ':').collect();
    let from_arn = |index: usize| arn.get(index).copied().filter(|part| !part.is_empty());
    let region = detail.get("region").text().or_else(|| from_arn(3)).filter(|region| is_region(region));
    let region = region.ok_or_else(|| wrong("region", "a Region such as us-east-1"))?;
    let partition = detail.get("partition").text().or_else(|| from_arn(1)).filter(|part| is_partition(part));
    let partition = partition.ok_or_else(|| wrong("partition", "a partition such as aws"))?;

    let key = detail.at("resource.accessKeyDetails");
    let resource_type = detail.at("resource.resourceType").text();
    Ok(Finding {
        id: id.to_owned(),
        account_id: account_id.to_owned(),
        region: region.to_owned(),
        partition: partition.to_owned(),
        finding_type: shorten(finding_type, TYPE_LIMIT),
        severity,
        title: shorten(detail.get("title").text().unwrap_or(finding_type), TITLE_LIMIT),
        resource_type: resource_type.map(|kind| shorten(kind, TYPE_LIMIT)),
        principal: principal::from_access_key(
            &principal::Owner { partition, account_id },
            &principal::AccessKeyDetails {
                present: key.is_object(),
                user_type: key.get("userType").text(),
                user_name: key.get("userName").text(),
                principal_id: key.get("principalId").text(),
            },
            resource_type,
        ),
        access_key_id: key.get("accessKeyId").text().map(|id| shorten(id, 128)),
        first_seen: detail.at("service.eventFirstSeen").timestamp(),
        last_seen: detail.at("service.eventLastSeen").timestamp(),
        updated_at: detail.get("updatedAt").timestamp(),
        count: detail.at("service.count").whole_number().unwrap_or(1),
        archived: detail.at("service.archived").flag().unwrap_or(false),
        sample: is_sample(detail),
    })
}

/// In the API's shape the flag hides in the JSON text `Service.AdditionalInfo.Value`.
fn is_sample(detail: Node<'_>) -> bool {
    let information = detail.at("service.additionalInfo");
    information.get("sample").flag().unwrap_or_else(|| {
        let inner = information.get("value").text().and_then(|text| serde_json::from_str::<Value>(text).ok());
        inner.is_some_and(|value| Node::new(&value).get("sample").flag().unwrap_or(false))
    })
}

/// GuardDuty API reference, Finding: `Id` has 1 to 300 characters. The characters are narrowed to what is seen and
/// safe in a key.
fn is_finding_id(id: &str) -> bool {
    id.len() <= 300 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_account_id(id: &str) -> bool {
    id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_region(region: &str) -> bool {
    (5..=25).contains(&region.len())
        && region.contains('-')
        && region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_partition(partition: &str) -> bool {
    partition == "aws"
        || partition.strip_prefix("aws-").is_some_and(|rest| {
            !rest.is_empty() && rest.len() <= 20 && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::Principal;
    use serde_json::json;

    fn bare() -> Value {
        json!({
            "accountId": "123456789012", "region": "eu-west-1", "partition": "aws",
            "id": "0123456789abcdef0123456789abcdef", "type": "Stealth:IAMUser/CloudTrailLoggingDisabled",
            "severity": 8, "title": "AWS CloudTrail trail was disabled.",
            "resource": {"resourceType": "AccessKey", "accessKeyDetails": {
                "accessKeyId": "ASIAEXAMPLE", "principalId": "AROAEXAMPLE:session",
                "userType": "AssumedRole", "userName": "deployer"}},
            "service": {"count": 3, "archived": false, "eventFirstSeen": "2026-01-15T12:30:00Z", "evidence": null},
            "updatedAt": "2026-01-15T12:40:00Z"
        })
    }

    /// The same finding with every member's name in the API's PascalCase.
    fn in_pascal_case(value: &Value) -> Value {
        match value {
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| (name[..1].to_uppercase() + &name[1..], in_pascal_case(value)))
                .collect(),
            other => other.clone(),
        }
    }

    #[test]
    fn envelope_bare_and_api_shape_give_the_same_finding() {
        let expected = Finding::from_json(&bare()).unwrap();
        assert_eq!(expected.principal.entity_arn(), Some("arn:aws:iam::123456789012:role/deployer"));
        assert_eq!(expected.count, 3);
        let envelope = json!({"detail-type": "GuardDuty Finding", "source": "aws.guardduty", "detail": bare()});
        assert_eq!(Finding::from_json(&envelope).unwrap(), expected);
        assert_eq!(Finding::from_json(&in_pascal_case(&bare())).unwrap(), expected);
    }

    #[test]
    fn what_is_not_a_finding_is_named_with_its_path() {
        for (change, message) in [
            (json!({"id": null}), "detail.id is missing or not a finding id"),
            (json!({"id": "a#b"}), "detail.id is missing or not a finding id"),
            (json!({"accountId": "12345"}), "detail.accountId is missing or not an account id of 12 digits"),
            (json!({"severity": "bad"}), "detail.severity is missing or not a number from 0 to 10"),
            (json!({"region": "nowhere"}), "detail.region is missing or not a Region"),
            (json!({"partition": "azure"}), "detail.partition is missing or not a partition"),
            (json!({"type": ""}), "detail.type is missing or not a finding type"),
        ] {
            let mut detail = bare();
            detail.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let error = Finding::from_json(&json!({"detail": detail})).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
        let error = Finding::from_json(&json!({"detail-type": "AWS API Call via CloudTrail", "detail": {}}));
        assert!(matches!(error, Err(FindingError::OtherEvent)));
        for document in [json!(null), json!([]), json!("finding"), json!({"detail": 7}), json!({})] {
            assert!(Finding::from_json(&document).is_err(), "{document}");
        }
        assert!(matches!(Finding::from_text("{"), Err(FindingError::NotJson(_))));
    }

    #[test]
    fn region_and_partition_come_from_the_arn_where_they_are_missing_and_are_never_made_up() {
        let mut detail = bare();
        detail.as_object_mut().unwrap().remove("region");
        detail.as_object_mut().unwrap().remove("partition");
        assert!(Finding::from_json(&detail).is_err());
        detail["arn"] = json!("arn:aws-cn:guardduty:cn-north-1:123456789012:detector/d/finding/f");
        let finding = Finding::from_json(&detail).unwrap();
        assert_eq!((finding.region.as_str(), finding.partition.as_str()), ("cn-north-1", "aws-cn"));
        assert_eq!(finding.principal.entity_arn(), Some("arn:aws-cn:iam::123456789012:role/deployer"));
    }

    #[test]
    fn samples_are_known_in_both_shapes() {
        let mut detail = bare();
        detail["service"]["additionalInfo"] = json!({"sample": true});
        assert!(Finding::from_json(&detail).unwrap().sample);
        detail["service"]["additionalInfo"] = json!({"value": "{\"sample\":true}", "type": "default"});
        assert!(Finding::from_json(&detail).unwrap().sample);
        assert!(!Finding::from_json(&bare()).unwrap().sample);
    }

    #[test]
    fn a_finding_without_a_resource_is_still_a_finding() {
        let mut detail = bare();
        detail.as_object_mut().unwrap().remove("resource");
        detail.as_object_mut().unwrap().remove("service");
        let finding = Finding::from_json(&detail).unwrap();
        assert!(matches!(finding.principal, Principal::NotInvestigable { .. }));
        assert_eq!(finding.count, 1);
    }
}
