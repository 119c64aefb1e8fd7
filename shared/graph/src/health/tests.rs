use super::*;
use crate::{Account, Member, Observation};
use gumshoe_domain::coverage::DisabledReason;

fn at(day: i64) -> Timestamp {
    Timestamp::from_second(day * 86_400).unwrap()
}

fn member(id: &str, status: MemberStatus) -> Member {
    Member {
        account_id: id.to_owned(),
        email: None,
        graph_arn: String::new(),
        administrator_id: None,
        status,
        disabled_reason: (status == MemberStatus::AcceptedButDisabled).then_some(DisabledReason::VolumeTooHigh),
        invitation: InvitationType::Invitation,
        invited_at: Some(at(0)),
        updated_at: Some(at(1)),
        packages: BTreeMap::from([(Package::DetectiveCore, IngestState::Started)]),
    }
}

fn actual(members: Vec<Member>) -> CurrentState {
    CurrentState {
        account_id: "999999999999".to_owned(),
        graph: Some(CurrentGraph {
            arn: "arn".to_owned(),
            tags: BTreeMap::new(),
            members: members.into_iter().map(|member| (member.account_id.clone(), member)).collect(),
            packages: BTreeMap::from([(Package::DetectiveCore, IngestState::Started)]),
            auto_enable: Observation::Known(false),
            package_state_since: BTreeMap::new(),
        }),
        administrator: Observation::NotRequested,
        candidates: Observation::NotRequested,
        organization: Observation::NotRequested,
    }
}

fn desired(more: &str) -> DesiredState {
    DesiredState::from_json(&format!(r#"{{"graph": {{"enabled": true}}{more}}}"#), &[]).unwrap()
}

fn account(id: &str) -> String {
    id.to_owned()
}

fn issues(health: &Health) -> Vec<Issue> {
    health.issues.iter().cloned().collect()
}

#[test]
fn member_that_sends_nothing_is_an_issue_with_the_reason() {
    let members = vec![
        member("000000000001", MemberStatus::Enabled),
        member("000000000002", MemberStatus::AcceptedButDisabled),
        member("000000000003", MemberStatus::VerificationFailed),
        member("000000000004", MemberStatus::Invited),
    ];
    let health = Health::of(&desired(""), &actual(members.clone()), at(14));
    assert_eq!((health.members, health.members_enabled), (4, 1));
    let reason = Some(DisabledReason::VolumeTooHigh);
    let mut expected = vec![
        Issue::MemberDisabled { account_id: account("000000000002"), reason },
        Issue::VerificationFailed { account_id: account("000000000003") },
    ];
    assert_eq!(issues(&health), expected);
    expected.push(Issue::InvitationOld { account_id: account("000000000004") });
    assert_eq!(issues(&Health::of(&desired(""), &actual(members), at(15))), expected);
}

#[test]
fn desired_package_that_is_not_ingested_is_an_issue() {
    let mut is = actual(vec![member("000000000001", MemberStatus::Enabled)]);
    let wanted = desired(r#", "packages": ["EKS_AUDIT"]"#);
    let package = Package::EksAudit;
    assert_eq!(issues(&Health::of(&wanted, &is, at(0))), [Issue::PackageStopped { package, state: None }]);
    let graph = is.graph.as_mut().unwrap();
    graph.packages.insert(Package::EksAudit, IngestState::Started);
    graph.package_state_since.insert(("000000000001".to_owned(), Package::EksAudit), at(3));
    graph.members.get_mut("000000000001").unwrap().packages.insert(Package::EksAudit, IngestState::Stopped);
    let health = Health::of(&wanted, &is, at(0));
    let (account_id, state) = (account("000000000001"), Some(IngestState::Stopped));
    assert_eq!(issues(&health), [Issue::MemberPackageStopped { account_id, package, state }]);
    assert_eq!(health.since.values().collect::<Vec<_>>(), [&at(3)]);
}

#[test]
fn account_that_should_be_a_member_is_an_issue() {
    let account = |id: &str| Account { account_id: id.to_owned(), email: "a@example.com".to_owned() };
    let is = CurrentState {
        organization: Observation::Known(vec![
            account("000000000001"),
            account("000000000002"),
            account("999999999999"),
        ]),
        ..actual(vec![])
    };
    let wanted = desired(r#", "members": {"organization": true, "exclude": ["000000000002"]}"#);
    let outside = Issue::AccountOutside { account_id: "000000000001".to_owned() };
    assert_eq!(issues(&Health::of(&wanted, &is, at(0))), [outside]);
    let unknown = CurrentState { organization: Observation::Unavailable("denied".to_owned()), ..is };
    let unread = not_readable_issue(GraphReadTarget::Organization, "the organization's accounts (denied)");
    assert_eq!(issues(&Health::of(&wanted, &unknown, at(0))), [unread]);
}

#[test]
fn member_limit_issue_uses_fixed_percentages() {
    let of = |count: usize| {
        let members = (0..count).map(|number| member(&format!("{number:012}"), MemberStatus::Enabled)).collect();
        Health::of(&desired(""), &actual(members), at(0)).issues.into_iter().next()
    };
    assert_eq!(of(1_079), None);
    assert_eq!(of(1_080), Some(Issue::NearLimit { percent: 90 }));
    assert_eq!(of(1_199), Some(Issue::NearLimit { percent: 95 }));
    assert_eq!(of(1_200), Some(Issue::NearLimit { percent: 100 }));
}

#[test]
fn missing_graph_and_other_administrator_are_issues() {
    let wanted = desired(r#", "organization": {"administrator": "999999999999"}"#);
    let is = CurrentState { graph: None, administrator: Observation::Known(None), ..actual(vec![]) };
    let other = Issue::OtherAdministrator { account_id: None };
    assert_eq!(issues(&Health::of(&wanted, &is, at(0))), [Issue::NoGraph, other]);
}

#[test]
fn unreadable_part_is_an_issue_and_its_kind_is_not_evaluated() {
    let wanted = desired(
        r#", "organization": {"administrator": "999999999999", "auto_enable": true}, "members": {"organization": true}"#,
    );
    fn unavailable<T>() -> Observation<T> {
        Observation::Unavailable("denied".to_owned())
    }
    let mut is = CurrentState { administrator: unavailable(), organization: unavailable(), ..actual(vec![]) };
    let health = Health::of(&wanted, &is, at(0));
    let unevaluated_kinds = [IssueKind::AccountOutside, IssueKind::OtherAdministrator];
    assert_eq!(health.unevaluated_kinds, unevaluated_kinds.into());
    assert_eq!(health.issues.len(), 3, "{:?}", health.issues);
    assert!(health.issues.contains(&Issue::AutoEnable { is: false }));
    is.graph.as_mut().unwrap().auto_enable = unavailable();
    assert!(Health::of(&wanted, &is, at(0)).unevaluated_kinds.contains(&IssueKind::AutoEnable));
    let invalid = Health::from_invalid_document("x", Vec::new());
    assert_eq!(invalid.unevaluated_kinds.len(), IssueKind::ALL.len() - 1);
}
