//! Members, from the administrator's side.

use std::time::Duration;

use aws_sdk_detective::types::{InvitationType, MemberDisabledReason, MemberStatus};
use simulator::{AccountRegionFilter, AccountScenario, DisabledReason, EndsWhen, Verification};

use super::{MEMBER, OTHER, account, client_of};
use crate::support::{ACCOUNT, TestServer};

fn scenario(account_id: &str) -> AccountScenario {
    AccountScenario { account_id: account_id.into(), ..AccountScenario::default() }
}

#[tokio::test]
async fn an_account_is_verified_then_invited_then_enabled() {
    let server = TestServer::new();
    let created = server.invite(&[MEMBER]).await;
    assert!(created.unprocessed_accounts().is_empty());
    let detail = &created.members()[0];
    assert_eq!(detail.status(), Some(&MemberStatus::VerificationInProgress));
    assert_eq!(detail.account_id(), Some(MEMBER));
    assert_eq!(detail.email_address(), Some(format!("security+{MEMBER}@example.com").as_str()));
    assert_eq!(detail.graph_arn(), Some(server.graph.as_str()));
    assert_eq!(detail.administrator_id(), Some(ACCOUNT));
    #[expect(deprecated, reason = "the API answers both")]
    let master = detail.master_id();
    assert_eq!(master, Some(ACCOUNT));
    assert_eq!(detail.invitation_type(), Some(&InvitationType::Invitation));
    assert!(detail.invited_time().is_some() && detail.updated_time().is_some());

    assert_eq!(server.member(MEMBER).await.status(), Some(&MemberStatus::Invited));
    client_of(&server.simulator, MEMBER).accept_invitation().graph_arn(&server.graph).send().await.unwrap();
    let enabled = server.member(MEMBER).await;
    assert_eq!(enabled.status(), Some(&MemberStatus::Enabled));
    assert_eq!(enabled.disabled_reason(), None);
    #[expect(deprecated, reason = "the API answers it in addition to the volume by package")]
    let (volume, percent) = (enabled.volume_usage_in_bytes(), enabled.percent_of_graph_utilization());
    assert_eq!(volume, Some(1_000_000_000));
    assert_eq!(percent, Some(0.01));
    assert_eq!(enabled.volume_usage_by_datasource_package().unwrap().len(), 1);
    assert_eq!(enabled.datasource_package_ingest_states().unwrap().len(), 1);
}

#[tokio::test]
async fn a_verification_takes_the_time_that_the_scenario_gives_it() {
    let server = TestServer::new();
    let slow = AccountScenario { ends: EndsWhen::AfterSeconds(600), ..scenario(MEMBER) };
    let failing = Verification::VerificationFailed;
    server.simulator.add_account_scenario(slow);
    server.simulator.add_account_scenario(AccountScenario {
        ends: EndsWhen::AfterChecks(2),
        outcome: failing,
        ..scenario(OTHER)
    });
    server.invite(&[MEMBER, OTHER]).await;
    for _ in 0..2 {
        assert_eq!(server.member(OTHER).await.status(), Some(&MemberStatus::VerificationInProgress));
    }
    assert_eq!(server.member(OTHER).await.status(), Some(&MemberStatus::VerificationFailed));
    assert_eq!(server.member(MEMBER).await.status(), Some(&MemberStatus::VerificationInProgress));
    // It is not invited yet, and sees nothing of it.
    let member = client_of(&server.simulator, MEMBER);
    assert!(member.list_invitations().send().await.unwrap().invitations().is_empty());
    let error = member.accept_invitation().graph_arn(&server.graph).send().await.unwrap_err();
    assert!(error.into_service_error().is_resource_not_found_exception());
    server.simulator.advance_clock(Duration::from_secs(600));
    assert_eq!(server.member(MEMBER).await.status(), Some(&MemberStatus::Invited));
}

