use super::*;
use crate::principal::{Certainty, Inference, LookupAnswer, LookupError, NotInvestigableReason};
use serde_json::json;

fn actor(user_type: &str, name: &str) -> Value {
    json!({"user": {"type": user_type, "name": name, "account": {"uid": "123456789012"}}})
}

fn parsed(actors: &[Value]) -> ParsedFinding {
    ParsedFinding::from_json(&json!({
        "accountId": "123456789012", "region": "eu-west-1", "partition": "aws", "id": "f", "severity": 9,
        "type": "AttackSequence:IAM/CompromisedCredentials", "resource": {"resourceType": "AttackSequence"},
        "service": {"detection": {"sequence": {"actors": actors, "resources": []}}}
    }))
    .unwrap()
}

fn about(mut parsed: ParsedFinding) -> Vec<Finding> {
    let principals = parsed.take_candidates().into_iter().map(PrincipalCandidate::into_current_principal).collect();
    parsed.into_findings(principals)
}

fn subjects(findings: &[Finding]) -> Vec<&str> {
    findings
        .iter()
        .map(|finding| finding.principal.entity_arn().unwrap_or_else(|| finding.principal.as_str()))
        .collect()
}

fn others(finding: &Finding) -> Value {
    serde_json::to_value(&finding.others).unwrap()
}

#[test]
fn each_iam_principal_gets_a_finding_that_names_the_others() {
    let parsed = parsed(&[
        actor("Root", "Root"),
        actor("IAMUser", "alice"),
        actor("AssumedRole", "dev-role"),
        actor("IAMUser", "alice"),
        actor("AWSService", "config.amazonaws.com"),
    ]);
    assert_eq!(parsed.finding().principal.name(), Some("alice"));
    let findings = about(parsed);
    let user = "arn:aws:iam::123456789012:user/alice";
    assert_eq!(subjects(&findings), [user, "arn:aws:iam::123456789012:role/dev-role"]);
    let [root, role, user] = [
        json!({"kind": "root", "account_id": "123456789012"}),
        json!({"kind": "iam-role", "account_id": "123456789012", "name": "dev-role"}),
        json!({"kind": "iam-user", "account_id": "123456789012", "name": "alice"}),
    ];
    let service = json!({"kind": "aws-service", "name": "config.amazonaws.com"});
    assert_eq!(others(&findings[0]), json!([root, role, service]));
    assert_eq!(others(&findings[1]), json!([root, user, service]));
}

#[test]
fn without_an_iam_principal_there_is_one_finding_about_the_most_informative_actor() {
    let findings = about(parsed(&[actor("AWSService", "x.amazonaws.com"), actor("Root", "Root"), actor("New", "n")]));
    assert_eq!(subjects(&findings), ["root"]);
    assert_eq!(findings[0].others.len(), 2);
    assert_eq!(subjects(&about(parsed(&[]))), ["none"]);
    assert_eq!(parsed(&[]).into_findings(Vec::new()).len(), 1, "a finding is never lost");
}

