use super::*;
use crate::finding::Reading;
use crate::principal::{Found, NotLookedUp};
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

fn made_up_key() -> Value {
    json!({"resource": {"accessKeyDetails": {"accessKeyId": "GeneratedFindingAccessKeyId",
        "principalId": "GeneratedFindingPrincipalId", "userType": "IAMUser", "userName": "GeneratedFindingUserName"}}})
}

#[test]
fn by_default_only_what_is_never_worked_is_left_alone() {
    let decide = |change: &Value| Admission::default().leaves_alone(&finding(change));
    assert_eq!(decide(&json!({})), None);
    assert_eq!(decide(&json!({"severity": 0})), None);
    assert_eq!(decide(&json!({"service": {"archived": true}})), Some(LeftAlone::Archived));
    assert_eq!(decide(&json!({"service": {"additionalInfo": {"sample": true}}})), Some(LeftAlone::Sample));
    assert_eq!(decide(&made_up_key()), Some(LeftAlone::Placeholder));
    assert_eq!(decide(&role("GeneratedFindingUserName")), None, "anybody may be named so");
    assert_eq!(decide(&role("AWSServiceRoleForSupport")), None, "anybody may be named so");
    assert_eq!(decide(&json!({"title": "[SAMPLE] Something was seen."})), None, "titles hold names");
}

#[test]
fn in_a_rehearsal_samples_are_worked() {
    let rehearsal = Admission { rehearsal: true, ..Admission::default() };
    let decide = |change: &Value| rehearsal.leaves_alone(&finding(change));
    assert_eq!(decide(&json!({"service": {"additionalInfo": {"sample": true}}})), None);
    assert_eq!(decide(&made_up_key()), None);
    assert_eq!(decide(&json!({"service": {"archived": true}})), Some(LeftAlone::Archived));
}

#[test]
fn severity_and_lists_are_the_users() {
    let admission = Admission {
        minimum_severity: Severity::new(4.0).unwrap(),
        finding_types: Patterns::new("Recon:*, Impact:*", "*.Custom"),
        accounts: Patterns::new("", "1111*"),
        ..Admission::default()
    };
    let decide = |change: &Value| admission.leaves_alone(&finding(change));
    assert_eq!(decide(&json!({})), None);
    assert_eq!(decide(&json!({"severity": 3.9})), Some(LeftAlone::BelowMinimumSeverity));
    assert_eq!(decide(&json!({"severity": 4})), None);
    assert_eq!(decide(&json!({"type": "Trojan:EC2/DropPoint"})), Some(LeftAlone::TypeNotListed));
    assert_eq!(decide(&json!({"type": "Recon:IAMUser/MaliciousIPCaller.Custom"})), Some(LeftAlone::TypeLeftOut));
    assert_eq!(decide(&json!({"accountId": "111122223333"})), Some(LeftAlone::AccountLeftOut));
    let listed = Admission { accounts: Patterns::new("1111*", ""), ..Admission::default() };
    assert_eq!(listed.leaves_alone(&finding(&json!({}))), Some(LeftAlone::AccountNotListed));
}

const LINKED: &str = "arn:aws:iam::123456789012:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport";
const LINKED_ID: &str = "AROAEXAMPLE0SUPPORT1";

/// What is decided about a finding of that severity, by a role with that principal id, after IAM answered with that ARN
/// and unique id.
fn after_look_up(
    severity: f64,
    principal_id: Option<&str>,
    answer: Result<(&str, &str), NotLookedUp>,
) -> Option<LeftAlone> {
    let key = json!({"userType": "AssumedRole", "userName": "AWSServiceRoleForSupport", "principalId": principal_id});
    let mut reading = Reading::from_json(&json!({
        "accountId": "123456789012", "region": "eu-west-1", "partition": "aws", "id": "f", "severity": severity,
        "type": "Recon:IAMUser/TorIPCaller", "resource": {"accessKeyDetails": key}
    }))
    .unwrap();
    let answer = answer.map(|(arn, id)| Found::Arn { arn: arn.to_owned(), unique_id: Some(id.to_owned()) });
    let principals = reading.take_leads().into_iter().map(|lead| lead.resolve(answer.clone())).collect();
    let findings = reading.about(principals);
    assert_eq!(findings.len(), 1);
    assert_eq!(Admission::default().leaves_alone_whoever_acted(&findings[0]), None);
    Admission::default().leaves_alone(&findings[0])
}

