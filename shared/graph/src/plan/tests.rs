use super::*;
use crate::current::AdministratorCandidates;
use crate::{InvitationType, Member};
use gumshoe_domain::coverage::DisabledReason;
use proptest::prelude::*;

const OWN: &str = "999999999999";

fn id(number: usize) -> String {
    format!("{number:012}")
}

fn account(number: usize) -> Account {
    Account { account_id: id(number), email: format!("root+{number}@example.com") }
}

fn member(account: &Account, status: MemberStatus) -> Member {
    Member {
        account_id: account.account_id.clone(),
        email: Some(account.email.clone()),
        graph_arn: "arn".to_owned(),
        administrator_id: Some(OWN.to_owned()),
        status,
        disabled_reason: (status == MemberStatus::AcceptedButDisabled).then_some(DisabledReason::VolumeUnknown),
        invitation: InvitationType::Invitation,
        invited_at: None,
        updated_at: None,
        packages: BTreeMap::new(),
    }
}

fn desired(text: &str) -> DesiredState {
    DesiredState::from_json(text, &[]).unwrap()
}

fn graph() -> CurrentGraph {
    CurrentGraph {
        arn: "arn".to_owned(),
        auto_enable: Observation::Known(false),
        tags: BTreeMap::new(),
        ..new_graph(&desired(r#"{"graph": {"enabled": true}}"#))
    }
}

fn actual(graph: Option<CurrentGraph>) -> CurrentState {
    CurrentState {
        account_id: OWN.to_owned(),
        graph,
        administrator: Observation::Known(None),
        candidates: Observation::NotRequested,
        organization: Observation::NotRequested,
    }
}

fn plan(desired: &DesiredState, actual: &CurrentState) -> Plan {
    Plan::of(desired, actual, &DeletionConfirmation::default())
}

/// A model of Detective in which every change succeeds immediately.
fn apply_to_model(plan: &Plan, actual: &CurrentState) -> CurrentState {
    let mut actual = actual.clone();
    for change in &plan.changes {
        match change {
            Change::DisableAdministrator { account_id } => {
                assert_eq!(actual.administrator, Observation::Known(Some(account_id.clone())));
                actual.administrator = Observation::Known(None);
                if account_id == OWN {
                    actual.graph = None; // Detective deletes it
                }
            }
            Change::EnableAdministrator { account_id } => {
                if let Observation::Known(candidates) = &actual.candidates {
                    assert!(candidates.allows(account_id), "Detective would reject it");
                }
                actual.administrator = Observation::Known(Some(account_id.clone()));
                if account_id == OWN {
                    let mut is = actual.graph.take().unwrap_or_else(graph);
                    is.auto_enable = Observation::Known(false);
                    actual.graph = Some(is);
                }
            }
            Change::DeleteGraph { .. } => actual.graph = None,
            Change::CreateGraph { tags } => {
                if actual.graph.is_none() {
                    actual.graph = Some(CurrentGraph {
                        auto_enable: Observation::Unavailable("not the organization's".into()),
                        ..graph()
                    });
                }
                actual.graph.as_mut().unwrap().tags.extend(tags.clone());
            }
            other => apply_to_graph(other, actual.graph.as_mut().expect("CreateGraph comes first")),
        }
    }
    actual
}

fn apply_to_graph(change: &Change, graph: &mut CurrentGraph) {
    match change {
        Change::Tag { tags } => graph.tags.extend(tags.clone()),
        Change::Untag { keys } => graph.tags.retain(|key, _| !keys.contains(key)),
        Change::StartPackages { packages } => {
            graph.packages.extend(packages.iter().map(|package| (*package, IngestState::Started)));
        }
        Change::SetAutoEnable { auto_enable } => graph.auto_enable = Observation::Known(*auto_enable),
        Change::RemoveMembers { account_ids } => graph.members.retain(|id, _| !account_ids.contains(id)),
        Change::AddMembers { accounts } => {
            let members = accounts.iter().map(|it| (it.account_id.clone(), member(it, MemberStatus::Invited)));
            graph.members.extend(members);
        }
        Change::StartMonitoring { account_ids } => {
            for id in account_ids {
                graph.members.get_mut(id).expect("a member").status = MemberStatus::Enabled;
            }
        }
        other => panic!("{other:?}"),
    }
    assert!(graph.members.len() <= MAX_MEMBERS && graph.tags.len() <= 50);
}

fn any_ids(max: usize) -> impl Strategy<Value = BTreeSet<usize>> {
    proptest::collection::btree_set(0..30_usize, 0..max)
}

fn any_tags() -> impl Strategy<Value = BTreeMap<String, String>> {
    proptest::collection::btree_map("[a-d]", "[xy]", 0..4)
}

fn any_status() -> impl Strategy<Value = MemberStatus> {
    prop_oneof![
        Just(MemberStatus::Invited),
        Just(MemberStatus::VerificationInProgress),
        Just(MemberStatus::VerificationFailed),
        Just(MemberStatus::Enabled),
        Just(MemberStatus::AcceptedButDisabled),
        Just(MemberStatus::Unknown),
    ]
}

fn any_packages() -> impl Strategy<Value = BTreeSet<Package>> {
    proptest::sample::subsequence(
        vec![Package::DetectiveCore, Package::EksAudit, Package::AsffSecurityhubFinding],
        0..=3,
    )
    .prop_map(|packages| packages.into_iter().collect())
}

prop_compose! {
    fn any_desired()(
        tags in proptest::option::of(any_tags()),
        enabled in proptest::bool::weighted(0.9),
        administrator in proptest::option::of(prop_oneof![Just(OWN.to_owned()), Just(id(1))]),
        auto_enable in proptest::option::of(any::<bool>()),
        accounts in any_ids(12), exclude in any_ids(5), organization: bool, has_members: bool,
        packages in any_packages(), full: bool, max_removals in prop_oneof![Just(2_usize), Just(100)],
        replaces in proptest::option::of(prop_oneof![Just(id(2)), Just(OWN.to_owned())]),
    ) -> DesiredState {
        let mut desired = desired(r#"{"graph": {"enabled": true}, "organization": {}, "members": {}}"#);
        desired.graph.enabled = enabled;
        desired.graph.tags = tags;
        let of_organization = desired.organization.as_mut().unwrap();
        of_organization.administrator = administrator;
        of_organization.auto_enable = auto_enable;
        of_organization.replaces = replaces.filter(|it| of_organization.administrator.as_ref().is_some_and(|wanted| wanted != it));
        let members = desired.members.as_mut().unwrap();
        members.organization = organization;
        members.exclude = exclude.into_iter().map(id).collect();
        members.accounts = accounts.into_iter().map(account).filter(|it| !members.exclude.contains(&it.account_id)).collect();
        if !has_members {
            desired.members = None;
        }
        desired.packages = packages;
        desired.changes = if full { Changes::Full } else { Changes::AddOnly };
        desired.max_removals = max_removals;
        desired
    }
}

prop_compose! {
    fn any_current()(
        has_graph: bool, tags in any_tags(), packages in any_packages(),
        members in proptest::collection::btree_map(0..30_usize, any_status(), 0..12),
        other_address in any_ids(5),
        auto_enable in prop_oneof![Just(Observation::Known(true)), Just(Observation::Known(false)), Just(Observation::Unavailable("no".to_owned()))],
        administrator in prop_oneof![
            Just(Observation::Known(None)), Just(Observation::Known(Some(OWN.to_owned()))), Just(Observation::Known(Some(id(2)))),
            Just(Observation::Unavailable("no".to_owned())), Just(Observation::NotRequested),
        ],
        candidates in prop_oneof![
            Just(Observation::NotRequested), Just(Observation::Unavailable("no".to_owned())),
            proptest::option::of(prop_oneof![Just(OWN.to_owned()), Just(id(1)), Just(id(2))])
                .prop_map(|delegated| Observation::Known(AdministratorCandidates { management: id(3), delegated })),
        ],
        organization in prop_oneof![
            any_ids(20).prop_map(|ids| Observation::Known(ids.into_iter().map(account).chain([Account { account_id: OWN.to_owned(), email: "own@example.com".to_owned() }]).collect())),
            Just(Observation::Unavailable("no".to_owned())),
        ],
    ) -> CurrentState {
        let mut is = graph();
        is.tags = tags;
        is.packages.extend(packages.into_iter().map(|package| (package, IngestState::Started)));
        is.auto_enable = auto_enable;
        is.members = members.into_iter().map(|(number, status)| {
            let mut account = account(number);
            if other_address.contains(&number) {
                account.email = "wrong@example.com".to_owned();
            }
            (id(number), member(&account, status))
        }).collect();
        CurrentState { account_id: OWN.to_owned(), graph: has_graph.then_some(is), administrator, candidates, organization }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn plan_reaches_the_desired_state_and_the_next_is_empty(desired in any_desired(), actual in any_current()) {
        let first = plan(&desired, &actual);
        let after = apply_to_model(&first, &actual);
        let second = plan(&desired, &after);
        // More than max_removals are left to a person, run after run.
        prop_assert!(second.is_empty(), "{second:?}");
        if other_administrator(&desired, &actual).is_some() || !desired.graph.enabled {
            return Ok(());
        }
        let graph = after.graph.as_ref().expect("the document has a graph");
        if let Some(tags) = &desired.graph.tags {
            prop_assert!(tags.iter().all(|(key, value)| graph.tags.get(key) == Some(value)));
            prop_assert!(desired.changes == Changes::AddOnly || *tags == graph.tags);
        }
        prop_assert!(desired.packages.iter().all(|package| is_started(graph, *package)));
        let Some(members) = &desired.members else { return Ok(()) };
        let wanted = desired_members(members, &after);
        prop_assert!(wanted.keys().all(|id| graph.members.contains_key(*id)));
        prop_assert!(!wanted.contains_key(OWN));
        let disabled = |id: &&str| graph.members[*id].status == MemberStatus::AcceptedButDisabled;
        prop_assert!(!wanted.keys().any(disabled));
        let known = !members.organization || after.organization.known().is_some();
        if desired.changes == Changes::Full && known && desired.max_removals == 100 && !wanted.is_empty() {
            prop_assert!(graph.members.keys().all(|id| wanted.contains_key(id.as_str())));
        }
    }

    #[test]
    fn add_only_removes_nothing_and_no_plan_deletes_unconfirmed_graph(desired in any_desired(), actual in any_current()) {
        let plan = plan(&desired, &actual);
        for change in &plan.changes {
            let removes = matches!(
                change,
                Change::DisableAdministrator { .. } | Change::Untag { .. } | Change::RemoveMembers { .. }
                    | Change::SetAutoEnable { auto_enable: false }
            );
            prop_assert!(!removes || desired.changes == Changes::Full, "{change:?}");
            let deletes = matches!(change, Change::DeleteGraph { .. });
            prop_assert!(!deletes, "{change:?}");
            if let Change::RemoveMembers { account_ids } = change {
                prop_assert!(account_ids.len() <= desired.max_removals);
            }
            if let Change::DisableAdministrator { account_id } = change {
                prop_assert_eq!(desired.organization.as_ref().unwrap().replaces.as_ref(), Some(account_id));
            }
        }
        if desired.changes == Changes::AddOnly && let Some(before) = &actual.graph {
            let after = apply_to_model(&plan, &actual).graph.unwrap();
            prop_assert!(before.members.keys().all(|id| after.members.contains_key(id)));
            prop_assert!(before.tags.keys().all(|key| after.tags.contains_key(key)));
        }
    }
}

#[test]
fn graph_is_deleted_only_with_its_own_arn_as_confirmation() {
    let off = desired(r#"{"graph": {"enabled": false}, "changes": "full"}"#);
    let actual = actual(Some(graph()));
    assert!(plan(&off, &actual).is_empty() && plan(&off, &actual).skipped[0].reason.contains("mode destroy"));
    let confirmed = |arn: &str| Plan::of(&off, &actual, &DeletionConfirmation { graph_arn: Some(arn.to_owned()) });
    assert!(confirmed("another").is_empty());
    assert_eq!(confirmed("arn").changes, [Change::DeleteGraph { graph_arn: "arn".to_owned() }]);
    // DeletionConfirmation, but wanted.
    let on = desired(r#"{"graph": {"enabled": true}, "changes": "full"}"#);
    assert!(Plan::of(&on, &actual, &DeletionConfirmation { graph_arn: Some("arn".to_owned()) }).is_empty());
}

#[test]
fn member_limit_is_kept_and_removed_members_free_places() {
    let mut wanted = desired(r#"{"graph": {"enabled": true}, "members": {}, "changes": "full"}"#);
    wanted.members.as_mut().unwrap().accounts = (0..=MAX_MEMBERS).map(account).collect();
    let mut is = graph();
    is.members.insert(id(5_000), member(&account(5_000), MemberStatus::Enabled));
    let plan = plan(&wanted, &actual(Some(is)));
    let [Change::RemoveMembers { .. }, Change::AddMembers { accounts }] = plan.changes.as_slice() else { panic!() };
    assert_eq!(accounts.len(), MAX_MEMBERS);
    assert_eq!(plan.skipped.len(), 1);
    assert_eq!(plan.skipped[0].change, format!("add 1 members: {}", id(MAX_MEMBERS)));
    assert!(plan.skipped[0].reason.contains("1200"));
}

#[test]
fn unreadable_organization_removes_no_member() {
    let wanted = desired(r#"{"graph": {"enabled": true}, "members": {"organization": true}, "changes": "full"}"#);
    let mut is = graph();
    is.members.insert(id(1), member(&account(1), MemberStatus::Enabled));
    let refused =
        CurrentState { organization: Observation::Unavailable("ListAccounts was denied".into()), ..actual(Some(is)) };
    let plan = plan(&wanted, &refused);
    assert!(plan.is_empty());
    assert_eq!(plan.skipped[0].reason, "ListAccounts was denied");
}

#[test]
fn too_many_removals_remove_no_member() {
    let wanted = desired(
        r#"{"graph": {"enabled": true}, "members": {"accounts": [{"account_id": "000000000009", "email": "a@b.example"}]}, "changes": "full", "most_removals": 1}"#,
    );
    let mut is = graph();
    is.members.extend((0..2).map(|number| (id(number), member(&account(number), MemberStatus::Enabled))));
    let plan = plan(&wanted, &actual(Some(is.clone())));
    assert!(matches!(plan.changes.as_slice(), [Change::AddMembers { .. }]), "{plan:?}");
    assert!(plan.skipped[0].reason.contains("most_removals (1)"), "{plan:?}");
    let no_members = desired(r#"{"graph": {"enabled": true}, "members": {}, "changes": "full"}"#);
    let plan = Plan::of(&no_members, &actual(Some(is)), &DeletionConfirmation::default());
    assert!(plan.is_empty() && plan.skipped[0].reason.contains("no member would be left"), "{plan:?}");
}

#[test]
fn current_administrator_stays_if_successor_is_not_allowed() {
    let wanted = desired(&format!(
        r#"{{"graph": {{"enabled": true}}, "changes": "full", "organization": {{"administrator": "{OWN}", "replaces": "{}"}}}}"#,
        id(2)
    ));
    let of = |candidates| {
        let administrator = Observation::Known(Some(id(2)));
        plan(&wanted, &CurrentState { administrator, candidates, ..actual(Some(graph())) })
    };
    let delegated = |delegated| Observation::Known(AdministratorCandidates { management: id(3), delegated });
    let refused = of(delegated(Some(id(2))));
    assert!(refused.is_empty() && refused.skipped[0].reason.contains("deregister it there first"), "{refused:?}");
    assert!(of(Observation::Unavailable("no".to_owned())).is_empty(), "the candidates could not be read");
    for candidates in [
        delegated(None),
        delegated(Some(OWN.to_owned())),
        Observation::Known(AdministratorCandidates { management: OWN.to_owned(), delegated: Some(id(2)) }),
    ] {
        assert_eq!(of(candidates).changes.len(), 2);
    }
}

#[test]
fn invalid_email_address_is_skipped_with_the_reason() {
    let wanted = desired(r#"{"graph": {"enabled": true}, "members": {"organization": true}}"#);
    let long = Account { account_id: id(1), email: format!("{}@example.com", "a".repeat(60)) };
    let plan = plan(&wanted, &CurrentState { organization: Observation::Known(vec![long]), ..actual(Some(graph())) });
    assert!(plan.is_empty());
    assert!(plan.skipped[0].reason.contains("e-mail address"));
}

#[test]
fn new_administrator_gets_auto_enable_in_the_same_plan() {
    let wanted = desired(&format!(
        r#"{{"graph": {{"enabled": true}}, "organization": {{"administrator": "{OWN}", "auto_enable": true}}}}"#
    ));
    let changes = plan(&wanted, &actual(None)).changes;
    let names: Vec<&str> = changes
        .iter()
        .map(|it| match it {
            Change::EnableAdministrator { .. } => "administrator",
            Change::CreateGraph { .. } => "graph",
            Change::SetAutoEnable { auto_enable: true } => "auto-enable",
            _ => "other",
        })
        .collect();
    assert_eq!(names, ["administrator", "graph", "auto-enable"]);
}

#[test]
fn graph_of_another_administrator_is_not_changed() {
    let wanted = desired(r#"{"graph": {"enabled": true}, "organization": {"administrator": "000000000001"}}"#);
    let plan = plan(&wanted, &actual(None));
    assert_eq!(plan.changes, [Change::EnableAdministrator { account_id: id(1) }]);
    assert!(plan.skipped[0].reason.contains("deploy the graph stack there"));
}
