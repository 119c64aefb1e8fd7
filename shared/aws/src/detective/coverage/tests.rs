//! Coverage, and the state of investigations, against the simulator.

use crate::detective::{Detective, ReuseCriteria};
use aws_sdk_detective::Client;
use aws_sdk_detective::types::Account;
use gumshoe_domain::Named;
use gumshoe_domain::coverage::{Coverage, OutsideGraph};
use gumshoe_domain::investigation::{InvestigationState, Scope};
use jiff::{SignedDuration, Timestamp};
use simulator::{DisabledReason, Fault, FaultKind, MemberStatus, Places, Scenario, Simulator};
use std::net::TcpListener;

const ADMINISTRATOR: &str = "999988887777";
const MEMBER: &str = "111122223333";
const STRANGER: &str = "444455556666";
const REGION: &str = "us-east-1";

/// The simulator with a graph that has one enabled member, and its administrator's adapter.
struct Bench {
    simulator: Simulator,
    detective: Detective,
    graph: String,
}

fn client(simulator: &Simulator, account: &str) -> Client {
    Client::new(&testkit::simulator_config(&simulator.url(), account, REGION))
}

impl Bench {
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
        coverage.outside()
    }

    /// How often GetMembers was called.
    fn calls(&self) -> usize {
        self.simulator.journal().iter().filter(|it| it.operation == "GetMembers").count()
    }

    fn becomes(&self, status: MemberStatus, reason: Option<DisabledReason>) {
        self.simulator.set_member(Places::default(), MEMBER, status, reason).unwrap();
    }
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(minute * 60).unwrap()
}

#[tokio::test]
async fn every_status_but_enabled_is_outside_with_its_reason() {
    let bench = Bench::new().await;
    assert_eq!(bench.outside(MEMBER, 0).await, None);
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
        bench.becomes(status, reason);
        let told = bench.outside(MEMBER, 20 * (number as i64 + 1)).await.unwrap();
        let given = [told.status.map(|it| it.to_string()), told.disabled_reason.map(|it| it.to_string())];
        assert_eq!(given.into_iter().flatten().collect::<Vec<_>>().join(", "), words);
        assert_eq!(told.account_id, MEMBER);
    }
    let stranger = OutsideGraph { account_id: STRANGER.to_owned(), status: None, disabled_reason: None };
    assert_eq!(bench.outside(STRANGER, 0).await, Some(stranger));
}

#[tokio::test]
async fn it_is_asked_once_in_a_quarter_of_an_hour_and_never_of_the_administrator() {
    let bench = Bench::new().await;
    assert_eq!(bench.outside(ADMINISTRATOR, 0).await, None);
    assert_eq!(bench.calls(), 0);
    for minute in 0..15 {
        assert_eq!(bench.outside(MEMBER, minute).await, None);
        assert!(bench.outside(STRANGER, minute).await.is_some());
        bench.becomes(MemberStatus::Invited, None);
    }
    assert_eq!(bench.calls(), 2, "one for each account");
    let status = bench.outside(MEMBER, 15).await.unwrap().status;
    assert_eq!(status, Some(gumshoe_domain::coverage::MemberStatus::Invited));
    assert_eq!(bench.calls(), 3);
}

#[tokio::test]
async fn a_failure_is_an_error_and_not_remembered() {
    let bench = Bench::new().await;
    for (kind, name) in
        [(FaultKind::AccessDenied, "DetectiveAccessDenied"), (FaultKind::Internal, "DetectiveUnavailable")]
    {
        bench.simulator.add_fault(Fault::new("GetMembers", kind));
        let error = bench.detective.membership(&bench.graph, STRANGER, at(0)).await.unwrap_err();
        assert_eq!(error.name(), name);
    }
    assert_eq!(bench.detective.membership(&bench.graph, MEMBER, at(0)).await.unwrap(), Coverage::InGraph);
    assert!(bench.outside(STRANGER, 0).await.is_some());
}

#[tokio::test]
async fn an_archived_investigation_can_be_read_used_again_and_taken_out() {
    let bench = Bench::new().await;
    let detective = &bench.detective;
    let entity = format!("arn:aws:iam::{MEMBER}:role/a");
    let mut scenario = Scenario::named("quiet").unwrap();
    scenario.entity_arn.clone_from(&entity);
    bench.simulator.add_scenario(scenario);
    let now: Timestamp = "2026-01-15T12:45:00Z".parse().unwrap();
    let scope = Scope::up_to(now, SignedDuration::from_hours(24), None);
    let id = detective.start(&bench.graph, &entity, scope).await.unwrap();
    let state = async || detective.investigation(&bench.graph, &id).await.unwrap().state;
    assert_eq!(state().await, Some(InvestigationState::Active));
    for _ in 0..2 {
        detective.set_state(&bench.graph, &id, InvestigationState::Archived).await.unwrap();
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
    let find_reusable = async |criteria| detective.find_reusable(&bench.graph, criteria).await.unwrap().investigation;
    let found = find_reusable(criteria).await.unwrap();
    assert_eq!((found.id, found.state), (id.clone(), Some(InvestigationState::Archived)));
    assert_eq!(
        find_reusable(ReuseCriteria { includes_archived: false, ..criteria }).await,
        None,
        "Detective lists active ones by itself"
    );
    detective.set_state(&bench.graph, &id, InvestigationState::Active).await.unwrap();
    assert_eq!(state().await, Some(InvestigationState::Active));

    bench.simulator.add_fault(Fault::new("UpdateInvestigationState", FaultKind::AccessDenied));
    let error = detective.set_state(&bench.graph, &id, InvestigationState::Archived).await.unwrap_err();
    assert_eq!(error.name(), "DetectiveAccessDenied");
}
