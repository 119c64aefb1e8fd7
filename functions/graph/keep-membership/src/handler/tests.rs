use super::*;
use aws_sdk_detective::Client;
use aws_sdk_detective::types::Account;
use gumshoe_domain::ErrorName;
use gumshoe_domain::coverage::DisabledReason;
use gumshoe_graph::membership::SkipReason;
use gumshoe_graph::settings;
use gumshoe_graph::{IngestState, InvitationType, Package};
use serde_json::json;
use simulator::{AccountRegionFilter, AccountScenario, ApiFault, EndsWhen, FaultKind, Organization, Simulator};
use std::net::TcpListener;
use std::sync::Arc;
use testkit::{simulator_config, with_retries};

const MEMBER: &str = "999900001111";
const LISTED_ACCOUNT: &str = "111122223333";
const SECOND_ACCOUNT: &str = "222233334444";
const UNLISTED_ACCOUNT: &str = "444455556666";
const REGION: &str = "us-east-1";

fn simulator() -> Simulator {
    Simulator::start(TcpListener::bind("127.0.0.1:0").unwrap()).unwrap()
}

fn client(simulator: &Simulator, account: &str) -> Client {
    Client::new(&with_retries(&simulator_config(&simulator.url(), account, REGION)))
}

fn app(simulator: &Simulator, reject_others: bool) -> App {
    App {
        memberships: Memberships::new(client(simulator, MEMBER)),
        settings: settings::KeepMembership {
            administrators: [LISTED_ACCOUNT, SECOND_ACCOUNT].map(str::to_owned).into(),
            reject_others,
        },
    }
}

/// Invites the member to the administrator's graph and returns the graph's ARN.
async fn invite(simulator: &Simulator, administrator: &str) -> String {
    let graph_arn = simulator.graph_arn(administrator, REGION);
    let account = Account::builder().account_id(MEMBER).email_address("root@example.com").build().unwrap();
    client(simulator, administrator).create_members().graph_arn(&graph_arn).accounts(account).send().await.unwrap();
    graph_arn
}

/// A batch of messages of the schedule.
fn batch(messages: usize) -> Value {
    let body = json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}).to_string();
    let message = json!({"messageId": "m", "eventSource": "aws:sqs", "body": body});
    json!({"Records": vec![message; messages]})
}

/// The status that Detective returns for each administrator.
async fn statuses(simulator: &Simulator) -> BTreeMap<String, MemberStatus> {
    let members = Memberships::new(client(simulator, MEMBER)).invitations().await.unwrap();
    members.into_iter().map(|it| (it.administrator_id.unwrap(), it.status)).collect()
}

fn count(simulator: &Simulator, operation: &str) -> usize {
    simulator.journal().iter().filter(|it| it.operation == operation && it.account == MEMBER).count()
}

/// How many calls of the member there were that change anything.
fn changes(simulator: &Simulator) -> usize {
    ["AcceptInvitation", "RejectInvitation", "DisassociateMembership"].map(|it| count(simulator, it)).iter().sum()
}

#[tokio::test]
async fn invited_by_a_listed_administrator_it_becomes_a_member_once() {
    let simulator = simulator();
    let app = app(&simulator, false);
    let graph_arn = invite(&simulator, LISTED_ACCOUNT).await;
    let report = handle(&app, batch(3)).await.unwrap();
    assert_eq!(
        serde_json::to_value(&report.completed).unwrap(),
        json!([{"deed": "accept", "graph_arn": graph_arn, "administrator_id": LISTED_ACCOUNT}])
    );
    assert_eq!((report.skipped.len(), report.planned.len()), (0, 0));
    let membership = &report.memberships[0];
    assert_eq!(
        (membership.status, membership.administrator_id.as_deref()),
        (MemberStatus::Enabled, Some(LISTED_ACCOUNT))
    );
    let core = membership.data_sources[&Package::DetectiveCore];
    assert!(core.state == IngestState::Started && core.since.is_some());
    assert!(!serde_json::to_string(&report).unwrap().contains("root@example.com"), "ids and ARNs only");

    let again = handle(&app, json!({})).await.unwrap();
    assert_eq!((again.completed.len(), again.skipped[0].reason), (0, SkipReason::IsMember));
    assert_eq!(changes(&simulator), 1);
}

