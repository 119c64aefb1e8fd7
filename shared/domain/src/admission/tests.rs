use super::*;
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

#[test]
fn by_default_only_what_is_never_worked_is_left_alone() {
    let decide = |change: &Value| Admission::default().leaves_alone(&finding(change));
    assert_eq!(decide(&json!({})), None);
    assert_eq!(decide(&json!({"severity": 0})), None);
    assert_eq!(decide(&json!({"service": {"archived": true}})), Some(LeftAlone::Archived));
    assert_eq!(decide(&json!({"service": {"additionalInfo": {"sample": true}}})), Some(LeftAlone::Sample));
    assert_eq!(decide(&role("GeneratedFindingUserName")), Some(LeftAlone::Placeholder));
    assert_eq!(decide(&role("AWSServiceRoleForSupport")), None, "anybody may be named so");
}

#[test]
fn in_a_rehearsal_samples_are_worked() {
    let rehearsal = Admission { rehearsal: true, ..Admission::default() };
    let decide = |change: &Value| rehearsal.leaves_alone(&finding(change));
    assert_eq!(decide(&json!({"service": {"additionalInfo": {"sample": true}}})), None);
    assert_eq!(decide(&role("GeneratedFindingUserName")), None);
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

#[test]
fn a_service_linked_role_is_one_by_its_path() {
    let role = |arn: &str, arn_is_certain| {
        let Principal::IamRole(mut role) = finding(&json!({})).principal else { panic!() };
        (role.arn, role.arn_is_certain) = (arn.to_owned(), arn_is_certain);
        role.name = arn.rsplit('/').next().unwrap().to_owned();
        Principal::IamRole(role).is_service_linked_role()
    };
    let path = "arn:aws:iam::123456789012:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX";
    assert!(role(path, true) && role(path, false));
    let named = "arn:aws:iam::123456789012:role/AWSServiceRoleForX";
    assert!(!role(named, true) && !role(named, false), "somebody only named it so, or deleted it since");
    let further_down = "arn:aws:iam::123456789012:role/x:role/aws-service-role/evil";
    assert!(!role(further_down, true), "anybody can make such a path");
    assert!(!role("arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_A_b", true));
}

#[test]
fn before_anybody_is_looked_up_only_the_principal_is_open() {
    let admission = Admission::default();
    let mut finding = finding(&role("AWSServiceRoleForSupport"));
    if let Principal::IamRole(role) = &mut finding.principal {
        role.arn =
            "arn:aws:iam::123456789012:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport".to_owned();
    }
    assert_eq!(admission.leaves_alone_whoever_acted(&finding), None);
    assert_eq!(admission.leaves_alone(&finding), Some(LeftAlone::ServiceLinkedRole));
}
