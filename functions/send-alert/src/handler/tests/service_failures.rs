//! Failures of services, and lost responses.

use super::fixture::{Scene, at, error_name, is_write, outcome};
use super::{Input, VERDICT};
use gumshoe_domain::CaseStatus;
use testkit::CallFault;
use testkit::findings::role_finding;

#[tokio::test]
async fn a_failed_publish_releases_the_claim_and_is_repeated_immediately_with_the_mark() {
    for (fault, error, taken) in [
        (CallFault::DisconnectAfter, "TopicUnavailable", vec![(1, false)]),
        (CallFault::DisconnectBefore, "TopicUnavailable", vec![]),
        (CallFault::Unavailable, "TopicUnavailable", vec![]),
        (CallFault::Throttled, "TopicUnavailable", vec![]),
        (CallFault::Denied, "TopicRefused", vec![]),
    ] {
        let scene = Scene::new();
        let key = scene.assessed(VERDICT).await;
        scene.aws.fail_next("Publish", fault);
        assert_eq!(error_name(scene.send(&key, 0).await), error, "{fault:?}");
        assert_eq!(scene.revisions(), taken, "{fault:?}");
        let case = scene.cases.case(&key).await.progress;
        assert_eq!((case.claimed_revision, case.publishing_until), (1, None), "{fault:?}");
        assert_eq!(outcome(scene.send(&key, 1).await), ("CLOSED".to_owned(), 1), "{fault:?}");
        assert_eq!(scene.revisions(), [taken, vec![(1, true)]].concat(), "{fault:?}");
    }
}

#[tokio::test]
async fn the_sdk_does_not_retry_a_publish() {
    let scene = Scene::new();
    let key = scene.assessed(VERDICT).await;
    scene.aws.fail_next("Publish", CallFault::Unavailable);
    assert!(scene.send(&key, 0).await.is_err());
    assert_eq!(scene.aws.count("Publish"), 1);
}

#[tokio::test]
async fn a_failed_claim_publishes_nothing() {
    for fault in [CallFault::Unavailable, CallFault::Denied, CallFault::DisconnectBefore] {
        let scene = Scene::new();
        let key = scene.assessed(VERDICT).await;
        scene.aws.fail_next_where(is_write("claim"), fault);
        let error = if fault == CallFault::Denied { "TableRefused" } else { "TableUnavailable" };
        assert_eq!(error_name(scene.send(&key, 0).await), error, "{fault:?}");
        assert_eq!(outcome(scene.send(&key, 1).await), ("CLOSED".to_owned(), 1), "{fault:?}");
        assert_eq!(scene.revisions(), [(1, false)], "{fault:?}: no execution had claimed it");
    }
}

#[tokio::test]
async fn a_claim_whose_response_was_lost_blocks_until_it_expires() {
    let scene = Scene::new();
    let key = scene.assessed(VERDICT).await;
    scene.aws.fail_next_where(is_write("claim"), CallFault::DisconnectAfter);
    assert_eq!(error_name(scene.send(&key, 0).await), "TableUnavailable");
    assert_eq!(error_name(scene.send(&key, 1).await), "AlertInFlight");
    assert_eq!(outcome(scene.send(&key, 30).await), ("CLOSED".to_owned(), 1));
    assert_eq!(scene.revisions(), [(1, true)]);
}

#[tokio::test]
async fn an_unrecorded_publication_is_returned_and_recorded_by_the_state_machine() {
    for fault in [CallFault::Unavailable, CallFault::Denied, CallFault::DisconnectAfter] {
        let scene = Scene::new();
        let key = scene.assessed(VERDICT).await;
        scene.aws.fail_next_where(is_write("record"), fault);
        assert_eq!(outcome(scene.send(&key, 0).await), ("UNRECORDED".to_owned(), 1), "{fault:?}");
        assert_eq!(scene.cases.case(&key).await.progress.status, CaseStatus::Open, "{fault:?}");
        let input = Input { case: key.clone(), published_revision: Some(1) };
        assert_eq!(outcome(scene.handle(input, 5).await), ("RECORDED".to_owned(), 1), "{fault:?}");
        assert_eq!(outcome(scene.send(&key, 6).await), ("CLOSED".to_owned(), 1), "{fault:?}");
        assert_eq!(scene.revisions(), [(1, false)], "{fault:?}");
    }
}

#[tokio::test]
async fn a_failed_close_is_done_by_the_retry() {
    for fault in [CallFault::Unavailable, CallFault::DisconnectAfter] {
        let scene = Scene::new();
        let key = scene.assessed(VERDICT).await;
        scene.aws.fail_next_where(is_write("close"), fault);
        assert_eq!(error_name(scene.send(&key, 0).await), "TableUnavailable", "{fault:?}");
        assert_eq!(outcome(scene.send(&key, 1).await), ("CLOSED".to_owned(), 1), "{fault:?}");
        assert_eq!(scene.revisions(), [(1, false)], "{fault:?}");
        assert_eq!(scene.events(), ["Case Alerted", "Case Closed"], "{fault:?}");
    }
}

#[tokio::test]
async fn events_that_failed_after_closing_are_published_by_the_retry_only() {
    let scene = Scene::new();
    let key = scene.assessed(VERDICT).await;
    for (second, fault, error) in
        [(0, CallFault::Unavailable, "EventsUnavailable"), (1, CallFault::Denied, "EventsRefused")]
    {
        scene.aws.fail_next("PutEvents", fault);
        assert_eq!(error_name(scene.send(&key, second).await), error);
        assert_eq!(scene.cases.case(&key).await.progress.status, CaseStatus::Closed);
    }
    assert_eq!(outcome(scene.send(&key, 2).await), ("CLOSED".to_owned(), 1));
    assert_eq!(scene.revisions(), [(1, false)]);
    assert_eq!(scene.writes(), ["claim", "publish", "record", "close", "events", "events", "events"]);
    assert_eq!(scene.cases.case(&key).await.progress.closed_at, Some(at(0)));
    assert_eq!(scene.events(), ["Case Alerted", "Case Closed"]);
}

#[tokio::test]
async fn a_failed_event_of_an_open_case_is_skipped() {
    let scene = Scene::new();
    let key = scene.assessed(VERDICT).await;
    let cases = scene.cases.clone();
    scene.aws.before_next(is_write("close"), move || async move {
        cases.open_or_join(&role_finding("web", "f2"), at(0)).await;
    });
    scene.aws.fail_next("PutEvents", CallFault::Denied);
    assert_eq!(outcome(scene.send(&key, 0).await), ("CHANGED".to_owned(), 1));
    assert_eq!(scene.events(), [""; 0]);
}