#[test]
fn a_service_linked_role_is_one_by_path_and_unique_id_as_iam_answers_and_below_high() {
    let session = format!("{LINKED_ID}:session");
    let own = Some(session.as_str());
    assert_eq!(after_look_up(5.0, own, Ok((LINKED, LINKED_ID))), Some(LeftAlone::ServiceLinkedRole));
    assert_eq!(after_look_up(6.9, own, Ok((LINKED, LINKED_ID))), Some(LeftAlone::ServiceLinkedRole));
    assert_eq!(after_look_up(7.0, own, Ok((LINKED, LINKED_ID))), None, "from High on people decide");
    assert_eq!(after_look_up(5.0, own, Ok((LINKED, "AROAEXAMPLEANOTHER01"))), None, "another role did it");
    assert_eq!(after_look_up(5.0, None, Ok((LINKED, LINKED_ID))), None, "nobody knows which role did it");
    assert_eq!(after_look_up(5.0, Some("AIDAEXAMPLE000000001"), Ok((LINKED, LINKED_ID))), None);
    assert_eq!(after_look_up(5.0, own, Err(NotLookedUp::Denied)), None);
    for path in ["", "aws-service-role-of-mine/", "x:role/aws-service-role/", "aws-reserved/sso.amazonaws.com/"] {
        let arn = format!("arn:aws:iam::123456789012:role/{path}AWSServiceRoleForSupport");
        assert_eq!(after_look_up(5.0, own, Ok((&arn, LINKED_ID))), None, "{arn}");
    }
}

#[test]
fn a_role_under_the_path_that_the_finding_itself_names_was_confirmed_by_nobody() {
    let of = |resource: Value, answer: Option<&str>| {
        let mut reading = Reading::from_json(&json!({
            "accountId": "123456789012", "region": "eu-west-1", "partition": "aws", "id": "f", "severity": 5,
            "type": "Backdoor:Runtime/C&CActivity.B", "resource": resource
        }))
        .unwrap();
        let found = |arn: &str| Found::Arn { arn: arn.to_owned(), unique_id: Some(LINKED_ID.to_owned()) };
        let answer = answer.map(found).ok_or(NotLookedUp::Denied);
        let principals = reading.take_leads().into_iter().map(|lead| lead.resolve(answer.clone())).collect();
        Admission::default().leaves_alone(&reading.about(principals)[0])
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
    assert_eq!(of(kubernetes(None), Some(LINKED)), None, "the name of a user of a cluster can be chosen");
    let other = "aws-iam-authenticator:123456789012:AROAEXAMPLEATTACKER1";
    assert_eq!(of(kubernetes(Some(other)), Some(LINKED)), None);
    let own = format!("aws-iam-authenticator:123456789012:{LINKED_ID}");
    assert_eq!(of(kubernetes(Some(&own)), Some(LINKED)), Some(LeftAlone::ServiceLinkedRole));
}

#[test]
fn what_no_owner_left_out_and_is_severe_is_brought_to_attention() {
    let of = |why: LeftAlone, severity: f64| why.needs_attention(Severity::new(severity).unwrap());
    for why in [LeftAlone::Sample, LeftAlone::Placeholder, LeftAlone::ServiceLinkedRole] {
        assert!(of(why, 7.0) && of(why, 9.5) && !of(why, 6.9), "{why}");
    }
    for why in
        [LeftAlone::Archived, LeftAlone::TypeLeftOut, LeftAlone::AccountNotListed, LeftAlone::BelowMinimumSeverity]
    {
        assert!(!of(why, 9.5), "{why}");
    }
}

#[test]
fn entries_that_match_no_known_type_are_named() {
    let admission =
        |include: &str| Admission { finding_types: Patterns::new(include, "Typo:*"), ..Admission::default() };
    let all = "Recon:*, *:S3/*, UnauthorizedAccess:IAMUser/TorIPCaller, AttackSequence:EC2/CompromisedInstanceGroup";
    assert!(admission(all).unknown_finding_types().is_empty());
    assert!(admission("").unknown_finding_types().is_empty());
    let wrong = "Recon:*,UnauthorisedAccess:*,recon:*,UnauthorizedAccess:IAMUser/TorIPCaller.";
    let named = ["UnauthorisedAccess:*", "recon:*", "UnauthorizedAccess:IAMUser/TorIPCaller."];
    assert_eq!(admission(wrong).unknown_finding_types(), named);
}
