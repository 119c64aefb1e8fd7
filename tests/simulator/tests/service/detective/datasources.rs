//! Data source packages of graphs and of their members.

use std::time::Duration;

use aws_sdk_detective::types::{DatasourcePackage, DatasourcePackageIngestState};
use simulator::{AccountRegionFilter, DisabledReason, MemberStatus};

use super::{MEMBER, OTHER, client_of};
use crate::support::{ACCOUNT, TestServer};

use DatasourcePackage::{AsffSecurityhubFinding, DetectiveCore, EksAudit};
use DatasourcePackageIngestState::{Disabled, Started, Stopped};

#[tokio::test]
async fn packages_are_listed_in_pages() {
    let server = TestServer::new();
    let list = || server.client.list_datasource_packages().graph_arn(&server.graph);
    let all = list().send().await.unwrap();
    let packages = all.datasource_packages().unwrap();
    for (package, state) in [(&DetectiveCore, &Started), (&EksAudit, &Disabled), (&AsffSecurityhubFinding, &Disabled)] {
        let detail = &packages[package];
        assert_eq!(detail.datasource_package_ingest_state(), Some(state));
        assert!(detail.last_ingest_state_change().unwrap()[state].timestamp().is_some());
    }
    let (mut found, mut token) = (Vec::new(), None);
    loop {
        let page = list().max_results(1).set_next_token(token).send().await.unwrap();
        found.extend(page.datasource_packages().unwrap().keys().cloned());
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(found, [DetectiveCore, EksAudit, AsffSecurityhubFinding]);
}

#[tokio::test]
async fn a_package_that_is_started_is_ingested_volume_from_the_members_too() {
    let server = TestServer::new();
    let member = server.join(MEMBER).await;
    server.simulator.advance_clock(Duration::from_secs(60));
    let update = || server.client.update_datasource_packages().graph_arn(&server.graph).datasource_packages(EksAudit);
    update().send().await.unwrap();
    let list = || server.client.list_datasource_packages().graph_arn(&server.graph).send();
    let before = list().await.unwrap();
    server.simulator.advance_clock(Duration::from_secs(60));
    update().send().await.unwrap();
    assert_eq!(list().await.unwrap().datasource_packages(), before.datasource_packages(), "it was started already");

    let states = server.member(MEMBER).await.datasource_package_ingest_states.unwrap();
    assert_eq!(states.len(), 2);
    assert_eq!(states[&EksAudit], Started);
    let batch = member.batch_get_membership_datasources().graph_arns(&server.graph).send().await.unwrap();
    assert!(batch.unprocessed_graphs().is_empty());
    let source = &batch.membership_datasources()[0];
    assert_eq!((source.account_id(), source.graph_arn()), (Some(MEMBER), Some(server.graph.as_str())));
    let history = source.datasource_package_ingest_history().unwrap();
    let since = |package| history[package][&Started].timestamp().unwrap().to_millis().unwrap();
    assert!(since(&EksAudit) - since(&DetectiveCore) >= 60_000);
}

#[tokio::test]
async fn history_has_the_last_change_to_each_state() {
    let server = TestServer::new();
    server.join(MEMBER).await;
    let set =
        |status, reason| server.simulator.set_member(AccountRegionFilter::default(), MEMBER, status, reason).unwrap();
    server.simulator.advance_clock(Duration::from_secs(60));
    set(MemberStatus::AcceptedButDisabled, Some(DisabledReason::VolumeUnknown));
    server.simulator.advance_clock(Duration::from_secs(60));
    set(MemberStatus::Enabled, None);
    let get = server.client.batch_get_graph_member_datasources().graph_arn(&server.graph);
    let batch = get.account_ids(MEMBER).account_ids(ACCOUNT).account_ids(OTHER).send().await.unwrap();
    let refused: Vec<_> = batch.unprocessed_accounts().iter().map(|one| one.account_id().unwrap()).collect();
    assert_eq!(refused, [OTHER]);
    let of = |id| batch.member_datasources().iter().find(|source| source.account_id() == Some(id)).unwrap();
    let history = of(MEMBER).datasource_package_ingest_history().unwrap();
    let at = |state| history[&DetectiveCore][state].timestamp().unwrap().to_millis().unwrap();
    assert!(at(&Started) - at(&Stopped) >= 60_000);
    assert_eq!(of(ACCOUNT).datasource_package_ingest_history().unwrap().len(), 3);
}

#[tokio::test]
async fn foreign_graph_is_reported_as_unprocessed() {
    let server = TestServer::new();
    let other = client_of(&server.simulator, OTHER);
    let batch = other.batch_get_membership_datasources().graph_arns(&server.graph).send().await.unwrap();
    assert!(batch.membership_datasources().is_empty());
    assert_eq!(batch.unprocessed_graphs()[0].graph_arn(), Some(server.graph.as_str()));
    assert!(batch.unprocessed_graphs()[0].reason().is_some());
}