#[tokio::test]
async fn a_failed_verification_can_be_tried_again() {
    let server = TestServer::new();
    server
        .simulator
        .add_account_scenario(AccountScenario { outcome: Verification::VerificationFailed, ..scenario(MEMBER) });
    server.invite(&[MEMBER]).await;
    assert_eq!(server.member(MEMBER).await.status(), Some(&MemberStatus::VerificationFailed));
    server.simulator.add_account_scenario(scenario(MEMBER));
    assert_eq!(server.invite(&[MEMBER]).await.members().len(), 1);
    assert_eq!(server.member(MEMBER).await.status(), Some(&MemberStatus::Invited));
}

#[tokio::test]
async fn accounts_that_cannot_be_invited_are_reported_with_reasons() {
    let server = TestServer::new();
    server.invite(&[MEMBER]).await;
    let created = server.invite(&[MEMBER, ACCOUNT, OTHER, OTHER]).await;
    let invited: Vec<_> = created.members().iter().map(|member| member.account_id().unwrap()).collect();
    assert_eq!(invited, [OTHER]);
    let refused: Vec<_> = created.unprocessed_accounts().iter().map(|one| one.account_id().unwrap()).collect();
    assert_eq!(refused, [MEMBER, ACCOUNT, OTHER]);
    assert!(created.unprocessed_accounts().iter().all(|one| one.reason().is_some_and(|reason| !reason.is_empty())));

    let get = server.client.get_members().graph_arn(&server.graph).account_ids(OTHER).account_ids("000011112222");
    let got = get.send().await.unwrap();
    assert_eq!((got.member_details().len(), got.unprocessed_accounts().len()), (1, 1));
    assert_eq!(got.unprocessed_accounts()[0].account_id(), Some("000011112222"));
}

#[tokio::test]
async fn a_volume_that_is_unknown_or_too_high_leaves_the_member_disabled() {
    let server = TestServer::new();
    server.simulator.add_account_scenario(AccountScenario { volume_bytes: None, ..scenario(MEMBER) });
    server
        .simulator
        .add_account_scenario(AccountScenario { volume_bytes: Some(10_000_000_000_001), ..scenario(OTHER) });
    server.join(MEMBER).await;
    server.join(OTHER).await;
    let unknown = server.member(MEMBER).await;
    assert_eq!(unknown.status(), Some(&MemberStatus::AcceptedButDisabled));
    assert_eq!(unknown.disabled_reason(), Some(&MemberDisabledReason::VolumeUnknown));
    assert_eq!(server.member(OTHER).await.disabled_reason(), Some(&MemberDisabledReason::VolumeTooHigh));

    let monitor = |id| server.client.start_monitoring_member().graph_arn(&server.graph).account_id(id).send();
    monitor(MEMBER).await.unwrap();
    assert_eq!(server.member(MEMBER).await.disabled_reason(), Some(&MemberDisabledReason::VolumeUnknown));
    server.simulator.add_account_scenario(scenario(MEMBER));
    monitor(MEMBER).await.unwrap();
    assert_eq!(server.member(MEMBER).await.status(), Some(&MemberStatus::Enabled));
    let error = monitor(MEMBER).await.unwrap_err().into_service_error();
    assert!(error.is_conflict_exception());
    let error = monitor("000011112222").await.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception());
}

#[tokio::test]
async fn graph_above_its_data_limit_accepts_no_more_members() {
    let server = TestServer::new();
    // Each fits alone; if one grows, the graph ingests more than it can.
    server.simulator.add_account_scenario(AccountScenario { volume_bytes: Some(10_000_000_000_000), ..scenario("*") });
    server.join(MEMBER).await;
    server.join(OTHER).await;
    assert_eq!(server.member(MEMBER).await.status(), Some(&MemberStatus::Enabled));
    assert_eq!(server.member(OTHER).await.disabled_reason(), Some(&MemberDisabledReason::VolumeTooHigh));
    server.simulator.set_member(AccountRegionFilter::default(), OTHER, simulator::MemberStatus::Enabled, None).unwrap();
    let create = server.client.create_members().graph_arn(&server.graph).accounts(account("000011112222"));
    let error = create.send().await.unwrap_err().into_service_error();
    assert!(error.is_service_quota_exceeded_exception(), "{error:?}");
    let packages = server.client.update_datasource_packages().graph_arn(&server.graph);
    let packages = packages.datasource_packages(aws_sdk_detective::types::DatasourcePackage::EksAudit);
    assert!(packages.send().await.unwrap_err().into_service_error().is_service_quota_exceeded_exception());
}

