//! Members, from their own side.

use aws_sdk_detective::types::{MemberDisabledReason, MemberStatus};
use simulator::{AccountScenario, Verification};

use super::{MEMBER, OTHER, client_of};
use crate::support::{ACCOUNT, TestServer, client};

#[tokio::test]
async fn an_invitation_is_accepted() {
    let server = TestServer::new();
    server.invite(&[MEMBER]).await;
    let member = client_of(&server.simulator, MEMBER);
    let listed = member.list_invitations().send().await.unwrap();
    assert_eq!(listed.invitations().len(), 1);
    let invitation = &listed.invitations()[0];
    assert_eq!(invitation.status(), Some(&MemberStatus::Invited));
    assert_eq!(invitation.administrator_id(), Some(ACCOUNT));
    assert_eq!(invitation.graph_arn(), Some(server.graph.as_str()));

    member.accept_invitation().graph_arn(&server.graph).send().await.unwrap();
    let listed = member.list_invitations().send().await.unwrap();
    assert_eq!(listed.invitations()[0].status(), Some(&MemberStatus::Enabled));
    let error = member.accept_invitation().graph_arn(&server.graph).send().await.unwrap_err();
    assert!(error.into_service_error().is_conflict_exception());
    let error = member.reject_invitation().graph_arn(&server.graph).send().await.unwrap_err();
    assert!(error.into_service_error().is_conflict_exception());
}

#[tokio::test]
async fn an_invitation_is_rejected() {
    let server = TestServer::new();
    server.invite(&[MEMBER]).await;
    let member = client_of(&server.simulator, MEMBER);
    let error = member.disassociate_membership().graph_arn(&server.graph).send().await.unwrap_err();
    assert!(error.into_service_error().is_conflict_exception(), "it has not accepted yet");
    member.reject_invitation().graph_arn(&server.graph).send().await.unwrap();
    assert!(member.list_invitations().send().await.unwrap().invitations().is_empty());
    assert!(server.client.list_members().graph_arn(&server.graph).send().await.unwrap().member_details().is_empty());
    let error = member.reject_invitation().graph_arn(&server.graph).send().await.unwrap_err();
    assert!(error.into_service_error().is_resource_not_found_exception());
    let error = member.accept_invitation().graph_arn(&server.graph).send().await.unwrap_err();
    assert!(error.into_service_error().is_resource_not_found_exception());
}

#[tokio::test]
async fn a_member_leaves() {
    let server = TestServer::new();
    let member = server.join(MEMBER).await;
    member.disassociate_membership().graph_arn(&server.graph).send().await.unwrap();
    assert!(member.list_invitations().send().await.unwrap().invitations().is_empty());
    assert!(server.client.list_members().graph_arn(&server.graph).send().await.unwrap().member_details().is_empty());
    let error = member.disassociate_membership().graph_arn(&server.graph).send().await.unwrap_err();
    assert!(error.into_service_error().is_resource_not_found_exception());
}

#[tokio::test]
async fn a_disabled_member_sees_its_invitation_and_cannot_leave() {
    let server = TestServer::new();
    let unknown = AccountScenario { volume_bytes: None, ..AccountScenario::default() };
    server.simulator.add_account_scenario(unknown);
    let member = server.join(MEMBER).await;
    let listed = member.list_invitations().send().await.unwrap();
    assert_eq!(listed.invitations()[0].disabled_reason(), Some(&MemberDisabledReason::VolumeUnknown));
    let error = member.disassociate_membership().graph_arn(&server.graph).send().await.unwrap_err();
    assert!(error.into_service_error().is_conflict_exception());
}

#[tokio::test]
async fn invitations_of_several_administrators_come_in_pages() {
    let server = TestServer::new();
    let mut wanted = Vec::new();
    for administrator in ["200000000001", "200000000002", "200000000003"] {
        let inviting = client_of(&server.simulator, administrator);
        let graph = server.simulator.graph_arn(administrator, "us-east-1");
        let create = inviting.create_members().graph_arn(&graph).accounts(super::account(MEMBER));
        create.send().await.unwrap();
        wanted.push(graph);
    }
    let elsewhere = client(&server.simulator, MEMBER, "eu-west-1");
    assert!(elsewhere.list_invitations().send().await.unwrap().invitations().is_empty());
    let member = client_of(&server.simulator, MEMBER);
    let (mut found, mut token) = (Vec::new(), None);
    loop {
        let page = member.list_invitations().max_results(1).set_next_token(token).send().await.unwrap();
        assert_eq!(page.invitations().len(), 1);
        found.push(page.invitations()[0].graph_arn().unwrap().to_owned());
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(found, wanted);
}

#[tokio::test]
async fn account_with_failed_verification_does_not_see_the_graph() {
    let server = TestServer::new();
    let failing = AccountScenario { outcome: Verification::VerificationFailed, ..AccountScenario::default() };
    server.simulator.add_account_scenario(failing);
    server.invite(&[MEMBER]).await;
    let account = client_of(&server.simulator, MEMBER);
    let error = account.list_members().graph_arn(&server.graph).send().await.unwrap_err();
    assert!(error.into_service_error().is_resource_not_found_exception());
    let batch = account.batch_get_membership_datasources().graph_arns(&server.graph).send().await.unwrap();
    assert_eq!((batch.membership_datasources().len(), batch.unprocessed_graphs().len()), (0, 1));
}

#[tokio::test]
async fn account_without_invitation_has_no_membership() {
    let server = TestServer::new();
    server.join(MEMBER).await;
    let other = client_of(&server.simulator, OTHER);
    assert!(other.list_invitations().send().await.unwrap().invitations().is_empty());
    let error = other.accept_invitation().graph_arn(&server.graph).send().await.unwrap_err();
    assert!(error.into_service_error().is_resource_not_found_exception());
}