#[tokio::test]
async fn account_under_verification_is_accepted_by_a_later_run() {
    let simulator = simulator();
    simulator.add_account_scenario(AccountScenario { ends: EndsWhen::AfterSeconds(60), ..AccountScenario::default() });
    let app = app(&simulator, false);
    invite(&simulator, LISTED_ACCOUNT).await;
    let early = handle(&app, batch(1)).await.unwrap();
    assert_eq!(early.completed, []);
    simulator.advance_clock(std::time::Duration::from_secs(61));
    assert_eq!(handle(&app, batch(1)).await.unwrap().completed.len(), 1);
}

#[tokio::test]
async fn disabled_member_is_reported_and_skipped() {
    let simulator = simulator();
    simulator.add_account_scenario(AccountScenario { volume_bytes: None, ..AccountScenario::default() });
    let app = app(&simulator, true);
    invite(&simulator, LISTED_ACCOUNT).await;
    let report = handle(&app, batch(1)).await.unwrap();
    assert_eq!(report.completed.len(), 1);
    assert_eq!(report.memberships[0].status, MemberStatus::AcceptedButDisabled);
    assert_eq!(report.memberships[0].disabled_reason, Some(DisabledReason::VolumeUnknown));
    let again = handle(&app, batch(1)).await.unwrap();
    assert_eq!(again.skipped[0].reason, SkipReason::IsDisabled { reason: Some(DisabledReason::VolumeUnknown) });
    assert_eq!(changes(&simulator), 1);
}

#[tokio::test]
async fn unlisted_invitations_are_rejected_only_if_configured() {
    let simulator = simulator();
    invite(&simulator, UNLISTED_ACCOUNT).await;
    let report = handle(&app(&simulator, false), batch(1)).await.unwrap();
    assert_eq!((report.completed.len(), report.skipped[0].reason), (0, SkipReason::AdministratorNotAllowed));
    assert_eq!(report.memberships[0].status, MemberStatus::Invited);
    assert_eq!((changes(&simulator), count(&simulator, "BatchGetMembershipDatasources")), (0, 0));

    let report = handle(&app(&simulator, true), batch(1)).await.unwrap();
    assert!(
        matches!(&report.completed[..], [MembershipAction::Reject(graph)] if graph.administrator_id == UNLISTED_ACCOUNT)
    );
    assert_eq!((report.memberships.len(), report.skipped.len()), (0, 0));
    assert!(statuses(&simulator).await.is_empty());
}

#[tokio::test]
async fn graph_is_left_once_on_request() {
    let simulator = simulator();
    let app = app(&simulator, false);
    let graph_arn = invite(&simulator, LISTED_ACCOUNT).await;
    let leave = json!({"leave": graph_arn});
    let early = handle(&app, leave.clone()).await.unwrap();
    let status = MemberStatus::Invited;
    assert_eq!(early.skipped[0].reason, SkipReason::CannotLeave { status });
    assert_eq!(changes(&simulator), 0, "a graph to leave is not accepted first");

    handle(&app, batch(1)).await.unwrap();
    let mut carries_it = batch(1);
    carries_it["Records"][0]["body"] = leave.to_string().into();
    handle(&app, carries_it).await.unwrap();
    assert_eq!(
        statuses(&simulator).await[LISTED_ACCOUNT],
        MemberStatus::Enabled,
        "the content of a message is ignored"
    );

    let left = handle(&app, leave.clone()).await.unwrap();
    assert!(matches!(&left.completed[..], [MembershipAction::Leave(graph)] if graph.graph_arn == graph_arn));
    assert_eq!((left.skipped.len(), left.memberships.len()), (0, 0));
    let again = handle(&app, leave).await.unwrap();
    assert_eq!((again.completed.len(), again.skipped[0].reason), (0, SkipReason::NotMember));
    assert_eq!(count(&simulator, "DisassociateMembership"), 1);
}

