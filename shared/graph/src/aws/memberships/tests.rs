use super::*;
use crate::InvitationType;
use aws_sdk_detective::types::Account;
use gumshoe_domain::Fault;
use gumshoe_domain::coverage::MemberStatus;
use simulator::{AccountRegionFilter, ApiFault, FaultKind, Simulator};
use std::collections::BTreeSet;
use std::net::TcpListener;
use testkit::{simulator_config, with_retries};

const MEMBER: &str = "999900001111";
const ADMINISTRATOR: &str = "111122223333";
const REGION: &str = "us-east-1";

fn simulator() -> Simulator {
    Simulator::start(TcpListener::bind("127.0.0.1:0").unwrap()).unwrap()
}

fn client(simulator: &Simulator, account: &str) -> Client {
    Client::new(&with_retries(&simulator_config(&simulator.url(), account, REGION)))
}

/// Invites the member to the administrator's graph and returns the graph's ARN.
async fn invite(simulator: &Simulator, administrator: &str) -> String {
    let graph_arn = simulator.graph_arn(administrator, REGION);
    let account = Account::builder().account_id(MEMBER).email_address("root@example.com").build().unwrap();
    client(simulator, administrator).create_members().graph_arn(&graph_arn).accounts(account).send().await.unwrap();
    graph_arn
}

fn memberships(simulator: &Simulator) -> Memberships {
    Memberships::new(client(simulator, MEMBER))
}

#[tokio::test]
async fn invitation_is_accepted_and_left_and_another_rejected() {
    let simulator = simulator();
    let member = memberships(&simulator);
    assert_eq!(member.invitations().await.unwrap(), []);
    let graph_arn = invite(&simulator, ADMINISTRATOR).await;
    let invited = member.invitations().await.unwrap();
    assert_eq!((invited.len(), invited[0].status), (1, MemberStatus::Invited));
    assert_eq!(invited[0].administrator_id.as_deref(), Some(ADMINISTRATOR));
    assert_eq!(
        (invited[0].graph_arn.as_str(), invited[0].invitation),
        (graph_arn.as_str(), InvitationType::Invitation)
    );

    member.accept(&graph_arn).await.unwrap();
    assert_eq!(member.invitations().await.unwrap()[0].status, MemberStatus::Enabled);
    assert_eq!(member.accept(&graph_arn).await.unwrap_err().fault, Fault::Conflict);
    assert_eq!(member.reject(&graph_arn).await.unwrap_err().fault, Fault::Conflict);
    member.leave(&graph_arn).await.unwrap();
    assert_eq!(member.leave(&graph_arn).await.unwrap_err().fault, Fault::NotFound);
    assert_eq!(member.invitations().await.unwrap(), []);

    invite(&simulator, ADMINISTRATOR).await;
    assert_eq!(member.leave(&graph_arn).await.unwrap_err().fault, Fault::Conflict, "it is INVITED");
    member.reject(&graph_arn).await.unwrap();
    assert_eq!(member.reject(&graph_arn).await.unwrap_err().fault, Fault::NotFound);
}

#[tokio::test]
async fn last_state_of_each_package_is_returned_and_a_reason_for_other_graphs() {
    let simulator = simulator();
    let member = memberships(&simulator);
    let graph_arn = invite(&simulator, ADMINISTRATOR).await;
    member.accept(&graph_arn).await.unwrap();
    let unlisted = simulator.graph_arn("444455556666", REGION);
    let asked = [graph_arn.clone(), unlisted.clone()];
    let sources = member.data_sources(&asked).await.unwrap();
    let core = sources.by_graph[&graph_arn][&Package::DetectiveCore];
    assert!(core.state == IngestState::Started && core.since.is_some());
    assert!(sources.unprocessed[&unlisted].contains("not a member"), "{sources:?}");

    // Stopped a moment later, perhaps within the same second.
    let administrators = AccountRegionFilter { account: Some(ADMINISTRATOR.to_owned()), region: None };
    let reason = Some(simulator::DisabledReason::VolumeTooHigh);
    simulator.set_member(administrators, MEMBER, simulator::MemberStatus::AcceptedButDisabled, reason).unwrap();
    let sources = member.data_sources(&asked[..1]).await.unwrap();
    assert_eq!(sources.by_graph[&graph_arn][&Package::DetectiveCore].state, IngestState::Stopped);
    assert_eq!(member.data_sources(&[]).await.unwrap(), DataSources::default());
}

#[tokio::test]
async fn invitations_are_paginated_and_graphs_requested_in_batches_of_50() {
    let simulator = simulator();
    let member = memberships(&simulator);
    for number in 0..205_u64 {
        invite(&simulator, &format!("{:012}", 1000 + number)).await;
    }
    let invited = member.invitations().await.unwrap();
    let graphs: BTreeSet<String> = invited.into_iter().map(|it| it.graph_arn).collect();
    assert_eq!(graphs.len(), 205);
    let graphs: Vec<String> = graphs.into_iter().take(101).collect();
    assert_eq!(member.data_sources(&graphs).await.unwrap().by_graph.len(), 101);
    let calls = |operation| simulator.journal().iter().filter(|it| it.operation == operation).count();
    assert_eq!((calls("ListInvitations"), calls("BatchGetMembershipDatasources")), (2, 3));
}

#[tokio::test]
async fn failures_are_classified() {
    let simulator = simulator();
    let member = memberships(&simulator);
    for (kind, times, fault) in [
        (FaultKind::AccessDenied, 1, Fault::AccessDenied),
        (FaultKind::Throttle, 3, Fault::Throttled),
        (FaultKind::Internal, 3, Fault::Unavailable),
    ] {
        simulator.add_fault(ApiFault::new("ListInvitations", kind).times(times));
        assert_eq!(member.invitations().await.unwrap_err().fault, fault);
    }
    assert_eq!(member.accept("no graph").await.unwrap_err().fault, Fault::Rejected);
}
