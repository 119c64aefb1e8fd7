use super::*;
use proptest::prelude::*;

const LISTED: &str = "111122223333";
const STRANGER: &str = "444455556666";

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
    BTreeSet::from([LISTED.to_owned()])
}

/// The one decision about one invitation.
fn of(member: &Member, reject_others: bool, leave: Option<&str>) -> Result<Deed, WhyLeftAlone> {
    let wishes = Wishes { administrators: &listed(), reject_others, leave };
    let plan = MembershipPlan::of(std::slice::from_ref(member), wishes);
    assert_eq!(plan.deeds.len() + plan.left_alone.len(), 1);
    plan.deeds.into_iter().next().ok_or_else(|| plan.left_alone[0].why)
}

fn graph(administrator_id: &str) -> Graph {
    Graph { graph_arn: arn(administrator_id), administrator_id: administrator_id.to_owned() }
}

#[test]
fn invitations_of_listed_accounts_are_accepted_and_others_rejected_only_if_told() {
    use MemberStatus::Invited;
    for reject in [true, false] {
        assert_eq!(of(&member(LISTED, Invited), reject, None), Ok(Deed::Accept(graph(LISTED))));
    }
    assert_eq!(of(&member(STRANGER, Invited), false, None), Err(WhyLeftAlone::NotListed));
    assert_eq!(of(&member(STRANGER, Invited), true, None), Ok(Deed::Reject(graph(STRANGER))));
}

#[test]
fn what_needs_nothing_says_why() {
    let why = |status| of(&member(LISTED, status), true, None).unwrap_err();
    assert_eq!(why(MemberStatus::Enabled), WhyLeftAlone::IsMember);
    assert_eq!(why(MemberStatus::VerificationInProgress), WhyLeftAlone::BeingVerified);
    assert_eq!(why(MemberStatus::VerificationFailed), WhyLeftAlone::VerificationFailed);
    assert_eq!(why(MemberStatus::Unknown), WhyLeftAlone::StatusUnknown);
    let reason = Some(DisabledReason::VolumeUnknown);
    let disabled = Member { disabled_reason: reason, ..member(LISTED, MemberStatus::AcceptedButDisabled) };
    let why = of(&disabled, true, None).unwrap_err();
    assert_eq!(why, WhyLeftAlone::IsDisabled { reason });
    assert!(why.to_string().contains("VOLUME_UNKNOWN"));
}

#[test]
fn leaving_is_asked_for_by_graph_and_needs_a_member_that_is_enabled() {
    let leave = arn(LISTED);
    let left = |status| of(&member(LISTED, status), false, Some(&leave));
    assert_eq!(left(MemberStatus::Enabled), Ok(Deed::Leave(graph(LISTED))));
    let status = MemberStatus::Invited;
    assert_eq!(left(status), Err(WhyLeftAlone::CannotLeave { status }), "and it is not accepted either");
    let status = MemberStatus::AcceptedButDisabled;
    let why = left(status).unwrap_err();
    assert_eq!(why, WhyLeftAlone::CannotLeave { status });
    assert!(why.to_string().ends_with("ACCEPTED_BUT_DISABLED"), "{why}");
}

#[test]
fn a_graph_that_is_not_there_cannot_be_left() {
    let leave = arn(STRANGER);
    let wishes = Wishes { administrators: &listed(), reject_others: false, leave: Some(&leave) };
    let plan = MembershipPlan::of(&[member(LISTED, MemberStatus::Invited)], wishes);
    assert_eq!(plan.deeds, [Deed::Accept(graph(LISTED))]);
    assert_eq!(plan.left_alone[0].why, WhyLeftAlone::NotMember);
    assert_eq!(plan.left_alone[0].administrator_id.as_deref(), Some(STRANGER));
}

#[test]
fn members_through_their_organization_decide_nothing() {
    for status in [MemberStatus::Enabled, MemberStatus::Invited, MemberStatus::AcceptedButDisabled] {
        let member = Member { invitation: InvitationType::Organization, ..member(LISTED, status) };
        assert_eq!(of(&member, true, Some(&arn(LISTED))), Err(WhyLeftAlone::OfOrganization));
    }
}

#[test]
fn an_administrator_that_is_not_told_is_read_from_the_arn() {
    let untold = |graph_arn| Member { administrator_id: None, graph_arn, ..member(LISTED, MemberStatus::Invited) };
    assert_eq!(of(&untold(arn(LISTED)), true, None), Ok(Deed::Accept(graph(LISTED))));
    assert_eq!(of(&untold("arn:aws".to_owned()), true, None), Err(WhyLeftAlone::AdministratorUnknown));
}

