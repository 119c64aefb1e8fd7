//! Members, from the administrator's side.

use std::time::Duration;

use aws_sdk_detective::types::{InvitationType, MemberDisabledReason, MemberStatus};
use simulator::{AccountRegionFilter, AccountScenario, DisabledReason, EndsWhen, Verification};

use super::{MEMBER, OTHER, account, client_of};
use crate::support::{ACCOUNT, Bench};

fn scenario(account_id: &str) -> AccountScenario {
    AccountScenario { account_id: account_id.into(), ..AccountScenario::default() }
}

#[tokio::test]
async fn an_account_is_verified_then_invited_then_enabled() {
    let bench = Bench::new();
    let created = bench.invite(&[MEMBER]).await;
    assert!(created.unprocessed_accounts().is_empty());
    let detail = &created.members()[0];
    assert_eq!(detail.status(), Some(&MemberStatus::VerificationInProgress));
    assert_eq!(detail.account_id(), Some(MEMBER));
    assert_eq!(detail.email_address(), Some(format!("security+{MEMBER}@example.com").as_str()));
    assert_eq!(detail.graph_arn(), Some(bench.graph.as_str()));
    assert_eq!(detail.administrator_id(), Some(ACCOUNT));
    #[expect(deprecated, reason = "the API answers both")]
    let master = detail.master_id();
    assert_eq!(master, Some(ACCOUNT));
    assert_eq!(detail.invitation_type(), Some(&InvitationType::Invitation));
    assert!(detail.invited_time().is_some() && detail.updated_time().is_some());

    assert_eq!(bench.member(MEMBER).await.status(), Some(&MemberStatus::Invited));
    client_of(&bench.simulator, MEMBER).accept_invitation().graph_arn(&bench.graph).send().await.unwrap();
    let enabled = bench.member(MEMBER).await;
    assert_eq!(enabled.status(), Some(&MemberStatus::Enabled));
    assert_eq!(enabled.disabled_reason(), None);
    #[expect(deprecated, reason = "the API answers it beside the volume by package")]
    let (volume, percent) = (enabled.volume_usage_in_bytes(), enabled.percent_of_graph_utilization());
    assert_eq!(volume, Some(1_000_000_000));
    assert_eq!(percent, Some(0.01));
    assert_eq!(enabled.volume_usage_by_datasource_package().unwrap().len(), 1);
    assert_eq!(enabled.datasource_package_ingest_states().unwrap().len(), 1);
}

#[tokio::test]
async fn a_verification_takes_the_time_that_the_scenario_gives_it() {
    let bench = Bench::new();
    let slow = AccountScenario { ends: EndsWhen::AfterSeconds(600), ..scenario(MEMBER) };
    let failing = Verification::VerificationFailed;
    bench.simulator.add_account_scenario(slow);
    bench.simulator.add_account_scenario(AccountScenario {
        ends: EndsWhen::AfterChecks(2),
        outcome: failing,
        ..scenario(OTHER)
    });
    bench.invite(&[MEMBER, OTHER]).await;
    for _ in 0..2 {
        assert_eq!(bench.member(OTHER).await.status(), Some(&MemberStatus::VerificationInProgress));
    }
    assert_eq!(bench.member(OTHER).await.status(), Some(&MemberStatus::VerificationFailed));
    assert_eq!(bench.member(MEMBER).await.status(), Some(&MemberStatus::VerificationInProgress));
    // It is not invited yet, and sees nothing of it.
    let member = client_of(&bench.simulator, MEMBER);
    assert!(member.list_invitations().send().await.unwrap().invitations().is_empty());
    let error = member.accept_invitation().graph_arn(&bench.graph).send().await.unwrap_err();
    assert!(error.into_service_error().is_resource_not_found_exception());
    bench.simulator.advance_clock(Duration::from_secs(600));
    assert_eq!(bench.member(MEMBER).await.status(), Some(&MemberStatus::Invited));
}

