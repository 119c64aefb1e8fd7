//! GetFindings, ArchiveFindings, UnarchiveFindings and UpdateFindingsFeedback.

use aws_sdk_guardduty::types::{Feedback, OrderBy, SortCriteria};
use serde_json::{Value, json};

use super::{Account, FINDING, Guard, NO_ID, finding, with};
use crate::support::{ACCOUNT, REGION};

impl Guard {
    /// The finding as GetFindings answers it.
    async fn document(&self, id: &str) -> Value {
        let raw = self.post("/findings/get", &json!({ "findingIds": [id] })).await;
        raw.assert_ok();
        raw.body["findings"][0].clone()
    }
}

/// A finding as EventBridge carries it, from the project's fixtures.
fn event() -> Value {
    let text = include_str!("../../../../fixtures/findings/role-credentials-from-listed-address.json");
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn a_finding_is_answered_as_it_was_given() {
    let guard = Guard::new();
    guard.add(event());
    let id = "a1b2c3d4e5f60718293a4b5c6d7e8f90";
    assert_eq!(guard.document(id).await, event()["detail"]);

    let found = guard.get(&[id]).await;
    let [found] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((found.id(), found.account_id()), (Some(id), Some(ACCOUNT)));
    assert_eq!((found.region(), found.partition()), (Some(REGION), Some("aws")));
    assert_eq!(found.schema_version(), Some("2.0"));
    assert_eq!(found.severity(), Some(8.0));
    assert_eq!(found.r#type(), Some("UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom"));
    assert_eq!(found.created_at(), Some("2026-11-20T02:13:31.120Z"));
    assert!(found.arn().unwrap().ends_with(id));
    assert!(found.title().is_some() && found.description().is_some() && found.updated_at().is_some());
    let key = found.resource().unwrap().access_key_details().unwrap();
    assert_eq!((key.user_name(), key.user_type()), (Some("report-exporter"), Some("AssumedRole")));
    let service = found.service().unwrap();
    assert_eq!((service.count(), service.archived()), (Some(6), Some(false)));
    let call = service.action().unwrap().aws_api_call_action().unwrap();
    assert_eq!(call.api(), Some("CreateAccessKey"));
}

#[tokio::test]
async fn findings_come_in_the_order_of_their_ids_or_sorted() {
    let guard = Guard::new();
    for (id, severity) in [("a", 2), ("b", 8), ("c", 5)] {
        guard.add(with(finding(id), "/severity", json!(severity)));
    }
    let ids = |found: Vec<aws_sdk_guardduty::types::Finding>| {
        found.into_iter().map(|finding| finding.id.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(ids(guard.get(&["c", "none", "a", "c", "b"]).await), ["c", "a", "b"]);
    assert!(guard.get(&["none"]).await.is_empty());
    assert!(guard.get(&[]).await.is_empty());
    for (order, expected) in [(OrderBy::Asc, ["a", "c", "b"]), (OrderBy::Desc, ["b", "c", "a"])] {
        let sort = SortCriteria::builder().attribute_name("severity").order_by(order).build();
        let get = guard.client.get_findings().detector_id(&guard.detector).sort_criteria(sort);
        let found = get.set_finding_ids(Some(vec!["a".into(), "b".into(), "c".into()])).send().await.unwrap();
        assert_eq!(ids(found.findings.unwrap()), expected);
    }
}

#[tokio::test]
async fn findings_are_archived_and_unarchived() {
    let guard = Guard::new();
    guard.add(finding(FINDING));
    guard.add(with(finding("other"), "/service", json!({ "archived": true, "count": 2 })));
    let before = guard.document("other").await;
    let archive = || guard.client.archive_findings().detector_id(&guard.detector);
    let unarchive = || guard.client.unarchive_findings().detector_id(&guard.detector);
    archive().finding_ids(FINDING).send().await.unwrap();
    assert_eq!(guard.document(FINDING).await, with(finding(FINDING), "/service", json!({ "archived": true })));
    assert_eq!(guard.document("other").await, before);
    unarchive().finding_ids(FINDING).finding_ids("other").send().await.unwrap();
    for id in [FINDING, "other"] {
        assert_eq!(guard.document(id).await["service"]["archived"], false);
    }
    archive().set_finding_ids(Some(vec![])).send().await.unwrap();

    let raw = guard.post("/findings/archive", &json!({ "findingIds": [FINDING] })).await;
    assert_eq!((raw.status, raw.body), (200, Value::Null));
}

#[tokio::test]
async fn feedback_is_stored() {
    let guard = Guard::new();
    guard.add(finding(FINDING));
    let update = || guard.client.update_findings_feedback().detector_id(&guard.detector).finding_ids(FINDING);
    for (feedback, word) in [(Feedback::Useful, "USEFUL"), (Feedback::NotUseful, "NOT_USEFUL")] {
        update().feedback(feedback).comments("a comment").send().await.unwrap();
        assert_eq!(guard.get(&[FINDING]).await[0].service().unwrap().user_feedback(), Some(word));
    }
}

#[tokio::test]
async fn unknown_id_changes_nothing() {
    let guard = Guard::new();
    guard.add(finding(FINDING));
    let ids = || Some(vec![FINDING.to_owned(), NO_ID.to_owned()]);
    let Account { client, detector } = &*guard;
    let archive = client.archive_findings().detector_id(detector).set_finding_ids(ids());
    let error = archive.send().await.unwrap_err().into_service_error();
    assert!(error.is_bad_request_exception());
    assert!(error.meta().message().unwrap().contains(NO_ID));
    let unarchive = client.unarchive_findings().detector_id(detector).set_finding_ids(ids());
    assert!(unarchive.send().await.unwrap_err().into_service_error().is_bad_request_exception());
    let update = client.update_findings_feedback().detector_id(detector).set_finding_ids(ids());
    let error = update.feedback(Feedback::Useful).send().await.unwrap_err().into_service_error();
    assert!(error.is_bad_request_exception());
    assert_eq!(guard.document(FINDING).await, finding(FINDING));
}

#[tokio::test]
async fn a_finding_of_the_same_id_replaces_the_one_that_is_there() {
    let guard = Guard::new();
    guard.add(finding(FINDING));
    guard.add(with(finding(FINDING), "/severity", json!(9.5)));
    assert_eq!(guard.ids().await, [FINDING]);
    assert_eq!(guard.get(&[FINDING]).await[0].severity(), Some(9.5));
    guard.add(with(finding(FINDING), "/region", json!("eu-west-1")));
    assert_eq!(guard.get(&[FINDING]).await[0].region(), Some(REGION));
}
