use super::*;
use crate::finding::ParsedFinding;
use crate::principal::{LookupAnswer, LookupError};
use serde_json::{Value, json};

fn finding(change: &Value) -> Finding {
    let mut detail = json!({
        "accountId": "123456789012", "region": "eu-west-1", "partition": "aws", "id": "f", "severity": 5,
        "type": "Recon:IAMUser/TorIPCaller", "service": {},
        "resource": {"accessKeyDetails": {"userType": "AssumedRole", "userName": "web-role"}}
    });
    detail.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    Finding::from_json(&detail).unwrap()
}

fn role(name: &str) -> Value {
    json!({"resource": {"accessKeyDetails": {"userType": "AssumedRole", "userName": name}}})
}

fn sample_key() -> Value {
    json!({"resource": {"accessKeyDetails": {"accessKeyId": "GeneratedFindingAccessKeyId",
        "principalId": "GeneratedFindingPrincipalId", "userType": "IAMUser", "userName": "GeneratedFindingUserName"}}})
}

#[test]
fn by_default_only_archived_findings_and_samples_are_ignored() {
    let decide = |change: &Value| AdmissionRules::default().ignore_reason(&finding(change));
    assert_eq!(decide(&json!({})), None);
    assert_eq!(decide(&json!({"severity": 0})), None);
    assert_eq!(decide(&json!({"service": {"archived": true}})), Some(IgnoreReason::Archived));
    assert_eq!(decide(&json!({"service": {"additionalInfo": {"sample": true}}})), Some(IgnoreReason::Sample));
    assert_eq!(decide(&sample_key()), Some(IgnoreReason::SampleIds));
    assert_eq!(decide(&role("GeneratedFindingUserName")), None, "any user or role can have that name");
    assert_eq!(decide(&role("AWSServiceRoleForSupport")), None, "any user or role can have that name");
    assert_eq!(decide(&json!({"title": "[SAMPLE] Something was seen."})), None, "titles contain names");
}

#[test]
fn in_a_rehearsal_samples_are_processed() {
    let rehearsal = AdmissionRules { is_rehearsal: true, ..AdmissionRules::default() };
    let decide = |change: &Value| rehearsal.ignore_reason(&finding(change));
    assert_eq!(decide(&json!({"service": {"additionalInfo": {"sample": true}}})), None);
    assert_eq!(decide(&sample_key()), None);
    assert_eq!(decide(&json!({"service": {"archived": true}})), Some(IgnoreReason::Archived));
}

#[test]
fn minimum_severity_and_filters_are_applied() {
    let admission = AdmissionRules {
        minimum_severity: Severity::new(4.0).unwrap(),
        finding_types: PatternFilter::new("Recon:*, Impact:*", "*.Custom"),
        accounts: PatternFilter::new("", "1111*"),
        ..AdmissionRules::default()
    };
    let decide = |change: &Value| admission.ignore_reason(&finding(change));
    assert_eq!(decide(&json!({})), None);
    assert_eq!(decide(&json!({"severity": 3.9})), Some(IgnoreReason::BelowMinimumSeverity));
    assert_eq!(decide(&json!({"severity": 4})), None);
    assert_eq!(decide(&json!({"type": "Trojan:EC2/DropPoint"})), Some(IgnoreReason::TypeNotListed));
    assert_eq!(decide(&json!({"type": "Recon:IAMUser/MaliciousIPCaller.Custom"})), Some(IgnoreReason::TypeExcluded));
    assert_eq!(decide(&json!({"accountId": "111122223333"})), Some(IgnoreReason::AccountExcluded));
    let listed = AdmissionRules { accounts: PatternFilter::new("1111*", ""), ..AdmissionRules::default() };
    assert_eq!(listed.ignore_reason(&finding(&json!({}))), Some(IgnoreReason::AccountNotListed));
}

const LINKED: &str = "arn:aws:iam::123456789012:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport";
const LINKED_ID: &str = "AROAEXAMPLE0SUPPORT1";

/// The ignore reason of a finding of that severity about a role with that principal id, after IAM answered with that ARN and unique
/// id.
fn after_lookup(
    severity: f64,
    principal_id: Option<&str>,
    answer: Result<(&str, &str), LookupError>,
) -> Option<IgnoreReason> {
    let key = json!({"userType": "AssumedRole", "userName": "AWSServiceRoleForSupport", "principalId": principal_id});
    let mut parsed = ParsedFinding::from_json(&json!({
        "accountId": "123456789012", "region": "eu-west-1", "partition": "aws", "id": "f", "severity": severity,
        "type": "Recon:IAMUser/TorIPCaller", "resource": {"accessKeyDetails": key}
    }))
    .unwrap();
    let answer = answer.map(|(arn, id)| LookupAnswer::Arn { arn: arn.to_owned(), unique_id: Some(id.to_owned()) });
    let principals = parsed.take_candidates().into_iter().map(|candidate| candidate.resolve(answer.clone())).collect();
    let findings = parsed.into_findings(principals);
    assert_eq!(findings.len(), 1);
    assert_eq!(AdmissionRules::default().ignore_reason_before_lookup(&findings[0]), None);
    AdmissionRules::default().ignore_reason(&findings[0])
}