#[tokio::test]
async fn a_failed_verification_can_be_tried_again() {
    let bench = Bench::new();
    bench
        .simulator
        .add_account_scenario(AccountScenario { outcome: Verification::VerificationFailed, ..scenario(MEMBER) });
    bench.invite(&[MEMBER]).await;
    assert_eq!(bench.member(MEMBER).await.status(), Some(&MemberStatus::VerificationFailed));
    bench.simulator.add_account_scenario(scenario(MEMBER));
    assert_eq!(bench.invite(&[MEMBER]).await.members().len(), 1);
    assert_eq!(bench.member(MEMBER).await.status(), Some(&MemberStatus::Invited));
}

#[tokio::test]
async fn accounts_that_cannot_be_invited_are_told_with_reasons() {
    let bench = Bench::new();
    bench.invite(&[MEMBER]).await;
    let created = bench.invite(&[MEMBER, ACCOUNT, OTHER, OTHER]).await;
    let invited: Vec<_> = created.members().iter().map(|member| member.account_id().unwrap()).collect();
    assert_eq!(invited, [OTHER]);
    let refused: Vec<_> = created.unprocessed_accounts().iter().map(|one| one.account_id().unwrap()).collect();
    assert_eq!(refused, [MEMBER, ACCOUNT, OTHER]);
    assert!(created.unprocessed_accounts().iter().all(|one| one.reason().is_some_and(|reason| !reason.is_empty())));

    let get = bench.client.get_members().graph_arn(&bench.graph).account_ids(OTHER).account_ids("000011112222");
    let got = get.send().await.unwrap();
    assert_eq!((got.member_details().len(), got.unprocessed_accounts().len()), (1, 1));
    assert_eq!(got.unprocessed_accounts()[0].account_id(), Some("000011112222"));
}

#[tokio::test]
async fn a_volume_that_is_unknown_or_too_high_leaves_the_member_disabled() {
    let bench = Bench::new();
    bench.simulator.add_account_scenario(AccountScenario { volume_bytes: None, ..scenario(MEMBER) });
    bench.simulator.add_account_scenario(AccountScenario { volume_bytes: Some(10_000_000_000_001), ..scenario(OTHER) });
    bench.join(MEMBER).await;
    bench.join(OTHER).await;
    let unknown = bench.member(MEMBER).await;
    assert_eq!(unknown.status(), Some(&MemberStatus::AcceptedButDisabled));
    assert_eq!(unknown.disabled_reason(), Some(&MemberDisabledReason::VolumeUnknown));
    assert_eq!(bench.member(OTHER).await.disabled_reason(), Some(&MemberDisabledReason::VolumeTooHigh));

    let monitor = |id| bench.client.start_monitoring_member().graph_arn(&bench.graph).account_id(id).send();
    monitor(MEMBER).await.unwrap();
    assert_eq!(bench.member(MEMBER).await.disabled_reason(), Some(&MemberDisabledReason::VolumeUnknown));
    bench.simulator.add_account_scenario(scenario(MEMBER));
    monitor(MEMBER).await.unwrap();
    assert_eq!(bench.member(MEMBER).await.status(), Some(&MemberStatus::Enabled));
    let error = monitor(MEMBER).await.unwrap_err().into_service_error();
    assert!(error.is_conflict_exception());
    let error = monitor("000011112222").await.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception());
}

