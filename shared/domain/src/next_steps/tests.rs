use super::*;
use serde_json::{Value, json};

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

fn codes(steps: &[NextStep]) -> Vec<&'static str> {
    steps.iter().filter_map(NextStep::code).collect()
}

#[test]
fn only_a_long_term_key_is_deactivated() {
    let of_alice = |key: &str| steps(&findings("IAMUser", "alice", key, "AIDAEXAMPLEALICE0001"), &[]);
    let deactivate =
        NextStep::DeactivateKey { user: "alice".to_owned(), access_key_id: "AKIAEXAMPLEALICE0001".to_owned() };
    assert!(of_alice("AKIAEXAMPLEALICE0001").contains(&deactivate));
    let temporary = codes(&of_alice("ASIAEXAMPLEALICE0001"));
    assert!(temporary.contains(&"DENY_EARLIER_SESSIONS") && !temporary.contains(&"DEACTIVATE_KEY"), "{temporary:?}");
    let hostile = of_alice("AKIA0; rm -rf / #0001");
    assert!(!format!("{hostile:?}").contains("rm -rf"), "{hostile:?}");
}

#[test]
fn role_sessions_are_revoked_if_possible() {
    let of = |name: &str, principal_id: &str| steps(&findings("AssumedRole", name, "ASIA", principal_id), &[]);
    let ordinary = of("web", "AROAEXAMPLEWEB000001:ci");
    assert!(ordinary.contains(&NextStep::TraceSession { role: "web".to_owned(), session: "ci".to_owned() }));
    assert!(ordinary.contains(&NextStep::RevokeSessions { role: "web".to_owned() }));
    let instance = of("web", "AROAEXAMPLEWEB000001:i-0123456789abcdef0");
    assert!(instance.contains(&NextStep::IsolateInstance { instance_id: "i-0123456789abcdef0".to_owned() }));
    let reserved = of("AWSReservedSSO_Admin_0123456789abcdef", "AROAEXAMPLEWEB000001:bob");
    let reserved_codes = codes(&reserved);
    assert!(
        reserved_codes.contains(&"END_IDENTITY_CENTER_SESSIONS") && !reserved_codes.contains(&"REVOKE_SESSIONS"),
        "{reserved:?}"
    );
}

#[test]
fn succeeded_calls_are_undone_and_flagged_addresses_searched() {
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
    let steps = steps(&findings("AssumedRole", "web", "ASIA", "AROAEXAMPLEWEB000001:ci"), &indicators);
    let call = |(name, count): (&str, Option<i64>)| SucceededCall { name: name.to_owned(), count };
    let calls = [("CreateAccessKey", Some(4)), ("ListUsers", Some(1)), ("CreateUser", None)].map(call).to_vec();
    assert!(steps.contains(&NextStep::UndoCalls { calls, omitted_calls: 0 }), "DeleteTrail failed: {steps:?}");
    assert!(steps.contains(&NextStep::SearchAddresses { addresses: vec!["198.51.100.23".to_owned()] }));
}

#[test]
fn every_principal_kind_has_a_next_step() {
    for (user_type, name) in [("Root", "root"), ("FederatedUser", "f"), ("AWSService", "s"), ("Unknown", "?")] {
        let findings = findings(user_type, name, "", "");
        let steps = next_steps(&findings[0].principal, &findings, &[], false, None);
        assert!(steps.len() >= 2, "{user_type}");
    }
}

#[test]
fn an_account_outside_the_graph_is_to_be_added() {
    let findings = findings("AssumedRole", "web", "ASIAEXAMPLEWEB000001", "AROAEXAMPLEWEB000001:ci");
    let outside = OutsideGraph { account_id: "123456789012".to_owned(), status: None, disabled_reason: None };
    let steps = |investigated| next_steps(&findings[0].principal, &findings, &[], investigated, Some(&outside));
    let (without, with) = (steps(false), steps(true));
    assert_eq!(without[0], NextStep::InvestigateManually { in_detective: false });
    assert_eq!(without[1], NextStep::AddAccountToGraph { outside_graph: outside.clone() });
    assert_eq!(with.last(), Some(&without[1]));
    assert_eq!(codes(&with).iter().filter(|word| **word == "ENTER_GRAPH").count(), 1);
}

/// The stored form of one step of each code.
fn stored() -> Vec<Value> {
    vec![
        json!({"code": "INVESTIGATE_BY_HAND", "in_detective": true}),
        json!({"code": "ENTER_GRAPH", "outside_graph": {"account_id": "123456789012", "status": "INVITED"}}),
        json!({"code": "CONFIRM_PRINCIPAL", "inference": "recreated", "doubt": [{"inferred": "recreated"}]}),
        json!({"code": "INSPECT_WORKLOAD"}),
        json!({"code": "DEACTIVATE_KEY", "user": "alice", "access_key_id": "AKIAEXAMPLEALICE0001"}),
        json!({"code": "DENY_EARLIER_SESSIONS", "user": "alice", "access_key_id": "ASIAEXAMPLEALICE0001"}),
        json!({"code": "LIST_CREDENTIALS", "user": "alice"}),
        json!({"code": "INSPECT_LINKED_SERVICE", "role": "AWSServiceRoleForX"}),
        json!({"code": "END_IDENTITY_CENTER_SESSIONS", "role": "AWSReservedSSO_A_0", "user": "bob"}),
        json!({"code": "ISOLATE_INSTANCE", "instance_id": "i-0123456789abcdef0"}),
        json!({"code": "TRACE_SESSION", "role": "web", "session": "ci"}),
        json!({"code": "REVOKE_SESSIONS", "role": "web"}),
        json!({"code": "CONTAIN_PRINCIPAL", "what": "database-user", "name": "app"}),
        json!({"code": "UNDO_CALLS", "calls": [{"name": "CreateUser", "count": 3}, {"name": "ListUsers"}], "left_out": 2}),
        json!({"code": "SEARCH_ADDRESSES", "addresses": ["198.51.100.23"]}),
        json!({"text": "a sentence", "command": "aws iam list-users"}),
        json!({"text": "a sentence"}),
    ]
}

#[test]
fn stored_forms_never_change() {
    for stored in stored() {
        let step: NextStep = serde_json::from_str(&stored.to_string()).unwrap();
        assert_eq!(serde_json::to_value(&step).unwrap(), stored);
        assert_eq!(step.code().map(Value::from), stored.get("code").cloned());
    }
    let earlier = json!({"code": "CONFIRM_PRINCIPAL", "inference": "recreated", "doubt": "words"});
    let uncertainties = vec![Uncertainty::LegacyText("words".to_owned())];
    let step = NextStep::ConfirmPrincipal { inference: Inference::Recreated, uncertainties };
    assert_eq!(serde_json::from_value::<NextStep>(earlier).unwrap(), step);
}
