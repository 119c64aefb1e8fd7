//! The decisions for the findings in `tests/fixtures/findings`.

use crate::fixtures::{Expected, check, documents, findings_folder};
use gumshoe_domain::ParsedFinding;
use gumshoe_domain::admission::AdmissionRules;
use gumshoe_domain::explanation::Decision::{self, AlertOnly, Ignore, Investigate};
use gumshoe_domain::explanation::Explanation;
use gumshoe_domain::principal::{PathlessKind, Uncertainty};

#[rustfmt::skip] // a table
const EXPECTED: &[Expected<'_>] = &[
    ("anonymous-caller", AlertOnly, &["anonymous"]),
    ("another-account", AlertOnly, &["aws-account"]),
    ("archived", Ignore, &["~arn:aws:iam::111122223333:user/release-bot"]),
    ("aws-service", AlertOnly, &["aws-service"]),
    ("bucket-read-by-a-role-spelt-both-ways", Investigate, &["~arn:aws:iam::111122223333:role/reporting < iam:GetRole reporting in account 111122223333"]),
    ("china", Investigate, &["~arn:aws-cn:iam::111122223333:user/wei < iam:GetUser wei in account 111122223333"]),
    ("container-on-an-instance", Investigate, &["instance < iam:GetInstanceProfile web-hosts in account 111122223333"]),
    ("custom-detection-rule", Investigate, &["~arn:aws:iam::111122223333:role/batch < iam:GetRole batch in account 111122223333"]),
    ("database-login-attempts", AlertOnly, &["database-user"]),
    ("database-user-through-iam", AlertOnly, &["database-user"]),
    ("database-user", AlertOnly, &["database-user"]),
    ("directory-user", AlertOnly, &["directory-user"]),
    ("ecs-task-of-another-account", AlertOnly, &["aws-account"]),
    ("ecs-task-with-a-malformed-definition", AlertOnly, &["task"]),
    ("ecs-task-without-definition", AlertOnly, &["task"]),
    ("ecs-task", Investigate, &["task < ecs:DescribeTaskDefinition basket:41 in account 111122223333, eu-west-1"]),
    ("federated-user", AlertOnly, &["federated-user"]),
    ("govcloud", Investigate, &["~arn:aws-us-gov:iam::111122223333:role/pilot < iam:GetRole pilot in account 111122223333"]),
    ("iam-user", Investigate, &["~arn:aws:iam::111122223333:user/release-bot < iam:GetUser release-bot in account 111122223333"]),
    ("identity-center-role", Investigate, &["~arn:aws:iam::111122223333:role/AWSReservedSSO_PowerUser_0f1e2d3c4b5a6978 < iam:GetRole AWSReservedSSO_PowerUser_0f1e2d3c4b5a6978 in account 111122223333"]),
    ("identity-center-user", AlertOnly, &["identity-center-user"]),
    ("impossible-user-name", AlertOnly, &["unknown"]),
    ("instance-profile-of-another-account", AlertOnly, &["aws-account"]),
    ("instance-profile-of-another-partition", AlertOnly, &["unknown"]),
    ("instance-with-a-malformed-profile", AlertOnly, &["instance"]),
    ("instance-without-profile", AlertOnly, &["instance"]),
    ("instance", Investigate, &["instance < iam:GetInstanceProfile web-hosts in account 111122223333"]),
    ("key-without-owner", AlertOnly, &["unknown"]),
    ("kubernetes-anonymous", AlertOnly, &["anonymous"]),
    ("kubernetes-call-by-listed-addresses", AlertOnly, &["kubernetes-user"]),
    ("kubernetes-component", AlertOnly, &["kubernetes-user"]),
    ("kubernetes-federated-user", AlertOnly, &["federated-user"]),
    ("kubernetes-iam-user", Investigate, &["~arn:aws:iam::111122223333:user/karl < iam:GetUser karl in account 111122223333"]),
    ("kubernetes-mapped-user", AlertOnly, &["kubernetes-user"]),
    ("kubernetes-node-with-key", Investigate, &["~arn:aws:iam::111122223333:role/shop-nodes < iam:GetRole shop-nodes in account 111122223333", "kubernetes-user"]),
    ("kubernetes-node", AlertOnly, &["kubernetes-user"]),
    ("kubernetes-pod", Investigate, &["kubernetes-service-account < eks:ListPodIdentityAssociations pay/ledger of cluster shop in account 111122223333, eu-west-1", "instance < iam:GetInstanceProfile shop-nodes in account 111122223333"]),
    ("kubernetes-role-by-its-arn", Investigate, &["~arn:aws:iam::111122223333:role/cluster-viewer < iam:GetRole cluster-viewer in account 111122223333"]),
    ("kubernetes-role-of-another-account", AlertOnly, &["aws-account"]),
    ("kubernetes-role-session", Investigate, &["~arn:aws:iam::111122223333:role/cluster-admin < iam:GetRole cluster-admin in account 111122223333"]),
    ("kubernetes-role-without-key", Investigate, &["~arn:aws:iam::111122223333:role/cluster-viewer < iam:GetRole cluster-viewer in account 111122223333"]),
    ("kubernetes-root", AlertOnly, &["root"]),
    ("kubernetes-service-account-of-a-named-cluster", Investigate, &["kubernetes-service-account < eks:ListPodIdentityAssociations pay/ledger of cluster shop in account 111122223333, eu-west-1"]),
    ("kubernetes-service-account-of-no-cluster", AlertOnly, &["kubernetes-service-account"]),
    ("kubernetes-service-account-with-an-impossible-name", AlertOnly, &["kubernetes-service-account"]),
    ("kubernetes-service-account", Investigate, &["kubernetes-service-account < eks:ListPodIdentityAssociations pay/ledger of cluster shop in account 111122223333, eu-west-1"]),
    ("lambda-function-with-a-sample-role", Investigate, &["arn:aws:iam::111122223333:role/GeneratedFindingRole"]),
    ("lambda-function-without-role", AlertOnly, &["unknown"]),
    ("lambda-function", Investigate, &["arn:aws:iam::111122223333:role/service-role/resize-role-9x8y"]),
    ("members-finding-at-the-administrator", Investigate, &["~arn:aws:iam::444455556666:role/developer < iam:GetRole developer in account 444455556666"]),
    ("next-to-nothing", AlertOnly, &["instance"]),
    ("nulls-where-objects-belong", Investigate, &["instance < iam:GetInstanceProfile web-hosts in account 111122223333"]),
    ("numbers-and-flags-as-text", Investigate, &["instance < iam:GetInstanceProfile web-hosts in account 111122223333"]),
    ("object-with-malware", AlertOnly, &["none"]),
    ("part-of-a-sequence", Investigate, &["~arn:aws:iam::111122223333:user/lena < iam:GetUser lena in account 111122223333"]),
    ("placeholder-cluster", AlertOnly, &["anonymous"]),
    ("placeholder-instance", Ignore, &["instance"]),
    ("placeholder-name-with-genuine-ids", Investigate, &["~arn:aws:iam::111122223333:user/GeneratedFindingUserName < iam:GetUser GeneratedFindingUserName in account 111122223333"]),
    ("placeholder-profile-of-a-genuine-instance", Investigate, &["instance < iam:GetInstanceProfile generated in account 111122223333"]),
    ("placeholders-without-flag", Ignore, &["unknown"]),
    ("process-in-a-container", Investigate, &["instance < iam:GetInstanceProfile web-hosts in account 111122223333"]),
    ("role-credentials-from-listed-address", Investigate, &["~arn:aws:iam::111122223333:role/report-exporter < iam:GetRole report-exporter in account 111122223333"]),
    ("role-session-of-an-instance", Investigate, &["~arn:aws:iam::111122223333:role/web-server < iam:GetRole web-server in account 111122223333"]),
    ("role-used-from-another-account", Investigate, &["~arn:aws:iam::111122223333:role/batch < iam:GetRole batch in account 111122223333"]),
    ("root", AlertOnly, &["root"]),
    ("saml-user", AlertOnly, &["saml-user"]),
    ("sample-by-the-api", Ignore, &["unknown"]),
    ("sample-with-genuine-names", Ignore, &["~arn:aws:iam::111122223333:user/release-bot"]),
    ("sample", Ignore, &["unknown"]),
    ("seen-again", Investigate, &["~arn:aws:iam::111122223333:user/release-bot < iam:GetUser release-bot in account 111122223333"]),
    ("sequence-of-an-ecs-task", Investigate, &["task < ecs:DescribeTaskDefinition basket:41 in account 111122223333, eu-west-1"]),
    ("sequence-of-an-instance-group", Investigate, &["instance < iam:GetInstanceProfile web-hosts in account 111122223333", "instance < iam:GetInstanceProfile db-hosts in account 111122223333"]),
    ("sequence-of-another-account", AlertOnly, &["aws-account"]),
    ("sequence-of-processes-only", AlertOnly, &["none"]),
    ("sequence-of-several-actors", Investigate, &["~arn:aws:iam::111122223333:user/lena < iam:GetUser lena in account 111122223333", "arn:aws:iam::111122223333:role/ci/builder < iam:GetRole builder in account 111122223333", "~arn:aws:iam::111122223333:role/support < iam:GetRole support in account 111122223333", "root", "arn:aws:iam::111122223333:user/apps/token-vendor", "~arn:aws:iam::111122223333:user/otto < iam:GetUser otto in account 111122223333"]),
    ("sequence-with-a-sample-issuer", Investigate, &["arn:aws:iam::111122223333:role/GeneratedFindingRole < iam:GetRole GeneratedFindingRole in account 111122223333"]),
    ("sequence-with-a-service-linked-role", Investigate, &["arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS < iam:GetRole AWSServiceRoleForECS in account 111122223333", "~arn:aws:iam::111122223333:user/lena < iam:GetUser lena in account 111122223333"]),
    ("sequence-with-indicators-of-2026", Investigate, &["~arn:aws:iam::111122223333:user/lena < iam:GetUser lena in account 111122223333"]),
    ("sequence-without-its-parts", AlertOnly, &["none"]),
    ("service-linked-role", Ignore, &["~arn:aws:iam::111122223333:role/AWSServiceRoleForECS < iam:GetRole AWSServiceRoleForECS in account 111122223333"]),
    ("snapshot-with-malware", AlertOnly, &["none"]),
    ("thirteen-digits-but-a-good-arn", Investigate, &["~arn:aws:iam::111122223333:user/release-bot < iam:GetUser release-bot in account 111122223333"]),
    ("thirteen-digits-everywhere", AlertOnly, &["unknown"]),
    ("times-in-three-forms", Investigate, &["instance < iam:GetInstanceProfile web-hosts in account 111122223333"]),
    ("type-of-tomorrow", AlertOnly, &["none"]),
    ("user-type-of-tomorrow", AlertOnly, &["unknown"]),
    ("user-type-role", Investigate, &["~arn:aws:iam::111122223333:role/auditor < iam:GetRole auditor in account 111122223333"]),
    ("user-type-unknown", AlertOnly, &["unknown"]),
    ("user-with-the-id-of-a-role", Investigate, &["~arn:aws:iam::111122223333:user/henry < iam:GetUser henry in account 111122223333"]),
    ("web-identity-user", AlertOnly, &["web-identity-user"]),
    ("without-partition-and-region", AlertOnly, &["unknown"]),
    ("without-resource", AlertOnly, &["none"]),
];