#[tokio::test]
async fn organization_member_neither_accepts_nor_leaves() {
    let simulator = simulator();
    let email = "root@example.com".to_owned();
    let accounts = BTreeMap::from([(MEMBER.to_owned(), email.clone()), (LISTED_ACCOUNT.to_owned(), email)]);
    let management_account = "555566667777".to_owned();
    let organization =
        Organization { management_account, accounts, detective_administrator: None, guardduty_administrator: None };
    simulator.set_organization(organization).unwrap();
    let management = client(&simulator, "555566667777");
    management.enable_organization_admin_account().account_id(LISTED_ACCOUNT).send().await.unwrap();
    let graph_arn = invite(&simulator, LISTED_ACCOUNT).await;
    let report = handle(&app(&simulator, true), json!({"leave": graph_arn})).await.unwrap();
    assert_eq!((report.completed.len(), report.skipped[0].reason), (0, SkipReason::OrganizationMember));
    assert_eq!(report.memberships[0].invitation, InvitationType::Organization);
    assert_eq!(report.memberships[0].data_sources[&Package::DetectiveCore].state, IngestState::Started);
}

#[tokio::test]
async fn mode_plan_reports_actions_and_changes_nothing() {
    let simulator = simulator();
    let app = app(&simulator, true);
    let left = invite(&simulator, SECOND_ACCOUNT).await;
    handle(&app, batch(1)).await.unwrap();
    let (listed, unlisted) = (invite(&simulator, LISTED_ACCOUNT).await, invite(&simulator, UNLISTED_ACCOUNT).await);
    let before = (changes(&simulator), statuses(&simulator).await);
    let report = handle(&app, json!({"mode": "plan", "leave": left})).await.unwrap();
    let planned: BTreeMap<&str, String> =
        report.planned.iter().map(|it| (it.graph().graph_arn.as_str(), it.to_string())).collect();
    assert_eq!(planned.len(), 3);
    assert_eq!(planned[listed.as_str()], "AcceptInvitation");
    assert_eq!(planned[unlisted.as_str()], "RejectInvitation");
    assert_eq!(planned[left.as_str()], "DisassociateMembership");
    assert_eq!((report.completed.len(), report.memberships.len()), (0, 3));
    assert_eq!((changes(&simulator), statuses(&simulator).await), before);
}

#[tokio::test]
async fn concurrent_runs_perform_each_action_once_without_failure() {
    for _ in 0..5 {
        let simulator = simulator();
        let app = app(&simulator, true);
        for administrator in [LISTED_ACCOUNT, SECOND_ACCOUNT, UNLISTED_ACCOUNT] {
            invite(&simulator, administrator).await;
        }
        let runs = tokio::join!(handle(&app, batch(1)), handle(&app, batch(1)));
        let (one, other) = (runs.0.unwrap(), runs.1.unwrap());
        assert_eq!(one.completed.len() + other.completed.len(), 3, "{one:?} {other:?}");
        let expected = [LISTED_ACCOUNT, SECOND_ACCOUNT].map(|id| (id.to_owned(), MemberStatus::Enabled)).into();
        assert_eq!(statuses(&simulator).await, expected);
    }
}

#[tokio::test]
async fn concurrent_requests_leave_the_graph_once() {
    let simulator = simulator();
    let app = app(&simulator, false);
    let graph_arn = invite(&simulator, LISTED_ACCOUNT).await;
    handle(&app, batch(1)).await.unwrap();
    let leave = || handle(&app, json!({"leave": graph_arn}));
    let runs = tokio::join!(leave(), leave());
    assert_eq!(runs.0.unwrap().completed.len() + runs.1.unwrap().completed.len(), 1);
    assert!(statuses(&simulator).await.is_empty());
}

