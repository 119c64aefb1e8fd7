use super::*;
use serde_json::json;

fn findings(user_type: &str, name: &str, key: &str, principal_id: &str) -> Vec<Finding> {
    let finding = json!({
        "id": "f", "accountId": "123456789012", "region": "us-east-1", "partition": "aws", "type": "T", "severity": 8,
        "resource": {"accessKeyDetails": {
            "userType": user_type, "userName": name, "accessKeyId": key, "principalId": principal_id}},
        "service": {"action": {"awsApiCallAction": {"api": "CreateUser", "serviceName": "iam.amazonaws.com"}}},
    });
    vec![Finding::from_json(&finding).unwrap()]
}

fn steps(findings: &[Finding], indicators: &[Indicator]) -> Vec<NextStep> {
    next_steps(&findings[0].principal, findings, indicators, true, None)
}

fn told(steps: &[NextStep]) -> String {
    let lines = steps.iter().map(|step| format!("{} {}", step.text, step.command.as_deref().unwrap_or_default()));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_users_key_is_deactivated_by_name_and_a_temporary_one_is_told_apart() {
    let lasting = told(&steps(&findings("IAMUser", "alice", "AKIAEXAMPLEALICE0001", "AIDAEXAMPLEALICE0001"), &[]));
    assert!(lasting.contains("--user-name=alice --access-key-id=AKIAEXAMPLEALICE0001 --status=Inactive"), "{lasting}");
    let temporary = told(&steps(&findings("IAMUser", "alice", "ASIAEXAMPLEALICE0001", "AIDAEXAMPLEALICE0001"), &[]));
    assert!(temporary.contains("does not end it") && !temporary.contains("update-access-key"), "{temporary}");
    let hostile = told(&steps(&findings("IAMUser", "alice", "AKIA0; rm -rf / #0001", "AIDAEXAMPLEALICE0001"), &[]));
    assert!(!hostile.contains("rm -rf"), "{hostile}");
}

#[test]
fn a_roles_sessions_are_revoked_unless_that_cannot_be() {
    let ordinary =
        told(&steps(&findings("AssumedRole", "web", "ASIAEXAMPLEWEB000001", "AROAEXAMPLEWEB000001:ci"), &[]));
    assert!(ordinary.contains("Revoke sessions") && ordinary.contains("under the session name ci"), "{ordinary}");
    let instance =
        told(&steps(&findings("AssumedRole", "web", "ASIA", "AROAEXAMPLEWEB000001:i-0123456789abcdef0"), &[]));
    assert!(instance.contains("instance i-0123456789abcdef0: keep its memory"), "{instance}");
    let reserved = findings("AssumedRole", "AWSReservedSSO_Admin_0123456789abcdef", "ASIA", "AROAEXAMPLEWEB000001:bob");
    let reserved = told(&steps(&reserved, &[]));
    assert!(reserved.contains("end the sessions of user bob") && !reserved.contains("Revoke sessions"), "{reserved}");
}

#[test]
fn what_succeeded_is_named_with_its_count_and_flagged_addresses_are_looked_for() {
    let call = |api_name: &str, successes| Indicator::TtpObserved {
        tactic: String::new(),
        technique: String::new(),
        procedure: String::new(),
        ip_address: String::new(),
        api_name: api_name.to_owned(),
        successes,
        failures: 1,
    };
    let flagged = Indicator::FlaggedIpAddress { ip_address: "198.51.100.23".into(), reason: String::new() };
    let indicators = [call("ListUsers", 1), call("CreateAccessKey", 4), call("DeleteTrail", 0), flagged];
    let told = told(&steps(&findings("AssumedRole", "web", "ASIA", "AROAEXAMPLEWEB000001:ci"), &indicators));
    assert!(told.contains("CreateAccessKey (4), ListUsers (1), CreateUser."), "{told}");
    assert!(told.contains("called from 198.51.100.23"), "{told}");
    assert!(!told.contains("DeleteTrail"), "it failed: {told}");
}

#[test]
fn everybody_has_a_step_and_no_step_is_long() {
    for (user_type, name) in [("Root", "root"), ("FederatedUser", "f"), ("AWSService", "s"), ("Unknown", "?")] {
        let findings = findings(user_type, name, "", "");
        let steps = next_steps(&findings[0].principal, &findings, &[], false, None);
        assert!(steps.len() >= 2, "{user_type}");
        assert!(steps.iter().all(|step| step.text.chars().count() <= 420), "{}", told(&steps));
    }
}

#[test]
fn an_account_outside_the_graph_is_to_enter_it() {
    let findings = findings("AssumedRole", "web", "ASIAEXAMPLEWEB000001", "AROAEXAMPLEWEB000001:ci");
    let outside = OutsideGraph { account_id: "123456789012".to_owned(), status: None, disabled_reason: None };
    let steps = |investigated| next_steps(&findings[0].principal, &findings, &[], investigated, Some(&outside));
    let without = steps(false);
    assert!(without[0].text.ends_with("by hand, in CloudTrail."), "{}", told(&without));
    assert!(without[1].text.contains("account 123456789012: make it an enabled member"), "{}", told(&without));
    let with = steps(true);
    assert_eq!(with.last(), Some(&without[1]), "it is said once: {}", told(&with));
    assert!(with.iter().chain(&without).all(|step| step.text.chars().count() <= 420));
}