#[test]
fn every_finding_in_the_fixtures_has_the_expected_decision() {
    check(&findings_folder(), EXPECTED);
}

#[test]
fn in_a_rehearsal_samples_are_alerted_and_their_sample_names_not_looked_up() {
    let documents = documents(&findings_folder());
    let admission = AdmissionRules { is_rehearsal: true, ..AdmissionRules::default() };
    for (name, decision) in [
        ("sample", AlertOnly),
        ("sample-by-the-api", AlertOnly),
        ("placeholder-instance", AlertOnly),
        ("sample-with-genuine-names", Investigate),
        ("archived", Ignore),
    ] {
        let explanation = Explanation::of(&ParsedFinding::from_json(&documents[name]).unwrap(), &admission);
        assert_eq!(explanation.decision, decision, "{name}");
        if decision == AlertOnly {
            let has_principal = explanation.principals.iter().any(|it| it.entity_arn.is_some() || it.lookup.is_some());
            assert!(!has_principal, "{name}");
        }
    }
}

#[test]
fn times_states_and_principals_are_parsed() {
    let documents = documents(&findings_folder());
    let read = |name: &str| ParsedFinding::from_json(&documents[name]).unwrap().finding().clone();
    let times = read("times-in-three-forms");
    assert_eq!(times.first_seen.unwrap().to_string(), "2026-11-20T01:58:40Z");
    assert_eq!(times.last_seen.unwrap().to_string(), "2026-11-20T02:11:12Z");
    assert_eq!(times.updated_at.unwrap().to_string(), "2026-11-20T02:13:31.12Z");
    let texts = read("numbers-and-flags-as-text");
    assert_eq!((texts.severity.value(), texts.count, texts.is_archived), (5.0, 21, false));
    let member = read("members-finding-at-the-administrator");
    assert_eq!(member.owner(), Some("444455556666"));
    let (first, again) = (read("iam-user"), read("seen-again"));
    assert!(
        first.id == again.id
            && again.state().is_newer_than(first.state())
            && !again.state().is_worse_than(first.state())
    );
    let role = read("role-session-of-an-instance").principal;
    let role = role.entity().unwrap();
    assert_eq!(role.unique_id.as_deref(), Some("AROAEXAMPLE0WEBSRV01"));
    assert_eq!(role.session_name.as_deref(), Some("i-0c0ffee0123456789"));
    let session = read("kubernetes-role-without-key").principal;
    assert_eq!(session.entity().unwrap().session_name.as_deref(), Some("jack@example.com"));
    assert_eq!(session.entity().unwrap().unique_id.as_deref(), Some("AROAEXAMPLE0VIEWER01"));
    let confused = read("user-with-the-id-of-a-role").principal;
    let confused = confused.entity().unwrap();
    assert_eq!(confused.unique_id, None);
    assert!(confused.uncertainties.contains(&Uncertainty::UnexpectedIdKind));
    let reserved = read("identity-center-role").principal;
    assert!(
        reserved.entity().unwrap().uncertainties.contains(&Uncertainty::UnknownPath(PathlessKind::IdentityCenterRole))
    );
}

#[test]
fn decisions_in_json_never_change() {
    for (decision, word) in [(Investigate, "investigate"), (AlertOnly, "alert-only"), (Ignore, "ignore")] {
        assert_eq!(serde_json::to_value::<Decision>(decision).unwrap(), word);
    }
}
