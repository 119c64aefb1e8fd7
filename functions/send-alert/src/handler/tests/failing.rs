//! Services that fail, or whose answers are lost.

use super::scene::{Scene, at, is, name_of, outcome};
use super::{Input, VERDICT};
use gumshoe_domain::CaseStatus;
use testkit::CallFault;
use testkit::findings::role_finding;

#[tokio::test]
async fn a_publish_that_failed_lets_go_of_the_claim_and_is_repeated_at_once_marked() {
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
        assert_eq!(name_of(scene.send(&key, 0).await), error, "{fault:?}");
        assert_eq!(scene.revisions(), taken, "{fault:?}");
        let case = scene.cases.case(&key).await.progress;
        assert_eq!((case.claimed_revision, case.publishing_until), (1, None), "{fault:?}");
        assert_eq!(outcome(scene.send(&key, 1).await), ("CLOSED".to_owned(), 1), "{fault:?}");
        assert_eq!(scene.revisions(), [taken, vec![(1, true)]].concat(), "{fault:?}");
    }
}

#[tokio::test]
async fn the_sdk_repeats_no_publish() {
    let scene = Scene::new();
    let key = scene.assessed(VERDICT).await;
    scene.aws.fail_next("Publish", CallFault::Unavailable);
    assert!(scene.send(&key, 0).await.is_err());
    assert_eq!(scene.aws.count("Publish"), 1);
}

#[tokio::test]
async fn a_claim_that_cannot_be_written_publishes_nothing() {
    for fault in [CallFault::Unavailable, CallFault::Denied, CallFault::DisconnectBefore] {
        let scene = Scene::new();
        let key = scene.assessed(VERDICT).await;
        scene.aws.fail_next_where(is("claim"), fault);
        let error = if fault == CallFault::Denied { "TableRefused" } else { "TableUnavailable" };
        assert_eq!(name_of(scene.send(&key, 0).await), error, "{fault:?}");
        assert_eq!(outcome(scene.send(&key, 1).await), ("CLOSED".to_owned(), 1), "{fault:?}");
        assert_eq!(scene.revisions(), [(1, false)], "{fault:?}: nobody had claimed it");
    }
}

#[tokio::test]
async fn a_claim_whose_answer_was_lost_is_waited_for_like_any_other() {
    let scene = Scene::new();
    let key = scene.assessed(VERDICT).await;
    scene.aws.fail_next_where(is("claim"), CallFault::DisconnectAfter);
    assert_eq!(name_of(scene.send(&key, 0).await), "TableUnavailable");
    assert_eq!(name_of(scene.send(&key, 1).await), "AlertInFlight");
    assert_eq!(outcome(scene.send(&key, 30).await), ("CLOSED".to_owned(), 1));
    assert_eq!(scene.revisions(), [(1, true)]);
}

#[tokio::test]
async fn what_is_published_and_cannot_be_recorded_is_told_and_recorded_by_the_state_machine() {
    for fault in [CallFault::Unavailable, CallFault::Denied, CallFault::DisconnectAfter] {
        let scene = Scene::new();
        let key = scene.assessed(VERDICT).await;
        scene.aws.fail_next_where(is("record"), fault);
        assert_eq!(outcome(scene.send(&key, 0).await), ("UNRECORDED".to_owned(), 1), "{fault:?}");
        assert_eq!(scene.cases.case(&key).await.progress.status, CaseStatus::Open, "{fault:?}");
        let input = Input { case: key.clone(), published: Some(1) };
        assert_eq!(outcome(scene.handle(input, 5).await), ("RECORDED".to_owned(), 1), "{fault:?}");
        assert_eq!(outcome(scene.send(&key, 6).await), ("CLOSED".to_owned(), 1), "{fault:?}");
        assert_eq!(scene.revisions(), [(1, false)], "{fault:?}");
    }
}

#[tokio::test]
async fn closing_that_failed_is_done_by_the_retry() {
    for fault in [CallFault::Unavailable, CallFault::DisconnectAfter] {
        let scene = Scene::new();
        let key = scene.assessed(VERDICT).await;
        scene.aws.fail_next_where(is("close"), fault);
        assert_eq!(name_of(scene.send(&key, 0).await), "TableUnavailable", "{fault:?}");
        assert_eq!(outcome(scene.send(&key, 1).await), ("CLOSED".to_owned(), 1), "{fault:?}");
        assert_eq!(scene.revisions(), [(1, false)], "{fault:?}");
        assert_eq!(scene.events(), ["Case Alerted", "Case Closed"], "{fault:?}");
    }
}

#[tokio::test]
async fn events_that_fail_after_closing_are_put_by_the_retry_which_closes_and_publishes_nothing_again() {
    let scene = Scene::new();
    let key = scene.assessed(VERDICT).await;
    for (second, fault, error) in
        [(0, CallFault::Unavailable, "EventsUnavailable"), (1, CallFault::Denied, "EventsRefused")]
    {
        scene.aws.fail_next("PutEvents", fault);
        assert_eq!(name_of(scene.send(&key, second).await), error);
        assert_eq!(scene.cases.case(&key).await.progress.status, CaseStatus::Closed);
    }
    assert_eq!(outcome(scene.send(&key, 2).await), ("CLOSED".to_owned(), 1));
    assert_eq!(scene.revisions(), [(1, false)]);
    assert_eq!(scene.writes(), ["claim", "publish", "record", "close", "events", "events", "events"]);
    assert_eq!(scene.cases.case(&key).await.progress.closed_at, Some(at(0)));
    assert_eq!(scene.events(), ["Case Alerted", "Case Closed"]);
}

#[tokio::test]
async fn an_event_that_fails_while_the_case_goes_on_is_left_out() {
    let scene = Scene::new();
    let key = scene.assessed(VERDICT).await;
    let cases = scene.cases.clone();
    scene.aws.before_next(is("close"), move || async move {
        cases.open_or_join(&role_finding("web", "f2"), at(0)).await;
    });
    scene.aws.fail_next("PutEvents", CallFault::Denied);
    assert_eq!(outcome(scene.send(&key, 0).await), ("CHANGED".to_owned(), 1));
    assert_eq!(scene.events(), [""; 0]);
}
