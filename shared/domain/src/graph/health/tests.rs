use super::*;
use crate::graph::{Account, Member, Read};

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

fn actual(members: Vec<Member>) -> Actual {
    Actual {
        account_id: "999999999999".to_owned(),
        graph: Some(ActualGraph {
            arn: "arn".to_owned(),
            tags: BTreeMap::new(),
            members: members.into_iter().map(|member| (member.account_id.clone(), member)).collect(),
            packages: BTreeMap::from([(Package::DetectiveCore, IngestState::Started)]),
            auto_enable: Read::Known(false),
            since: BTreeMap::new(),
        }),
        administrator: Read::NotAsked,
        candidates: Read::NotAsked,
        organization: Read::NotAsked,
    }
}

fn desired(more: &str) -> Desired {
    Desired::from_json(&format!(r#"{{"graph": {{"enabled": true}}{more}}}"#), &[]).unwrap()
}

fn texts(health: &Health) -> Vec<String> {
    health.ailments.iter().map(ToString::to_string).collect()
}

#[test]
fn each_member_that_sends_nothing_is_told_of_with_the_reason() {
    let members = vec![
        member("000000000001", MemberStatus::Enabled),
        member("000000000002", MemberStatus::AcceptedButDisabled),
        member("000000000003", MemberStatus::VerificationFailed),
        member("000000000004", MemberStatus::Invited),
    ];
    let health = Health::of(&desired(""), &actual(members.clone()), at(14));
    assert_eq!((health.members, health.members_enabled), (4, 1));
    let told = texts(&health);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("000000000002 is a member and sends nothing (VOLUME_TOO_HIGH"));
    assert!(told[1].starts_with("000000000003 cannot be invited"));
    assert!(texts(&Health::of(&desired(""), &actual(members), at(15)))[2].starts_with("000000000004 has not accepted"));
}

#[test]
fn data_sources_that_are_wanted_and_do_not_come_in_are_told_of() {
    let mut is = actual(vec![member("000000000001", MemberStatus::Enabled)]);
    let wanted = desired(r#", "packages": ["EKS_AUDIT"]"#);
    assert_eq!(texts(&Health::of(&wanted, &is, at(0))), ["The graph does not take in EKS_AUDIT (never started)"]);
    let graph = is.graph.as_mut().unwrap();
    graph.packages.insert(Package::EksAudit, IngestState::Started);
    graph.since.insert(("000000000001".to_owned(), Package::EksAudit), at(3));
    graph.members.get_mut("000000000001").unwrap().packages.insert(Package::EksAudit, IngestState::Stopped);
    let health = Health::of(&wanted, &is, at(0));
    assert_eq!(texts(&health), ["000000000001 does not send EKS_AUDIT (STOPPED)"]);
    assert_eq!(health.since.values().collect::<Vec<_>>(), [&at(3)]);
}

#[test]
fn accounts_that_should_be_members_and_are_not_are_told_of() {
    let account = |id: &str| Account { account_id: id.to_owned(), email: "a@example.com".to_owned() };
    let is = Actual {
        organization: Read::Known(vec![account("000000000001"), account("000000000002"), account("999999999999")]),
        ..actual(vec![])
    };
    let wanted = desired(r#", "members": {"organization": true, "exclude": ["000000000002"]}"#);
    assert_eq!(texts(&Health::of(&wanted, &is, at(0))), ["000000000001 should be a member of the graph and is none"]);
    let unknown = Actual { organization: Read::Refused("denied".to_owned()), ..is };
    assert_eq!(texts(&Health::of(&wanted, &unknown, at(0))), ["Not known: the organization's accounts (denied)"]);
}

#[test]
fn how_near_the_limit_it_is_is_told_in_steps() {
    let of = |count: usize| {
        let members = (0..count).map(|number| member(&format!("{number:012}"), MemberStatus::Enabled)).collect();
        Health::of(&desired(""), &actual(members), at(0)).ailments.into_iter().next()
    };
    assert_eq!(of(1_079), None);
    assert_eq!(of(1_080), Some(Ailment::NearLimit { percent: 90 }));
    assert_eq!(of(1_199), Some(Ailment::NearLimit { percent: 95 }));
    assert_eq!(of(1_200), Some(Ailment::NearLimit { percent: 100 }));
}

#[test]
fn no_graph_and_another_administrator_are_told_of() {
    let wanted = desired(r#", "organization": {"administrator": "999999999999"}"#);
    let is = Actual { graph: None, administrator: Read::Known(None), ..actual(vec![]) };
    let told = texts(&Health::of(&wanted, &is, at(0)));
    assert!(
        told[0].starts_with("There is no behavior graph") && told[1].starts_with("The organization has no"),
        "{told:?}"
    );
}

#[test]
fn what_cannot_be_read_is_told_and_what_is_known_of_it_still_holds() {
    let wanted = desired(
        r#", "organization": {"administrator": "999999999999", "auto_enable": true}, "members": {"organization": true}"#,
    );
    fn refused<T>() -> Read<T> {
        Read::Refused("denied".to_owned())
    }
    let mut is = Actual { administrator: refused(), organization: refused(), ..actual(vec![]) };
    let health = Health::of(&wanted, &is, at(0));
    assert_eq!(health.unjudged, [OUTSIDE, "another administrator"].into());
    assert_eq!(texts(&health).len(), 3, "{:?}", texts(&health));
    assert!(health.ailments.contains(&Ailment::AutoEnable { is: false }));
    is.graph.as_mut().unwrap().auto_enable = refused();
    assert!(Health::of(&wanted, &is, at(0)).unjudged.contains("auto-enable"));
    for ailment in health.ailments {
        assert!(KINDS.contains(&ailment.kind()));
    }
    assert_eq!(Health::of_wrong_document("x").unjudged.len(), KINDS.len() - 1);
}