#[test]
fn a_graph_that_is_told_of_twice_is_one() {
    let twice = [member(LISTED, MemberStatus::Invited), member(LISTED, MemberStatus::Enabled)];
    let plan = MembershipPlan::of(&twice, Wishes { administrators: &listed(), reject_others: true, leave: None });
    assert_eq!((plan.deeds.len(), plan.left_alone.len()), (0, 1));
}

#[test]
fn what_is_written_as_json_says_what_and_why() {
    let deed = serde_json::to_value(Deed::Accept(graph(LISTED))).unwrap();
    assert_eq!(deed, serde_json::json!({"deed": "accept", "graph_arn": arn(LISTED), "administrator_id": LISTED}));
    let why = WhyLeftAlone::IsDisabled { reason: Some(DisabledReason::VolumeTooHigh) };
    let left = LeftAlone { graph_arn: arn(LISTED), administrator_id: None, why };
    let json = serde_json::to_value(&left).unwrap();
    assert_eq!((&json["why"], &json["reason"]), (&"is_disabled".into(), &"VOLUME_TOO_HIGH".into()));
    assert_eq!(serde_json::from_value::<LeftAlone>(json).unwrap(), left);
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
    (0..6_u64, status, prop::bool::weighted(0.2), any::<bool>()).prop_map(|(id, status, organization, told)| {
        let member = member(&format!("{id:012}"), status);
        Member {
            invitation: if organization { InvitationType::Organization } else { InvitationType::Invitation },
            administrator_id: member.administrator_id.filter(|_| told),
            ..member
        }
    })
}

/// A Detective that does all that it is asked for; what it accepts may be disabled.
fn carried_out(deeds: &[Deed], members: &[Member], enables: bool) -> Vec<Member> {
    let mut members = members.to_vec();
    for deed in deeds {
        let of_graph = |it: &Member| it.graph_arn == deed.graph().graph_arn;
        let before = members.iter().rfind(|it| of_graph(it)).unwrap().clone();
        assert_eq!(before.invitation, InvitationType::Invitation);
        members.retain(|it| !of_graph(it));
        match deed {
            Deed::Accept(_) => {
                assert_eq!(before.status, MemberStatus::Invited);
                let status = if enables { MemberStatus::Enabled } else { MemberStatus::AcceptedButDisabled };
                members.push(Member { status, ..before });
            }
            Deed::Reject(_) => assert_eq!(before.status, MemberStatus::Invited),
            Deed::Leave(_) => assert_eq!(before.status, MemberStatus::Enabled),
        }
    }
    members
}

proptest! {
    #[test]
    fn a_plan_comes_to_rest_and_does_only_what_it_was_told(
        members in prop::collection::vec(any_member(), 0..8),
        listed in prop::collection::btree_set(0..6_u64, 1..4),
        reject_others: bool,
        leave in prop::option::of(0..6_u64),
        enables: bool,
    ) {
        let administrators = listed.iter().map(|id| format!("{id:012}")).collect();
        let leave = leave.map(|id| arn(&format!("{id:012}")));
        let wishes = Wishes { administrators: &administrators, reject_others, leave: leave.as_deref() };
        let plan = MembershipPlan::of(&members, wishes);
        for deed in &plan.deeds {
            let is_listed = administrators.contains(&deed.graph().administrator_id);
            let is_left = leave.as_ref() == Some(&deed.graph().graph_arn);
            match deed {
                Deed::Accept(_) => prop_assert!(is_listed && !is_left),
                Deed::Reject(_) => prop_assert!(reject_others && !is_listed),
                Deed::Leave(_) => prop_assert!(is_left),
            }
        }
        // Each graph is decided on once.
        let graphs: BTreeSet<&str> = members.iter().map(|it| it.graph_arn.as_str()).chain(leave.as_deref()).collect();
        let decided = plan.deeds.iter().map(|it| it.graph().graph_arn.as_str());
        let decided: Vec<&str> = decided.chain(plan.left_alone.iter().map(|it| it.graph_arn.as_str())).collect();
        prop_assert_eq!(decided.len(), graphs.len());
        prop_assert_eq!(decided.into_iter().collect::<BTreeSet<_>>(), graphs);

        let after = carried_out(&plan.deeds, &members, enables);
        prop_assert_eq!(MembershipPlan::of(&after, wishes).deeds, vec![]);
    }
}