#[tokio::test]
async fn repeated_conflicts_fail_the_run() {
    let simulator = simulator();
    let app = app(&simulator, false);
    invite(&simulator, LISTED_ACCOUNT).await;
    let conflict = || ApiFault::new("AcceptInvitation", FaultKind::Error).error("ConflictException");
    simulator.add_fault(conflict().times(2));
    assert_eq!(handle(&app, batch(1)).await.unwrap().completed.len(), 1);
    invite(&simulator, SECOND_ACCOUNT).await;
    simulator.add_fault(conflict().times(3));
    assert_eq!(handle(&app, batch(1)).await.unwrap_err().error_name(), "MembershipUnavailable");
    assert_eq!(handle(&app, batch(1)).await.unwrap().completed.len(), 1);
}

#[tokio::test]
async fn lost_response_is_not_a_failure() {
    let simulator = simulator();
    let app = app(&simulator, true);
    let graph_arn = invite(&simulator, LISTED_ACCOUNT).await;
    invite(&simulator, UNLISTED_ACCOUNT).await;
    for operation in ["AcceptInvitation", "RejectInvitation", "DisassociateMembership"] {
        simulator.add_fault(ApiFault::new(operation, FaultKind::Drop).after_work());
    }
    handle(&app, batch(1)).await.unwrap();
    assert_eq!(statuses(&simulator).await, [(LISTED_ACCOUNT.to_owned(), MemberStatus::Enabled)].into());
    handle(&app, json!({"leave": graph_arn})).await.unwrap();
    assert!(statuses(&simulator).await.is_empty());
}

#[tokio::test]
async fn next_run_completes_interrupted_run() {
    let simulator = simulator();
    let app = Arc::new(app(&simulator, false));
    invite(&simulator, LISTED_ACCOUNT).await;
    invite(&simulator, SECOND_ACCOUNT).await;
    // The run accepts the first invitation and is interrupted before it receives the response.
    simulator.add_fault(ApiFault::new("AcceptInvitation", FaultKind::Latency).milliseconds(60_000));
    let interrupted = Arc::clone(&app);
    let run = tokio::spawn(async move { handle(&interrupted, batch(1)).await });
    let accepted = async {
        while !statuses(&simulator).await.values().any(|it| *it == MemberStatus::Enabled) {
            tokio::task::yield_now().await;
        }
    };
    let timeout = std::time::Duration::from_secs(30);
    assert!(tokio::time::timeout(timeout, accepted).await.is_ok(), "nothing was accepted within {timeout:?}");
    run.abort();
    assert!(run.await.unwrap_err().is_cancelled());
    assert!(statuses(&simulator).await.values().any(|it| *it == MemberStatus::Invited));
    assert_eq!(handle(&app, batch(1)).await.unwrap().completed.len(), 1);
    assert!(statuses(&simulator).await.values().all(|it| *it == MemberStatus::Enabled));
}

#[tokio::test]
async fn failed_second_reading_fails_the_run_and_the_next_has_no_action() {
    let simulator = simulator();
    let app = app(&simulator, false);
    let graph_arn = invite(&simulator, LISTED_ACCOUNT).await;
    // The first reading succeeds; the one after the action fails.
    simulator.add_fault(ApiFault::new("ListInvitations", FaultKind::Latency).milliseconds(0));
    simulator.add_fault(ApiFault::new("ListInvitations", FaultKind::Internal).times(3));
    assert_eq!(handle(&app, batch(1)).await.unwrap_err().error_name(), "MembershipUnavailable");
    assert_eq!(count(&simulator, "AcceptInvitation"), 1);
    simulator.add_fault(ApiFault::new("BatchGetMembershipDatasources", FaultKind::Drop).times(3));
    let error = handle(&app, batch(1)).await.unwrap_err();
    assert_eq!(error.error_name(), "MembershipUnavailable");
    assert!(error.to_string().contains("BatchGetMembershipDatasources"), "{error}");
    let next = handle(&app, batch(1)).await.unwrap();
    assert_eq!((next.completed.len(), next.memberships[0].graph_arn.as_str()), (0, graph_arn.as_str()));
}

