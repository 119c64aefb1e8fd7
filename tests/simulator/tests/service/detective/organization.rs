//! Organizations: administrator accounts, and members without an invitation.

use aws_sdk_detective::Client;
use aws_sdk_detective::types::{InvitationType, MemberStatus};
use simulator::Organization;

use super::{MEMBER, OTHER, client_of};
use crate::support::{ACCOUNT, TestServer};

const MANAGEMENT: &str = "999900001111";

fn organization(accounts: &[&str]) -> Organization {
    Organization {
        management_account: MANAGEMENT.into(),
        accounts: accounts.iter().map(|id| ((*id).to_owned(), format!("{id}@example.com"))).collect(),
        detective_administrator: None,
        guardduty_administrator: None,
    }
}

/// An organization whose Detective administrator is the server's account.
async fn delegated(accounts: &[&str]) -> (TestServer, Client) {
    let server = TestServer::new();
    server.simulator.set_organization(organization(accounts)).unwrap();
    let management = client_of(&server.simulator, MANAGEMENT);
    management.enable_organization_admin_account().account_id(ACCOUNT).send().await.unwrap();
    (server, management)
}

#[tokio::test]
async fn the_management_account_names_the_administrator_of_a_region() {
    let (server, management) = delegated(&[ACCOUNT, MEMBER]).await;
    let listed = management.list_organization_admin_accounts().send().await.unwrap();
    assert_eq!(listed.administrators().len(), 1);
    assert_eq!(listed.administrators()[0].account_id(), Some(ACCOUNT));
    assert_eq!(listed.administrators()[0].graph_arn(), Some(server.graph.as_str()));
    assert!(listed.administrators()[0].delegation_time().is_some());
    management.enable_organization_admin_account().account_id(ACCOUNT).send().await.unwrap();

    for wrong in [MEMBER, OTHER, MANAGEMENT] {
        let error = management.enable_organization_admin_account().account_id(wrong).send().await.unwrap_err();
        assert!(error.into_service_error().is_validation_exception(), "{wrong}");
    }
    // In another Region the administrator is another's choice, but only of the delegated or the management account.
    let elsewhere = crate::support::client(&server.simulator, MANAGEMENT, "eu-west-1");
    assert!(elsewhere.list_organization_admin_accounts().send().await.unwrap().administrators().is_empty());
    let error = elsewhere.enable_organization_admin_account().account_id(MEMBER).send().await.unwrap_err();
    assert!(error.into_service_error().is_validation_exception());
    elsewhere.enable_organization_admin_account().account_id(MANAGEMENT).send().await.unwrap();
}

#[tokio::test]
async fn only_the_management_account_names_the_administrator() {
    let (server, _) = delegated(&[ACCOUNT, MEMBER]).await;
    for other in [&server.client, &client_of(&server.simulator, OTHER)] {
        let error = other.enable_organization_admin_account().account_id(MEMBER).send().await.unwrap_err();
        assert!(error.into_service_error().is_access_denied_exception());
        let error = other.disable_organization_admin_account().send().await.unwrap_err();
        assert!(error.into_service_error().is_access_denied_exception());
        let error = other.list_organization_admin_accounts().send().await.unwrap_err();
        assert!(error.into_service_error().is_access_denied_exception());
    }
}

#[tokio::test]
async fn accounts_of_the_organization_are_enabled_without_an_invitation() {
    let (server, _) = delegated(&[ACCOUNT, MEMBER]).await;
    let created = server.invite(&[MEMBER, OTHER]).await;
    let of = |id: &str| created.members().iter().find(|member| member.account_id() == Some(id)).unwrap();
    assert_eq!(of(MEMBER).status(), Some(&MemberStatus::Enabled));
    assert_eq!(of(MEMBER).invitation_type(), Some(&InvitationType::Organization));
    assert_eq!(of(OTHER).invitation_type(), Some(&InvitationType::Invitation));
    let member = client_of(&server.simulator, MEMBER);
    let error = member.disassociate_membership().graph_arn(&server.graph).send().await.unwrap_err();
    assert!(error.into_service_error().is_conflict_exception());
    let error = member.reject_invitation().graph_arn(&server.graph).send().await.unwrap_err();
    assert!(error.into_service_error().is_conflict_exception());
    let delete = server.client.delete_members().graph_arn(&server.graph).account_ids(MEMBER);
    assert_eq!(delete.send().await.unwrap().account_ids(), [MEMBER]);
}

