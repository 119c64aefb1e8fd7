//! Graph membership, and the state of investigations, in the simulator.

use crate::detective::{Detective, ReuseCriteria};
use aws_sdk_detective::Client;
use aws_sdk_detective::types::Account;
use gumshoe_domain::ErrorName;
use gumshoe_domain::coverage::{GraphMembership, OutsideGraph};
use gumshoe_domain::investigation::{InvestigationState, Scope};
use jiff::{SignedDuration, Timestamp};
use simulator::{AccountRegionFilter, ApiFault, DisabledReason, FaultKind, MemberStatus, Scenario, Simulator};
use std::net::TcpListener;

const ADMINISTRATOR: &str = "999988887777";
const MEMBER: &str = "111122223333";
const NON_MEMBER: &str = "444455556666";
const REGION: &str = "us-east-1";

/// A simulator with a graph that has one enabled member, and the adapter of its administrator account.
struct Fixture {
    simulator: Simulator,
    detective: Detective,
    graph: String,
}

fn client(simulator: &Simulator, account: &str) -> Client {
    Client::new(&testkit::simulator_config(&simulator.url(), account, REGION))
}

impl Fixture {
    async fn new() -> Self {
        let simulator = Simulator::start(TcpListener::bind("127.0.0.1:0").unwrap()).unwrap();
        let (administrator, member) = (client(&simulator, ADMINISTRATOR), client(&simulator, MEMBER));
        let graph = simulator.graph_arn(ADMINISTRATOR, REGION);
        let account = Account::builder().account_id(MEMBER).email_address("security@example.com").build().unwrap();
        administrator.create_members().graph_arn(&graph).accounts(account).send().await.unwrap();
        member.accept_invitation().graph_arn(&graph).send().await.unwrap();
        Self { detective: Detective::new(administrator), simulator, graph }
    }

    async fn outside(&self, account: &str, minute: i64) -> Option<OutsideGraph> {
        let coverage = self.detective.membership(&self.graph, account, at(minute)).await.unwrap();
        coverage.into_outside_graph()
    }

    /// The number of GetMembers calls.
    fn calls(&self) -> usize {
        self.simulator.journal().iter().filter(|it| it.operation == "GetMembers").count()
    }

    fn set_member_status(&self, status: MemberStatus, reason: Option<DisabledReason>) {
        self.simulator.set_member(AccountRegionFilter::default(), MEMBER, status, reason).unwrap();
    }
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(minute * 60).unwrap()
}

#[tokio::test]
async fn every_status_except_enabled_is_outside_the_graph() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.outside(MEMBER, 0).await, None);
    let too_high = Some(DisabledReason::VolumeTooHigh);
    let unknown = Some(DisabledReason::VolumeUnknown);
    for (number, (status, reason, words)) in [
        (MemberStatus::Invited, None, "INVITED"),
        (MemberStatus::VerificationInProgress, None, "VERIFICATION_IN_PROGRESS"),
        (MemberStatus::VerificationFailed, None, "VERIFICATION_FAILED"),
        (MemberStatus::AcceptedButDisabled, too_high, "ACCEPTED_BUT_DISABLED, VOLUME_TOO_HIGH"),
        (MemberStatus::AcceptedButDisabled, unknown, "ACCEPTED_BUT_DISABLED, VOLUME_UNKNOWN"),
    ]
    .into_iter()
    .enumerate()
    {
        fixture.set_member_status(status, reason);
        let outside = fixture.outside(MEMBER, 20 * (number as i64 + 1)).await.unwrap();
        let given = [outside.status.map(|it| it.to_string()), outside.disabled_reason.map(|it| it.to_string())];
        assert_eq!(given.into_iter().flatten().collect::<Vec<_>>().join(", "), words);
        assert_eq!(outside.account_id, MEMBER);
    }
    let stranger = OutsideGraph { account_id: NON_MEMBER.to_owned(), status: None, disabled_reason: None };
    assert_eq!(fixture.outside(NON_MEMBER, 0).await, Some(stranger));
}

#[tokio::test]
async fn membership_is_cached_for_15_minutes_and_known_for_the_administrator() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.outside(ADMINISTRATOR, 0).await, None);
    assert_eq!(fixture.calls(), 0);
    for minute in 0..15 {
        assert_eq!(fixture.outside(MEMBER, minute).await, None);
        assert!(fixture.outside(NON_MEMBER, minute).await.is_some());
        fixture.set_member_status(MemberStatus::Invited, None);
    }
    assert_eq!(fixture.calls(), 2, "one for each account");
    let status = fixture.outside(MEMBER, 15).await.unwrap().status;
    assert_eq!(status, Some(gumshoe_domain::coverage::MemberStatus::Invited));
    assert_eq!(fixture.calls(), 3);
}

#[tokio::test]
async fn a_failed_call_is_not_cached() {
    let fixture = Fixture::new().await;
    for (kind, name) in
        [(FaultKind::AccessDenied, "DetectiveAccessDenied"), (FaultKind::Internal, "DetectiveUnavailable")]
    {
        fixture.simulator.add_fault(ApiFault::new("GetMembers", kind));
        let error = fixture.detective.membership(&fixture.graph, NON_MEMBER, at(0)).await.unwrap_err();
        assert_eq!(error.error_name(), name);
    }
    assert_eq!(fixture.detective.membership(&fixture.graph, MEMBER, at(0)).await.unwrap(), GraphMembership::InGraph);
    assert!(fixture.outside(NON_MEMBER, 0).await.is_some());
}

#[tokio::test]
async fn an_archived_investigation_can_be_read_reused_and_activated() {
    let fixture = Fixture::new().await;
    let detective = &fixture.detective;
    let entity = format!("arn:aws:iam::{MEMBER}:role/a");
    let mut scenario = Scenario::named("quiet").unwrap();
    scenario.entity_arn.clone_from(&entity);
    fixture.simulator.add_scenario(scenario);
    let now: Timestamp = "2026-01-15T12:45:00Z".parse().unwrap();
    let scope = Scope::up_to(now, SignedDuration::from_hours(24), None);
    let id = detective.start(&fixture.graph, &entity, scope).await.unwrap();
    let state = async || detective.investigation(&fixture.graph, &id).await.unwrap().state;
    assert_eq!(state().await, Some(InvestigationState::Active));
    for _ in 0..2 {
        detective.set_state(&fixture.graph, &id, InvestigationState::Archived).await.unwrap();
    }
    assert_eq!(state().await, Some(InvestigationState::Archived));
    let criteria = ReuseCriteria {
        entity_arn: &entity,
        activity_start: scope.start,
        activity_end: scope.end,
        running_since: at(0),
        created_since: None,
        includes_archived: true,
    };
    let find_reusable = async |criteria| detective.find_reusable(&fixture.graph, criteria).await.unwrap().investigation;
    let found = find_reusable(criteria).await.unwrap();
    assert_eq!((found.id, found.state), (id.clone(), Some(InvestigationState::Archived)));
    assert_eq!(
        find_reusable(ReuseCriteria { includes_archived: false, ..criteria }).await,
        None,
        "by default Detective lists active ones"
    );
    detective.set_state(&fixture.graph, &id, InvestigationState::Active).await.unwrap();
    assert_eq!(state().await, Some(InvestigationState::Active));

    fixture.simulator.add_fault(ApiFault::new("UpdateInvestigationState", FaultKind::AccessDenied));
    let error = detective.set_state(&fixture.graph, &id, InvestigationState::Archived).await.unwrap_err();
    assert_eq!(error.error_name(), "DetectiveAccessDenied");
}
