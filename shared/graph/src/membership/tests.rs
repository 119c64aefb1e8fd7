use super::*;
use proptest::prelude::*;

const LISTED_ACCOUNT: &str = "111122223333";
const UNLISTED_ACCOUNT: &str = "444455556666";

fn arn(administrator_id: &str) -> String {
    format!("arn:aws:detective:us-east-1:{administrator_id}:graph:0123456789abcdef0123456789abcdef")
}

fn member(administrator_id: &str, status: MemberStatus) -> Member {
    Member {
        account_id: "999900001111".to_owned(),
        email: None,
        graph_arn: arn(administrator_id),
        administrator_id: Some(administrator_id.to_owned()),
        status,
        disabled_reason: None,
        invitation: InvitationType::Invitation,
        invited_at: None,
        updated_at: None,
        packages: BTreeMap::new(),
    }
}

fn listed() -> BTreeSet<String> {
    BTreeSet::from([LISTED_ACCOUNT.to_owned()])
}

/// The decision about one invitation.
fn decide_one(member: &Member, reject_others: bool, leave: Option<&str>) -> Result<MembershipAction, SkipReason> {
    let policy =
        MembershipPolicy { allowed_administrators: &listed(), rejects_others: reject_others, leave_graph_arn: leave };
    let plan = MembershipPlan::of(std::slice::from_ref(member), policy);
    assert_eq!(plan.actions.len() + plan.skipped.len(), 1);
    plan.actions.into_iter().next().ok_or_else(|| plan.skipped[0].reason)
}

fn graph(administrator_id: &str) -> GraphRef {
    GraphRef { graph_arn: arn(administrator_id), administrator_id: administrator_id.to_owned() }
}

#[test]
fn listed_accounts_are_accepted_and_others_rejected_only_if_configured() {
    use MemberStatus::Invited;
    for reject in [true, false] {
        assert_eq!(
            decide_one(&member(LISTED_ACCOUNT, Invited), reject, None),
            Ok(MembershipAction::Accept(graph(LISTED_ACCOUNT)))
        );
    }
    assert_eq!(decide_one(&member(UNLISTED_ACCOUNT, Invited), false, None), Err(SkipReason::AdministratorNotAllowed));
    assert_eq!(
        decide_one(&member(UNLISTED_ACCOUNT, Invited), true, None),
        Ok(MembershipAction::Reject(graph(UNLISTED_ACCOUNT)))
    );
}

#[test]
fn graph_without_action_has_a_reason() {
    let why = |status| decide_one(&member(LISTED_ACCOUNT, status), true, None).unwrap_err();
    assert_eq!(why(MemberStatus::Enabled), SkipReason::IsMember);
    assert_eq!(why(MemberStatus::VerificationInProgress), SkipReason::VerificationInProgress);
    assert_eq!(why(MemberStatus::VerificationFailed), SkipReason::VerificationFailed);
    assert_eq!(why(MemberStatus::Unknown), SkipReason::StatusUnknown);
    let reason = Some(DisabledReason::VolumeUnknown);
    let disabled = Member { disabled_reason: reason, ..member(LISTED_ACCOUNT, MemberStatus::AcceptedButDisabled) };
    let why = decide_one(&disabled, true, None).unwrap_err();
    assert_eq!(why, SkipReason::IsDisabled { reason });
    assert!(why.to_string().contains("VOLUME_UNKNOWN"));
}

#[test]
fn leaving_requires_an_enabled_member() {
    let leave = arn(LISTED_ACCOUNT);
    let left = |status| decide_one(&member(LISTED_ACCOUNT, status), false, Some(&leave));
    assert_eq!(left(MemberStatus::Enabled), Ok(MembershipAction::Leave(graph(LISTED_ACCOUNT))));
    let status = MemberStatus::Invited;
    assert_eq!(left(status), Err(SkipReason::CannotLeave { status }), "and it is not accepted");
    let status = MemberStatus::AcceptedButDisabled;
    let why = left(status).unwrap_err();
    assert_eq!(why, SkipReason::CannotLeave { status });
    assert!(why.to_string().ends_with("ACCEPTED_BUT_DISABLED"), "{why}");
}

#[test]
fn unknown_graph_cannot_be_left() {
    let leave = arn(UNLISTED_ACCOUNT);
    let policy =
        MembershipPolicy { allowed_administrators: &listed(), rejects_others: false, leave_graph_arn: Some(&leave) };
    let plan = MembershipPlan::of(&[member(LISTED_ACCOUNT, MemberStatus::Invited)], policy);
    assert_eq!(plan.actions, [MembershipAction::Accept(graph(LISTED_ACCOUNT))]);
    assert_eq!(plan.skipped[0].reason, SkipReason::NotMember);
    assert_eq!(plan.skipped[0].administrator_id.as_deref(), Some(UNLISTED_ACCOUNT));
}

#[test]
fn organization_member_is_skipped() {
    for status in [MemberStatus::Enabled, MemberStatus::Invited, MemberStatus::AcceptedButDisabled] {
        let member = Member { invitation: InvitationType::Organization, ..member(LISTED_ACCOUNT, status) };
        assert_eq!(decide_one(&member, true, Some(&arn(LISTED_ACCOUNT))), Err(SkipReason::OrganizationMember));
    }
}