#[tokio::test]
async fn accounts_that_join_become_members_with_auto_enable() {
    let (server, _) = delegated(&[ACCOUNT, MEMBER]).await;
    let describe = || server.client.describe_organization_configuration().graph_arn(&server.graph).send();
    let update = || server.client.update_organization_configuration().graph_arn(&server.graph);
    let members = || async {
        let listed = server.client.list_members().graph_arn(&server.graph).send().await.unwrap();
        let ids = listed.member_details().iter().map(|member| member.account_id().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    assert!(!describe().await.unwrap().auto_enable());
    server.simulator.set_organization(organization(&[ACCOUNT, MEMBER, "200000000001"])).unwrap();
    assert!(members().await.is_empty());

    update().auto_enable(true).send().await.unwrap();
    update().send().await.unwrap();
    assert!(describe().await.unwrap().auto_enable());
    assert!(members().await.is_empty(), "those that are there already stay outside");
    server.simulator.set_organization(organization(&[ACCOUNT, MEMBER, "200000000001", OTHER])).unwrap();
    assert_eq!(members().await, [OTHER]);
    assert_eq!(server.member(OTHER).await.status(), Some(&MemberStatus::Enabled));
    assert_eq!(server.member(OTHER).await.email_address(), Some(format!("{OTHER}@example.com").as_str()));

    server.simulator.set_organization(organization(&[ACCOUNT, MEMBER])).unwrap();
    assert!(members().await.is_empty(), "who leaves the organization leaves its graph");
    update().auto_enable(false).send().await.unwrap();
    assert!(!describe().await.unwrap().auto_enable());
}

#[tokio::test]
async fn only_the_administrator_account_configures_the_organization() {
    let (server, management) = delegated(&[ACCOUNT, MEMBER]).await;
    let error = management.describe_organization_configuration().graph_arn(&server.graph).send().await.unwrap_err();
    assert!(error.into_service_error().is_access_denied_exception());
    let error = management.update_organization_configuration().graph_arn(&server.graph).send().await.unwrap_err();
    assert!(error.into_service_error().is_access_denied_exception());
    let other = server.simulator.graph_arn(MEMBER, "us-east-1");
    let error = server.client.describe_organization_configuration().graph_arn(other).send().await.unwrap_err();
    assert!(error.into_service_error().is_validation_exception());
}

#[tokio::test]
async fn removing_the_administrator_deletes_the_organizations_graph() {
    let (server, management) = delegated(&[ACCOUNT, MEMBER]).await;
    server.invite(&[MEMBER]).await;
    management.disable_organization_admin_account().send().await.unwrap();
    assert!(server.client.list_graphs().send().await.unwrap().graph_list().is_empty());
    assert!(management.list_organization_admin_accounts().send().await.unwrap().administrators().is_empty());
    let error = management.disable_organization_admin_account().send().await.unwrap_err();
    assert!(error.into_service_error().is_validation_exception());
    // Organizations still knows the delegated administrator.
    let error = management.enable_organization_admin_account().account_id(MEMBER).send().await.unwrap_err();
    assert!(error.into_service_error().is_validation_exception());
    management.enable_organization_admin_account().account_id(ACCOUNT).send().await.unwrap();
    let graphs = server.client.list_graphs().send().await.unwrap();
    assert_ne!(graphs.graph_list()[0].arn(), Some(server.graph.as_str()));
}

#[tokio::test]
async fn invalid_organization_is_rejected() {
    let server = TestServer::new();
    let wrong = Organization { detective_administrator: Some(OTHER.into()), ..organization(&[]) };
    let error = server.simulator.set_organization(wrong).unwrap_err();
    assert!(error.to_string().contains(OTHER), "{error}");
}