#[test]
fn a_service_linked_role_is_ignored_below_high_if_iam_confirms_path_and_unique_id() {
    let session = format!("{LINKED_ID}:session");
    let own = Some(session.as_str());
    assert_eq!(after_lookup(5.0, own, Ok((LINKED, LINKED_ID))), Some(IgnoreReason::ServiceLinkedRole));
    assert_eq!(after_lookup(6.9, own, Ok((LINKED, LINKED_ID))), Some(IgnoreReason::ServiceLinkedRole));
    assert_eq!(after_lookup(7.0, own, Ok((LINKED, LINKED_ID))), None, "not ignored from severity High");
    assert_eq!(after_lookup(5.0, own, Ok((LINKED, "AROAEXAMPLEANOTHER01"))), None, "another role acted");
    assert_eq!(after_lookup(5.0, None, Ok((LINKED, LINKED_ID))), None, "the finding contains no unique id");
    assert_eq!(after_lookup(5.0, Some("AIDAEXAMPLE000000001"), Ok((LINKED, LINKED_ID))), None);
    assert_eq!(after_lookup(5.0, own, Err(LookupError::Denied)), None);
    for path in ["", "aws-service-role-of-mine/", "x:role/aws-service-role/", "aws-reserved/sso.amazonaws.com/"] {
        let arn = format!("arn:aws:iam::123456789012:role/{path}AWSServiceRoleForSupport");
        assert_eq!(after_lookup(5.0, own, Ok((&arn, LINKED_ID))), None, "{arn}");
    }
}

#[test]
fn a_path_in_the_finding_does_not_confirm_a_service_linked_role() {
    let of = |resource: Value, answer: Option<&str>| {
        let mut parsed = ParsedFinding::from_json(&json!({
            "accountId": "123456789012", "region": "eu-west-1", "partition": "aws", "id": "f", "severity": 5,
            "type": "Backdoor:Runtime/C&CActivity.B", "resource": resource
        }))
        .unwrap();
        let found = |arn: &str| LookupAnswer::Arn { arn: arn.to_owned(), unique_id: Some(LINKED_ID.to_owned()) };
        let answer = answer.map(found).ok_or(LookupError::Denied);
        let principals =
            parsed.take_candidates().into_iter().map(|candidate| candidate.resolve(answer.clone())).collect();
        AdmissionRules::default().ignore_reason(&parsed.into_findings(principals)[0])
    };
    let task = json!({"ecsClusterDetails": {"taskDetails": {
        "definitionArn": "arn:aws:ecs:eu-west-1:123456789012:task-definition/t:1"}}});
    assert_eq!(of(task, Some(LINKED)), None);
    let profile = "arn:aws:iam::123456789012:instance-profile/p";
    let instance = json!({"instanceDetails": {"instanceId": "i-0abc", "iamInstanceProfile": {"arn": profile}}});
    assert_eq!(of(instance, Some(LINKED)), None);
    assert_eq!(of(json!({"lambdaDetails": {"functionName": "f", "role": LINKED}}), None), None);
    let kubernetes = |uid: Option<&str>| {
        let username = "arn:aws:sts::123456789012:assumed-role/AWSServiceRoleForSupport/x";
        json!({"kubernetesDetails": {"kubernetesUserDetails": {"username": username, "uid": uid}}})
    };
    assert_eq!(of(kubernetes(None), Some(LINKED)), None, "the name of a Kubernetes user can be chosen");
    let other = "aws-iam-authenticator:123456789012:AROAEXAMPLEATTACKER1";
    assert_eq!(of(kubernetes(Some(other)), Some(LINKED)), None);
    let own = format!("aws-iam-authenticator:123456789012:{LINKED_ID}");
    assert_eq!(of(kubernetes(Some(&own)), Some(LINKED)), Some(IgnoreReason::ServiceLinkedRole));
}

#[test]
fn severe_findings_ignored_without_the_owners_decision_are_reported() {
    let of = |why: IgnoreReason, severity: f64| why.is_reported_when_ignored(Severity::new(severity).unwrap());
    for why in [IgnoreReason::Sample, IgnoreReason::SampleIds, IgnoreReason::ServiceLinkedRole] {
        assert!(of(why, 7.0) && of(why, 9.5) && !of(why, 6.9), "{why}");
    }
    for why in [
        IgnoreReason::Archived,
        IgnoreReason::TypeExcluded,
        IgnoreReason::AccountNotListed,
        IgnoreReason::BelowMinimumSeverity,
    ] {
        assert!(!of(why, 9.5), "{why}");
    }
}

#[test]
fn patterns_that_match_no_known_type_are_returned() {
    let admission = |include: &str| AdmissionRules {
        finding_types: PatternFilter::new(include, "Typo:*"),
        ..AdmissionRules::default()
    };
    let all = "Recon:*, *:S3/*, UnauthorizedAccess:IAMUser/TorIPCaller, AttackSequence:EC2/CompromisedInstanceGroup";
    assert!(admission(all).unknown_finding_types().is_empty());
    assert!(admission("").unknown_finding_types().is_empty());
    let wrong = "Recon:*,UnauthorisedAccess:*,recon:*,UnauthorizedAccess:IAMUser/TorIPCaller.";
    let named = ["UnauthorisedAccess:*", "recon:*", "UnauthorizedAccess:IAMUser/TorIPCaller."];
    assert_eq!(admission(wrong).unknown_finding_types(), named);
}