#[tokio::test]
async fn denied_call_fails_the_run_but_no_other_action() {
    let simulator = simulator();
    let app = app(&simulator, true);
    for administrator in [LISTED_ACCOUNT, SECOND_ACCOUNT, UNLISTED_ACCOUNT] {
        invite(&simulator, administrator).await;
    }
    simulator.add_fault(ApiFault::new("AcceptInvitation", FaultKind::AccessDenied));
    let error = handle(&app, batch(1)).await.unwrap_err();
    assert_eq!(error.error_name(), "MembershipAccessDenied");
    let first = simulator.graph_arn(LISTED_ACCOUNT, REGION);
    assert!(error.to_string().contains(&first) && error.to_string().contains("AcceptInvitation"), "{error}");
    let expected =
        [(LISTED_ACCOUNT.to_owned(), MemberStatus::Invited), (SECOND_ACCOUNT.to_owned(), MemberStatus::Enabled)].into();
    assert_eq!(statuses(&simulator).await, expected, "the second is accepted, and the unlisted one rejected");
    assert_eq!(count(&simulator, "AcceptInvitation"), 2, "a denied call is not retried in this run");
    assert_eq!(handle(&app, batch(1)).await.unwrap().completed.len(), 1);
}

#[tokio::test]
async fn throttled_run_fails_and_its_retry_succeeds() {
    let simulator = simulator();
    let app = app(&simulator, false);
    invite(&simulator, LISTED_ACCOUNT).await;
    simulator.add_fault(ApiFault::new("ListInvitations", FaultKind::Throttle).times(3));
    assert_eq!(handle(&app, batch(1)).await.unwrap_err().error_name(), "MembershipThrottled");
    simulator.add_fault(ApiFault::new("AcceptInvitation", FaultKind::Throttle).times(3));
    assert_eq!(handle(&app, batch(1)).await.unwrap_err().error_name(), "MembershipThrottled");
    simulator.add_fault(ApiFault::new("AcceptInvitation", FaultKind::Throttle).times(2));
    assert_eq!(handle(&app, batch(1)).await.unwrap().completed.len(), 1, "the SDK tries three times");
}

#[tokio::test]
async fn data_sources_of_each_graph_are_reported() {
    let simulator = simulator();
    let app = app(&simulator, false);
    for administrator in [LISTED_ACCOUNT, SECOND_ACCOUNT] {
        invite(&simulator, administrator).await;
    }
    handle(&app, batch(1)).await.unwrap();
    let places = AccountRegionFilter { account: Some(SECOND_ACCOUNT.to_owned()), region: None };
    let reason = Some(simulator::DisabledReason::VolumeTooHigh);
    simulator.set_member(places, MEMBER, simulator::MemberStatus::AcceptedButDisabled, reason).unwrap();
    let report = handle(&app, batch(1)).await.unwrap();
    let states: BTreeMap<&str, IngestState> = report
        .memberships
        .iter()
        .map(|it| (it.administrator_id.as_deref().unwrap(), it.data_sources[&Package::DetectiveCore].state))
        .collect();
    assert_eq!(states, [(LISTED_ACCOUNT, IngestState::Started), (SECOND_ACCOUNT, IngestState::Stopped)].into());
    assert_eq!(count(&simulator, "BatchGetMembershipDatasources"), 2, "one call per run");
}

#[tokio::test]
async fn invalid_request_calls_nothing() {
    let simulator = simulator();
    let app = app(&simulator, true);
    invite(&simulator, LISTED_ACCOUNT).await;
    for wrong in [json!(null), json!({"leav": "x"}), json!({"leave": "x"}), json!({"mode": "Plan"})] {
        let error = handle(&app, wrong).await.unwrap_err();
        assert_eq!(error.error_name(), "MembershipRequestWrong");
    }
    assert_eq!(count(&simulator, "ListInvitations"), 0);
}
