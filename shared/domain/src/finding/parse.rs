//! Parsing of a JSON document to a [`ParsedFinding`].

use super::activity::activities;
use super::activity_kind::activity_kind;
use super::details::details;
use super::extract::extract_candidates;
use super::json_node::JsonNode;
use super::owner::FindingOrigin;
use super::sample::{has_sample_ids, is_flagged};
use super::{DocumentKind, Finding, ParsedFinding, Severity};
use crate::principal::{NotInvestigableReason, Principal};
use crate::text::shorten;
use serde_json::Value;
use thiserror::Error;

/// Titles are shortened to this length. GuardDuty's titles have fewer than 512 characters.
const MAX_TITLE_CHARS: usize = 300;
/// Finding types are shortened to this length. The published ones have fewer than 100 characters.
const MAX_TYPE_CHARS: usize = 200;

/// Why a document is not a finding. All are permanent: a retry with the same document fails again.
#[derive(Debug, Error)]
pub enum FindingError {
    /// The text is not JSON.
    #[error("could not parse the event: it is not JSON")]
    NotJson(#[source] serde_json::Error),
    /// The envelope is that of another event.
    #[error("could not parse the event: detail-type is not \"GuardDuty Finding\"")]
    OtherEvent,
    /// The document is not an object, or contains several findings.
    #[error("could not parse the event: expected one finding, a JSON object as EventBridge delivers it; found {found}")]
    NotOneFinding {
        /// The kind of the document.
        found: DocumentKind,
    },
    /// A required member is missing or has the wrong type.
    #[error("could not parse the event: {path} is missing or is not {expected}")]
    NotAFinding {
        /// The path from the document's root.
        path: String,
        /// The expected value.
        expected: &'static str,
    },
}

/// Parses a document. The finding's principal is set from the candidates.
pub(super) fn parse_finding(document: &Value) -> Result<ParsedFinding, FindingError> {
    if let Some(found) = DocumentKind::of_non_finding(document) {
        return Err(FindingError::NotOneFinding { found });
    }
    let root = JsonNode::new(document);
    let (detail, envelope, prefix) = if root.get("detail").exists() || document.get("detail-type").is_some() {
        if let Some(found) = document.get("detail-type").and_then(Value::as_str)
            && found != "GuardDuty Finding"
        {
            return Err(FindingError::OtherEvent);
        }
        (root.get("detail"), root, "detail.")
    } else {
        (root, JsonNode::missing(), "")
    };
    let wrong = |path: &str, expected| FindingError::NotAFinding { path: format!("{prefix}{path}"), expected };
    if !detail.is_object() {
        return Err(FindingError::NotAFinding { path: "detail".to_owned(), expected: "an object" });
    }

    let id = detail.get("id").text().filter(|id| is_finding_id(id));
    let id = id.ok_or_else(|| wrong("id", "a finding id of letters, digits, dots and dashes, at most 300"))?;
    let finding_type = detail.get("type").text().ok_or_else(|| wrong("type", "a finding type"))?;
    let severity = detail.get("severity").number().and_then(Severity::new);
    let severity = severity.ok_or_else(|| wrong("severity", "a number from 0 to 10"))?;
    let origin = FindingOrigin::read(detail, envelope, &wrong)?;
    let (is_sample, has_sample_ids) = (is_flagged(detail), has_sample_ids(detail));
    let (candidates, fallback_index) =
        extract_candidates(detail, &origin.owner(is_sample || has_sample_ids)).into_parts();

    let finding = Finding {
        id: id.to_owned(),
        account_id: origin.account,
        region: origin.region,
        partition: origin.partition,
        finding_type: shorten(finding_type, MAX_TYPE_CHARS),
        severity,
        title: shorten(detail.get("title").text().unwrap_or(finding_type), MAX_TITLE_CHARS),
        resource_type: detail.at("resource.resourceType").text().map(|kind| shorten(kind, MAX_TYPE_CHARS)),
        principal: Principal::none(NotInvestigableReason::NoPrincipal { resource_type: None }),
        others: Vec::new(),
        omitted_others: 0,
        activity: activities(detail),
        activity_kind: activity_kind(detail),
        uses_host_network: detail
            .at("resource.kubernetesDetails.kubernetesWorkloadDetails.hostNetwork")
            .boolean()
            .unwrap_or(false),
        details: details(detail),
        access_key_id: detail.at("resource.accessKeyDetails.accessKeyId").text().map(|id| shorten(id, 128)),
        first_seen: detail.at("service.eventFirstSeen").timestamp(),
        last_seen: detail.at("service.eventLastSeen").timestamp(),
        updated_at: detail.get("updatedAt").timestamp(),
        count: detail.at("service.count").whole_number().unwrap_or(1),
        is_archived: detail.at("service.archived").boolean().unwrap_or(false),
        is_sample,
        has_sample_ids,
    };
    Ok(ParsedFinding::new(finding, candidates, fallback_index))
}

/// GuardDuty API reference, Finding: `Id` has 1 to 300 characters. Only the characters that occur in published ids, and are safe
/// in a key, are accepted.
fn is_finding_id(id: &str) -> bool {
    id.len() <= 300 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
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

    /// The same document with all member names in the API's PascalCase.
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
    fn an_invalid_member_is_reported_with_its_path() {
        for (change, message) in [
            (json!({"id": null}), "detail.id is missing or is not a finding id"),
            (json!({"id": "a#b"}), "detail.id is missing or is not a finding id"),
            (json!({"accountId": null}), "detail.accountId is missing or is not an account id of 12 digits"),
            (json!({"accountId": "…"}), "detail.accountId is missing or is not an account id of 12 digits"),
            (json!({"severity": "bad"}), "detail.severity is missing or is not a number from 0 to 10"),
            (json!({"region": "nowhere"}), "detail.region is missing or is not a Region"),
            (json!({"type": ""}), "detail.type is missing or is not a finding type"),
        ] {
            let mut detail = bare();
            detail.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let error = Finding::from_json(&json!({"detail": detail})).unwrap_err().to_string();
            assert!(error.starts_with(&format!("could not parse the event: {message}")), "{error}");
        }
        let error = Finding::from_json(&json!({"detail-type": "AWS API Call via CloudTrail", "detail": {}}));
        assert!(matches!(error, Err(FindingError::OtherEvent)));
        for document in [json!(null), json!([]), json!("finding"), json!({"detail": 7}), json!({})] {
            assert!(Finding::from_json(&document).is_err(), "{document}");
        }
        assert!(matches!(Finding::from_text("{"), Err(FindingError::NotJson(_))));
    }

    #[test]
    fn missing_region_and_partition_come_from_the_arn_and_have_no_default() {
        let mut detail = bare();
        detail["region"] = json!("nowhere");
        detail["partition"] = json!("azure");
        assert!(Finding::from_json(&detail).is_err());
        detail["arn"] = json!("arn:aws-cn:guardduty:cn-north-1:123456789012:detector/d/finding/f");
        let finding = Finding::from_json(&detail).unwrap();
        assert_eq!((finding.region.as_str(), finding.partition.as_deref()), ("cn-north-1", Some("aws-cn")));
        assert_eq!(finding.principal.entity_arn(), Some("arn:aws-cn:iam::123456789012:role/deployer"));
        detail["arn"] = json!("arn:aws:iam::123456789012:role/not-a-findings");
        assert!(Finding::from_json(&detail).is_err(), "an ARN of another service is not used");
        let envelope = json!({"region": "eu-west-3", "account": "123456789012", "detail": detail});
        let finding = Finding::from_json(&envelope).unwrap();
        assert_eq!((finding.region.as_str(), finding.partition.as_deref()), ("eu-west-3", None));
        assert_eq!(finding.principal.reason(), Some(&NotInvestigableReason::NoPartition));
    }

    #[test]
    fn an_invalid_account_is_kept_for_display_and_no_arn_is_built() {
        let read = |account: Value, arn: Value| {
            let mut detail = bare();
            detail["accountId"] = account;
            detail["arn"] = arn;
            Finding::from_json(&json!({"account": "999988887777", "detail": detail}))
        };
        let arn = || json!("arn:aws:guardduty:eu-west-1:210987654321:detector/d/finding/f");
        let owner = |finding: Finding| finding.owner().map(str::to_owned);
        assert_eq!(owner(read(json!("1234567890123"), arn()).unwrap()).as_deref(), Some("210987654321"));
        assert_eq!(owner(read(json!(null), arn()).unwrap()).as_deref(), Some("210987654321"));
        assert_eq!(owner(read(json!(123_456_789_012_u64), arn()).unwrap()).as_deref(), Some("123456789012"));
        for (sent, kept) in [
            (json!("1234567890123"), "1234567890123"),
            (json!("1234 5678 9012"), "1234-5678-9012"),
            (json!(12_345_678_901_u64), "12345678901"),
            (json!("１２３４５６７８９０１２a"), "------------a"),
        ] {
            let finding = read(sent, json!("…")).unwrap();
            assert_eq!((finding.account_id.as_str(), finding.owner()), (kept, None));
            assert_eq!(finding.principal.reason(), Some(&NotInvestigableReason::InvalidAccountId));
        }
        assert!(read(json!(null), json!(null)).is_err(), "the envelope's account may be the administrator's");
    }

    #[test]
    fn the_sample_flag_is_read_in_both_spellings() {
        let mut detail = bare();
        detail["service"]["additionalInfo"] = json!({"sample": true});
        assert!(Finding::from_json(&detail).unwrap().is_sample);
        detail["service"]["additionalInfo"] = json!({"value": "{\"sample\":true}", "type": "default"});
        assert!(Finding::from_json(&detail).unwrap().is_sample);
        detail["service"]["additionalInfo"] = json!({"sample": false, "value": "{\"sample\":true}"});
        assert!(Finding::from_json(&detail).unwrap().is_sample);
        detail["service"]["additionalInfo"] = json!({"value": "sample"});
        assert!(!Finding::from_json(&detail).unwrap().is_sample);
        detail["title"] = json!("[SAMPLE] Something was seen.");
        assert!(!Finding::from_json(&detail).unwrap().is_sample, "attackers choose names in a title");
        assert!(!Finding::from_json(&bare()).unwrap().is_sample);
    }

    #[test]
    fn a_finding_without_a_resource_is_still_a_finding() {
        let mut detail = bare();
        detail.as_object_mut().unwrap().remove("resource");
        detail.as_object_mut().unwrap().remove("service");
        let finding = Finding::from_json(&detail).unwrap();
        assert!(matches!(finding.principal, Principal::NotInvestigable(_)));
        assert_eq!(finding.count, 1);
    }
}