#[test]
fn an_ignored_service_linked_role_is_used_only_without_other_actors() {
    let of = |severity: f64, other: &str| {
        let mut document = json!({
            "accountId": "123456789012", "region": "eu-west-1", "partition": "aws", "id": "f", "severity": severity,
            "type": "AttackSequence:IAM/CompromisedCredentials", "resource": {"resourceType": "AttackSequence"}
        });
        let mut linked = actor("AssumedRole", "AWSServiceRoleForECS");
        linked["user"]["uid"] = json!("AROAEXAMPLE0LINKED01:ecs");
        document["service"] = json!({"detection": {"sequence": {"actors": [linked, actor(other, "alice")]}}});
        let mut parsed = ParsedFinding::from_json(&document).unwrap();
        let answer = |candidate: PrincipalCandidate| {
            let arn =
                "arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS".to_owned();
            let found = LookupAnswer::Arn { arn, unique_id: Some("AROAEXAMPLE0LINKED01".to_owned()) };
            if matches!(candidate.current_principal(), Principal::IamRole(_)) {
                candidate.resolve(Ok(found))
            } else {
                candidate.into_current_principal()
            }
        };
        let principals = parsed.take_candidates().into_iter().map(answer).collect();
        parsed.into_findings(principals).iter().map(|it| it.principal.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(of(6.0, "IAMUser"), ["iam-user"]);
    assert_eq!(of(6.0, "Root"), ["root"]);
    assert_eq!(of(6.0, "AssumedRole"), ["iam-role"]);
    assert_eq!(of(9.0, "IAMUser"), ["iam-role", "iam-user"], "no principal is ignored from severity High");
}

#[test]
fn a_role_with_only_the_path_of_service_linked_roles_is_investigated() {
    let arn = "arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS";
    let mut linked = actor("AssumedRole", "AWSServiceRoleForECS");
    linked["session"] = json!({ "issuer": arn });
    let findings = about(parsed(&[linked, actor("IAMUser", "alice")]));
    assert_eq!(subjects(&findings), [arn, "arn:aws:iam::123456789012:user/alice"]);
}

#[test]
fn two_candidates_for_one_role_are_one_finding_with_the_certain_arn() {
    let mut parsed = parsed(&[actor("AssumedRole", "dev-role"), actor("AssumedRole", "ops-role")]);
    let candidates = parsed.take_candidates();
    let certain = candidates[0].clone().resolve(Ok(LookupAnswer::Arn {
        arn: "arn:aws:iam::123456789012:role/team/dev-role".to_owned(),
        unique_id: None,
    }));
    let principals =
        vec![candidates[0].current_principal().clone(), candidates[1].current_principal().clone(), certain];
    let arns = ["arn:aws:iam::123456789012:role/team/dev-role", "arn:aws:iam::123456789012:role/ops-role"];
    assert_eq!(subjects(&parsed.into_findings(principals)), arns);
}

#[test]
fn an_instance_is_used_only_if_its_container_has_no_role() {
    let mut parsed = ParsedFinding::from_json(&json!({
        "accountId": "123456789012", "region": "eu-west-1", "partition": "aws", "id": "f", "severity": 8,
        "type": "Execution:Runtime/ReverseShell",
        "resource": {
            "eksClusterDetails": {"arn": "arn:aws:eks:eu-west-1:123456789012:cluster/prod", "name": "prod"},
            "kubernetesDetails": {"kubernetesWorkloadDetails": {"namespace": "pay", "serviceAccountName": "ledger"}},
            "instanceDetails": {"instanceId": "i-0abc",
                "iamInstanceProfile": {"arn": "arn:aws:iam::123456789012:instance-profile/nodes"}}
        }
    }))
    .unwrap();
    let candidates = parsed.take_candidates();
    let resolve = |index: usize, role: Option<&str>| {
        let arn = |role| LookupAnswer::Arn { arn: format!("arn:aws:iam::123456789012:role/{role}"), unique_id: None };
        candidates[index].clone().resolve(Ok(role.map_or(LookupAnswer::NoRole, arn)))
    };
    let both = parsed.clone().into_findings(vec![resolve(0, Some("ledger")), resolve(1, Some("nodes"))]);
    assert_eq!(subjects(&both), ["arn:aws:iam::123456789012:role/ledger"]);
    let node = json!({"kind": "iam-role", "account_id": "123456789012", "name": "nodes"});
    assert_eq!(others(&both[0]), json!([node]));
    let node = parsed.clone().into_findings(vec![resolve(0, None), resolve(1, Some("nodes"))]);
    assert_eq!(subjects(&node), ["arn:aws:iam::123456789012:role/nodes"]);
    let certainty = node[0].principal.entity().unwrap().certainty;
    assert_eq!(certainty, Certainty::Inferred(Inference::PodNode));
    let refused = candidates[0].clone().resolve(Err(LookupError::Denied));
    let unknown = parsed.clone().into_findings(vec![refused, resolve(1, Some("nodes"))]);
    assert_eq!(
        subjects(&unknown),
        ["kubernetes-service-account"],
        "a failed lookup does not make the node's role the principal"
    );
    let neither = parsed.into_findings(vec![resolve(0, None), resolve(1, None)]);
    assert_eq!(subjects(&neither), ["kubernetes-service-account"]);
    assert!(matches!(neither[0].principal.reason(), Some(NotInvestigableReason::NoRole { .. })));
}

#[test]
fn at_most_twelve_other_principals_are_named() {
    let actors: Vec<Value> = (0..400).map(|index| actor("IAMUser", &format!("user-{index}"))).collect();
    let findings = about(parsed(&actors));
    assert_eq!(findings.len(), 400);
    assert_eq!(
        (findings[399].others.len(), findings[399].omitted_others),
        (MAX_OTHER_PRINCIPALS, 399 - MAX_OTHER_PRINCIPALS)
    );
}