#[tokio::test]
async fn a_graph_that_takes_in_too_much_takes_no_more_members() {
    let bench = Bench::new();
    // Alone each fits; when one grows, the graph takes in more than it can.
    bench.simulator.add_account_scenario(AccountScenario { volume_bytes: Some(10_000_000_000_000), ..scenario("*") });
    bench.join(MEMBER).await;
    bench.join(OTHER).await;
    assert_eq!(bench.member(MEMBER).await.status(), Some(&MemberStatus::Enabled));
    assert_eq!(bench.member(OTHER).await.disabled_reason(), Some(&MemberDisabledReason::VolumeTooHigh));
    bench.simulator.set_member(AccountRegionFilter::default(), OTHER, simulator::MemberStatus::Enabled, None).unwrap();
    let create = bench.client.create_members().graph_arn(&bench.graph).accounts(account("000011112222"));
    let error = create.send().await.unwrap_err().into_service_error();
    assert!(error.is_service_quota_exceeded_exception(), "{error:?}");
    let packages = bench.client.update_datasource_packages().graph_arn(&bench.graph);
    let packages = packages.datasource_packages(aws_sdk_detective::types::DatasourcePackage::EksAudit);
    assert!(packages.send().await.unwrap_err().into_service_error().is_service_quota_exceeded_exception());
}

#[tokio::test]
async fn a_graph_has_twelve_hundred_members_at_most() {
    let bench = Bench::new();
    let id = |number: usize| format!("{:012}", 200_000_000_000_usize + number);
    let invite = |from: usize, to: usize| {
        let accounts = (from..to).map(|number| account(&id(number))).collect();
        bench.client.create_members().graph_arn(&bench.graph).set_accounts(Some(accounts)).send()
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
    let delete = bench.client.delete_members().graph_arn(&bench.graph).account_ids(id(0));
    assert_eq!(delete.send().await.unwrap().account_ids(), [id(0)]);
    let error = invite(1200, 1202).await.unwrap_err().into_service_error();
    assert!(error.is_service_quota_exceeded_exception(), "two for one place");
    invite(1200, 1201).await.unwrap();

    let mut listed = Vec::new();
    let mut pages = bench.client.list_members().graph_arn(&bench.graph).max_results(200);
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
async fn deleted_members_are_told_and_can_be_invited_again() {
    let bench = Bench::new();
    let member = bench.join(MEMBER).await;
    let delete = bench.client.delete_members().graph_arn(&bench.graph);
    let deleted = delete.account_ids(MEMBER).account_ids(OTHER).account_ids(ACCOUNT).send().await.unwrap();
    assert_eq!(deleted.account_ids(), [MEMBER]);
    let refused: Vec<_> = deleted.unprocessed_accounts().iter().map(|one| one.account_id().unwrap()).collect();
    assert_eq!(refused, [OTHER, ACCOUNT]);
    assert!(member.list_invitations().send().await.unwrap().invitations().is_empty());
    assert_eq!(bench.invite(&[MEMBER]).await.members().len(), 1);
}

#[tokio::test]
async fn a_hand_brings_a_member_into_any_status() {
    let bench = Bench::new();
    bench.join(MEMBER).await;
    let set = |status, reason| bench.simulator.set_member(AccountRegionFilter::default(), MEMBER, status, reason);
    set(simulator::MemberStatus::AcceptedButDisabled, Some(DisabledReason::VolumeTooHigh)).unwrap();
    let member = bench.member(MEMBER).await;
    assert_eq!(member.disabled_reason(), Some(&MemberDisabledReason::VolumeTooHigh));
    set(simulator::MemberStatus::VerificationInProgress, None).unwrap();
    bench.simulator.advance_clock(Duration::from_secs(1_000_000));
    assert_eq!(bench.member(MEMBER).await.status(), Some(&MemberStatus::VerificationInProgress));
    set(simulator::MemberStatus::Invited, None).unwrap();
    assert_eq!(bench.member(MEMBER).await.status(), Some(&MemberStatus::Invited));
    assert!(set(simulator::MemberStatus::AcceptedButDisabled, None).is_err());
    assert!(set(simulator::MemberStatus::Enabled, Some(DisabledReason::VolumeTooHigh)).is_err());
    assert!(
        bench
            .simulator
            .set_member(AccountRegionFilter::default(), OTHER, simulator::MemberStatus::Enabled, None)
            .is_err()
    );
}