#[test]
fn missing_administrator_is_read_from_the_arn() {
    let without_administrator =
        |graph_arn| Member { administrator_id: None, graph_arn, ..member(LISTED_ACCOUNT, MemberStatus::Invited) };
    assert_eq!(
        decide_one(&without_administrator(arn(LISTED_ACCOUNT)), true, None),
        Ok(MembershipAction::Accept(graph(LISTED_ACCOUNT)))
    );
    assert_eq!(
        decide_one(&without_administrator("arn:aws".to_owned()), true, None),
        Err(SkipReason::AdministratorUnknown)
    );
}

#[test]
fn graph_that_is_listed_twice_is_decided_once() {
    let twice = [member(LISTED_ACCOUNT, MemberStatus::Invited), member(LISTED_ACCOUNT, MemberStatus::Enabled)];
    let plan = MembershipPlan::of(
        &twice,
        MembershipPolicy { allowed_administrators: &listed(), rejects_others: true, leave_graph_arn: None },
    );
    assert_eq!((plan.actions.len(), plan.skipped.len()), (0, 1));
}

#[test]
fn json_has_the_action_and_the_reason() {
    let action = serde_json::to_value(MembershipAction::Accept(graph(LISTED_ACCOUNT))).unwrap();
    assert_eq!(
        action,
        serde_json::json!({"deed": "accept", "graph_arn": arn(LISTED_ACCOUNT), "administrator_id": LISTED_ACCOUNT})
    );
    let reason = SkipReason::IsDisabled { reason: Some(DisabledReason::VolumeTooHigh) };
    let left = SkippedGraph { graph_arn: arn(LISTED_ACCOUNT), administrator_id: None, reason };
    let json = serde_json::to_value(&left).unwrap();
    assert_eq!((&json["why"], &json["reason"]), (&"is_disabled".into(), &"VOLUME_TOO_HIGH".into()));
    assert_eq!(serde_json::from_value::<SkippedGraph>(json).unwrap(), left);
}

fn any_member() -> impl Strategy<Value = Member> {
    let status = prop_oneof![
        Just(MemberStatus::Invited),
        Just(MemberStatus::VerificationInProgress),
        Just(MemberStatus::VerificationFailed),
        Just(MemberStatus::Enabled),
        Just(MemberStatus::AcceptedButDisabled),
        Just(MemberStatus::Unknown),
    ];
    (0..6_u64, status, prop::bool::weighted(0.2), any::<bool>()).prop_map(
        |(id, status, organization, has_administrator)| {
            let member = member(&format!("{id:012}"), status);
            Member {
                invitation: if organization { InvitationType::Organization } else { InvitationType::Invitation },
                administrator_id: member.administrator_id.filter(|_| has_administrator),
                ..member
            }
        },
    )
}

/// A model of Detective in which every action succeeds; an accepted member may be disabled.
fn apply_to_model(actions: &[MembershipAction], members: &[Member], enables: bool) -> Vec<Member> {
    let mut members = members.to_vec();
    for action in actions {
        let of_graph = |it: &Member| it.graph_arn == action.graph().graph_arn;
        let before = members.iter().rfind(|it| of_graph(it)).unwrap().clone();
        assert_eq!(before.invitation, InvitationType::Invitation);
        members.retain(|it| !of_graph(it));
        match action {
            MembershipAction::Accept(_) => {
                assert_eq!(before.status, MemberStatus::Invited);
                let status = if enables { MemberStatus::Enabled } else { MemberStatus::AcceptedButDisabled };
                members.push(Member { status, ..before });
            }
            MembershipAction::Reject(_) => assert_eq!(before.status, MemberStatus::Invited),
            MembershipAction::Leave(_) => assert_eq!(before.status, MemberStatus::Enabled),
        }
    }
    members
}

proptest! {
    #[test]
    fn repeated_plans_converge_and_follow_policy(
        members in prop::collection::vec(any_member(), 0..8),
        listed in prop::collection::btree_set(0..6_u64, 1..4),
        reject_others: bool,
        leave in prop::option::of(0..6_u64),
        enables: bool,
    ) {
        let administrators = listed.iter().map(|id| format!("{id:012}")).collect();
        let leave = leave.map(|id| arn(&format!("{id:012}")));
        let policy = MembershipPolicy { allowed_administrators: &administrators, rejects_others: reject_others, leave_graph_arn: leave.as_deref() };
        let plan = MembershipPlan::of(&members, policy);
        for action in &plan.actions {
            let is_listed = administrators.contains(&action.graph().administrator_id);
            let is_left = leave.as_ref() == Some(&action.graph().graph_arn);
            match action {
                MembershipAction::Accept(_) => prop_assert!(is_listed && !is_left),
                MembershipAction::Reject(_) => prop_assert!(reject_others && !is_listed),
                MembershipAction::Leave(_) => prop_assert!(is_left),
            }
        }
        // Each graph is decided on once.
        let graphs: BTreeSet<&str> = members.iter().map(|it| it.graph_arn.as_str()).chain(leave.as_deref()).collect();
        let decided = plan.actions.iter().map(|it| it.graph().graph_arn.as_str());
        let decided: Vec<&str> = decided.chain(plan.skipped.iter().map(|it| it.graph_arn.as_str())).collect();
        prop_assert_eq!(decided.len(), graphs.len());
        prop_assert_eq!(decided.into_iter().collect::<BTreeSet<_>>(), graphs);

        let after = apply_to_model(&plan.actions, &members, enables);
        prop_assert_eq!(MembershipPlan::of(&after, policy).actions, vec![]);
    }
}
