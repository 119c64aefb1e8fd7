//! The administrator account of an organization and its members.

use aws_sdk_guardduty::types::{Feedback, InvestigationStatus};
use serde_json::json;

use super::{Account, FINDING, Guard, MEMBER, OTHER_MEMBER, STRANGER, finding, organization, with};
use crate::support::{ACCOUNT, REGION};

/// A finding of a member, in the member's detector.
const OF_MEMBER: &str = "22222222222222222222222222222222";

async fn server() -> Guard {
    let guard = Guard::with_analyst().await;
    guard.simulator().set_organization(organization(Some(ACCOUNT))).unwrap();
    guard.add(finding(FINDING));
    guard.add(with(finding(OF_MEMBER), "/accountId", json!(MEMBER)));
    guard
}

#[tokio::test]
async fn the_administrator_sees_the_findings_of_its_members() {
    let guard = server().await;
    guard.add(with(with(finding("elsewhere"), "/accountId", json!(MEMBER)), "/region", json!("eu-west-1")));
    guard.add(with(finding("strange"), "/accountId", json!(STRANGER)));
    let sorted = |mut ids: Vec<String>| {
        ids.sort();
        ids
    };
    assert_eq!(sorted(guard.ids().await), [FINDING, OF_MEMBER]);
    assert_eq!(guard.get(&[OF_MEMBER]).await[0].account_id(), Some(MEMBER));
    assert_eq!(guard.other(MEMBER).ids().await, [OF_MEMBER]);
    assert!(guard.other(MEMBER).get(&[FINDING]).await.is_empty());
    assert!(guard.other(OTHER_MEMBER).ids().await.is_empty());
    assert_eq!(guard.other(STRANGER).ids().await, ["strange"]);

    // A detector that was hidden takes its findings along.
    let only = simulator::AccountRegionFilter { account: Some(MEMBER.into()), region: None };
    guard.simulator().set_detector_exists_in(only.clone(), false);
    assert_eq!(guard.ids().await, [FINDING]);
    guard.simulator().set_detector_exists_in(only, true);

    guard.simulator().set_organization(organization(None)).unwrap();
    assert_eq!(guard.ids().await, [FINDING]);
    assert_eq!(guard.other(MEMBER).ids().await, [OF_MEMBER]);
}

#[tokio::test]
async fn administrator_sees_its_own_of_two_findings_with_one_id() {
    let guard = server().await;
    guard.add(with(with(finding(FINDING), "/accountId", json!(MEMBER)), "/severity", json!(1.5)));
    assert_eq!(guard.get(&[FINDING]).await[0].severity(), Some(5.0));
    assert_eq!(guard.other(MEMBER).get(&[FINDING]).await[0].severity(), Some(1.5));
    guard.client.archive_findings().detector_id(&guard.detector).finding_ids(FINDING).send().await.unwrap();
    assert!(guard.other(MEMBER).get(&[FINDING]).await[0].service().is_none());
}

#[tokio::test]
async fn only_the_administrator_archives() {
    let guard = server().await;
    let Account { client, detector } = guard.other(MEMBER);
    let archive = client.archive_findings().detector_id(&detector).finding_ids(OF_MEMBER);
    let error = archive.send().await.unwrap_err().into_service_error();
    assert!(error.is_bad_request_exception());
    assert!(error.meta().message().unwrap().contains(ACCOUNT));
    let unarchive = client.unarchive_findings().detector_id(&detector).finding_ids(OF_MEMBER);
    assert!(unarchive.send().await.unwrap_err().into_service_error().is_bad_request_exception());
    let update = client.update_detector().detector_id(&detector).enable(false);
    assert!(update.send().await.unwrap_err().into_service_error().is_bad_request_exception());

    guard.client.archive_findings().detector_id(&guard.detector).finding_ids(OF_MEMBER).send().await.unwrap();
    let found = guard.other(MEMBER).get(&[OF_MEMBER]).await;
    assert_eq!(found[0].service().unwrap().archived(), Some(true));
    let update = client.update_findings_feedback().detector_id(&detector).finding_ids(OF_MEMBER);
    update.feedback(Feedback::Useful).send().await.unwrap();
    assert_eq!(guard.get(&[OF_MEMBER]).await[0].service().unwrap().user_feedback(), Some("USEFUL"));
    let update = client.update_findings_feedback().detector_id(&detector).finding_ids(FINDING);
    let error = update.feedback(Feedback::Useful).send().await.unwrap_err().into_service_error();
    assert!(error.is_bad_request_exception(), "it is not the member's");
}

#[tokio::test]
async fn only_the_administrator_investigates() {
    let guard = server().await;
    let member = guard.other(MEMBER);
    let create = member.client.create_investigation().detector_id(&member.detector).trigger_prompt(OF_MEMBER);
    let error = create.send().await.unwrap_err().into_service_error();
    assert!(error.is_access_denied_exception(), "{error:?}");

    let of_member = guard.create(OF_MEMBER).await;
    let own = guard.create(FINDING).await;
    assert_eq!(member.investigation(&of_member).await.cloud().unwrap().account(), Some(MEMBER));
    assert_eq!(guard.investigation(&of_member).await.status(), Some(&InvestigationStatus::Running));
    let get = |account: Account, id: String| async move {
        let get = account.client.get_investigation().detector_id(&account.detector).investigation_id(id);
        get.send().await.map_err(|error| error.into_service_error())
    };
    let denied = get(guard.other(MEMBER), own.clone()).await.unwrap_err();
    assert!(denied.is_access_denied_exception(), "{denied:?}");
    assert!(get(guard.other(OTHER_MEMBER), of_member.clone()).await.unwrap_err().is_access_denied_exception());
    let unknown = get(guard.other(STRANGER), of_member.clone()).await.unwrap_err();
    assert!(unknown.is_resource_not_found_exception(), "{unknown:?}");
    let elsewhere = Account::of(guard.simulator(), ACCOUNT, "eu-west-1");
    assert!(get(elsewhere, of_member.clone()).await.unwrap_err().is_resource_not_found_exception());

    let list = async |account: &Account| {
        let list = account.client.list_investigations().detector_id(&account.detector).send().await.unwrap();
        list.investigations().iter().map(|one| one.investigation_id().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(list(&guard).await, [own, of_member.clone()]);
    assert_eq!(list(&member).await, [of_member]);
    assert!(list(&guard.other(OTHER_MEMBER)).await.is_empty());
    assert!(list(&guard.other(STRANGER)).await.is_empty());
}

#[tokio::test]
async fn new_administrator_reads_existing_investigations() {
    let guard = server().await;
    let id = guard.create(OF_MEMBER).await;
    guard.simulator().set_organization(organization(Some(MEMBER))).unwrap();
    let administrator = guard.other(MEMBER);
    assert_eq!(administrator.investigation(&id).await.investigation_id(), Some(id.as_str()));
    let get = guard.client.get_investigation().detector_id(&guard.detector).investigation_id(&id);
    assert!(get.send().await.unwrap_err().into_service_error().is_access_denied_exception());
    let create = guard.client.create_investigation().detector_id(&guard.detector).trigger_prompt("x");
    assert!(create.send().await.unwrap_err().into_service_error().is_access_denied_exception());
    assert_eq!(guard.simulator().detector_id(MEMBER, REGION), administrator.detector);
}