#[tokio::test]
async fn graph_has_at_most_1200_members() {
    let server = TestServer::new();
    let id = |number: usize| format!("{:012}", 200_000_000_000_usize + number);
    let invite = |from: usize, to: usize| {
        let accounts = (from..to).map(|number| account(&id(number))).collect();
        server.client.create_members().graph_arn(&server.graph).set_accounts(Some(accounts)).send()
    };
    for batch in 0..23 {
        assert_eq!(invite(batch * 50, batch * 50 + 50).await.unwrap().members().len(), 50);
    }
    let error = invite(1150, 1200).await.unwrap();
    assert_eq!(error.members().len(), 50);
    let error = invite(1200, 1201).await.unwrap_err().into_service_error();
    assert!(error.is_service_quota_exceeded_exception());
    // Those that are members already take no room.
    assert_eq!(invite(0, 1).await.unwrap().unprocessed_accounts().len(), 1);
    let delete = server.client.delete_members().graph_arn(&server.graph).account_ids(id(0));
    assert_eq!(delete.send().await.unwrap().account_ids(), [id(0)]);
    let error = invite(1200, 1202).await.unwrap_err().into_service_error();
    assert!(error.is_service_quota_exceeded_exception(), "two for one place");
    invite(1200, 1201).await.unwrap();

    let mut listed = Vec::new();
    let mut pages = server.client.list_members().graph_arn(&server.graph).max_results(200);
    loop {
        let page = pages.clone().send().await.unwrap();
        assert!(page.member_details().len() <= 200);
        listed.extend(page.member_details().iter().map(|member| member.account_id().unwrap().to_owned()));
        match page.next_token() {
            Some(token) => pages = pages.next_token(token),
            None => break,
        }
    }
    assert_eq!(listed, (1..1201).map(id).collect::<Vec<_>>());
}

#[tokio::test]
async fn deleted_members_are_reported_and_can_be_invited_again() {
    let server = TestServer::new();
    let member = server.join(MEMBER).await;
    let delete = server.client.delete_members().graph_arn(&server.graph);
    let deleted = delete.account_ids(MEMBER).account_ids(OTHER).account_ids(ACCOUNT).send().await.unwrap();
    assert_eq!(deleted.account_ids(), [MEMBER]);
    let refused: Vec<_> = deleted.unprocessed_accounts().iter().map(|one| one.account_id().unwrap()).collect();
    assert_eq!(refused, [OTHER, ACCOUNT]);
    assert!(member.list_invitations().send().await.unwrap().invitations().is_empty());
    assert_eq!(server.invite(&[MEMBER]).await.members().len(), 1);
}

#[tokio::test]
async fn control_sets_any_member_status() {
    let server = TestServer::new();
    server.join(MEMBER).await;
    let set = |status, reason| server.simulator.set_member(AccountRegionFilter::default(), MEMBER, status, reason);
    set(simulator::MemberStatus::AcceptedButDisabled, Some(DisabledReason::VolumeTooHigh)).unwrap();
    let member = server.member(MEMBER).await;
    assert_eq!(member.disabled_reason(), Some(&MemberDisabledReason::VolumeTooHigh));
    set(simulator::MemberStatus::VerificationInProgress, None).unwrap();
    server.simulator.advance_clock(Duration::from_secs(1_000_000));
    assert_eq!(server.member(MEMBER).await.status(), Some(&MemberStatus::VerificationInProgress));
    set(simulator::MemberStatus::Invited, None).unwrap();
    assert_eq!(server.member(MEMBER).await.status(), Some(&MemberStatus::Invited));
    assert!(set(simulator::MemberStatus::AcceptedButDisabled, None).is_err());
    assert!(set(simulator::MemberStatus::Enabled, Some(DisabledReason::VolumeTooHigh)).is_err());
    assert!(
        server
            .simulator
            .set_member(AccountRegionFilter::default(), OTHER, simulator::MemberStatus::Enabled, None)
            .is_err()
    );
}
