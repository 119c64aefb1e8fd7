//! A revision is published once, wherever the function crashes and whichever call fails. The adapters are real, the services in memory.

mod fixture;
mod service_failures;

use super::*;
use fixture::{Scene, at, error_name, is_write, outcome};
use gumshoe_domain::CaseStatus;
use gumshoe_domain::case::flows;
use gumshoe_domain::verdict::AlertCause;
use serde_json::Value;
use std::cell::Cell;
use testkit::findings::{republished, role_finding};
use testkit::sets_attribute;

const VERDICT: Option<AlertCause> = Some(AlertCause::Verdict);

#[tokio::test]
async fn the_order_is_claim_publish_record_close_events() {
    let scene = Scene::new();
    let key = scene.assessed(VERDICT).await;
    assert_eq!(outcome(scene.send(&key, 0).await), ("CLOSED".to_owned(), 1));
    assert_eq!(scene.writes(), ["claim", "publish", "record", "close", "events"]);
    let case = scene.cases.case(&key).await.progress;
    assert_eq!((case.status, case.closed_at), (CaseStatus::Closed, Some(at(0))));
    assert_eq!((case.published_revision, case.alerted_at, case.publishing_until), (1, Some(at(0)), None));
    let published = &scene.aws.published()[0];
    assert_eq!(published.attributes["case_id"], key.case_id);
    for (name, value) in [("revision", "1"), ("repeated", "false"), ("level", "Informational"), ("cause", "VERDICT")] {
        assert_eq!(published.attributes[name], value, "{name}");
    }
    let for_machines: Value = serde_json::from_str(published.bodies["sqs"].as_str().unwrap()).unwrap();
    assert_eq!(for_machines["findings"][0]["id"], "f1");
    assert_eq!(scene.events(), ["Case Alerted", "Case Closed"]);
}

#[tokio::test]
async fn after_a_resolved_alert_the_case_is_watched_and_has_no_closed_event() {
    let scene = Scene::new();
    let key = scene.resolved(at(3600)).await;
    for second in [0, 1] {
        assert_eq!(outcome(scene.send(&key, second).await), ("WATCHING".to_owned(), 1), "a retry returns the same");
    }
    assert_eq!(scene.revisions(), [(1, false)]);
    let case = scene.cases.case(&key).await.progress;
    assert_eq!((case.status, case.watch_until), (CaseStatus::Watching, Some(at(3600))));
    assert_eq!(scene.events(), ["Case Alerted", "Case Alerted"]);
}

#[tokio::test]
async fn a_crash_before_the_claim_changes_nothing() {
    let scene = Scene::new();
    let key = scene.assessed(VERDICT).await;
    scene.crash_before(is_write("claim"), &key, 0).await;
    assert_eq!(outcome(scene.send(&key, 1).await), ("CLOSED".to_owned(), 1));
    assert_eq!(scene.revisions(), [(1, false)]);
}

#[tokio::test]
async fn a_crash_between_claim_and_record_repeats_the_revision_marked_after_the_claim_expires() {
    for (point, before) in [("publish", vec![]), ("record", vec![(1, false)])] {
        let scene = Scene::new();
        let key = scene.assessed(VERDICT).await;
        scene.crash_before(is_write(point), &key, 0).await;
        assert_eq!(error_name(scene.send(&key, 29).await), "AlertInFlight", "{point}: it may be publishing");
        assert_eq!(scene.revisions(), before, "{point}");
        assert_eq!(outcome(scene.send(&key, 30).await), ("CLOSED".to_owned(), 1), "{point}");
        assert_eq!(scene.revisions(), [before, vec![(1, true)]].concat(), "{point}");
        assert_eq!(scene.cases.case(&key).await.progress.published_revision, 1);
    }
}

#[tokio::test]
async fn a_crash_after_the_record_publishes_nothing_again() {
    for point in ["close", "events"] {
        let scene = Scene::new();
        let key = scene.assessed(VERDICT).await;
        scene.crash_before(is_write(point), &key, 0).await;
        assert_eq!(outcome(scene.send(&key, 1).await), ("CLOSED".to_owned(), 1), "{point}");
        assert_eq!(scene.revisions(), [(1, false)], "{point}");
        assert_eq!(scene.events(), ["Case Alerted", "Case Closed"], "{point}");
        let closed_at = scene.cases.case(&key).await.progress.closed_at;
        assert_eq!(closed_at, Some(at(if point == "close" { 1 } else { 0 })), "{point}: it is closed once");
    }
}

#[tokio::test]
async fn an_unrecorded_revision_is_recorded_and_not_published_again() {
    let scene = Scene::new();
    let key = scene.assessed(VERDICT).await;
    let input = || Input { case: key.clone(), published_revision: Some(1) };
    assert_eq!(outcome(scene.handle(input(), 1).await), ("RECORDED".to_owned(), 1));
    assert_eq!(outcome(scene.handle(input(), 9).await), ("RECORDED".to_owned(), 1));
    let case = scene.cases.case(&key).await.progress;
    assert_eq!((case.published_revision, case.alerted_at), (1, Some(at(1))), "the first record is kept");
    assert_eq!(outcome(scene.send(&key, 10).await), ("CLOSED".to_owned(), 1));
    assert_eq!(scene.revisions(), [], "another execution has published it");
}

#[tokio::test]
async fn a_finding_that_joins_meanwhile_keeps_the_case_open_and_gets_its_own_revision() {
    for before in ["claim", "publish", "record", "close"] {
        let scene = Scene::new();
        let key = scene.assessed(VERDICT).await;
        let cases = scene.cases.clone();
        scene.aws.before_next(is_write(before), move || async move {
            cases.open_or_join(&role_finding("web", "f2"), at(0)).await;
        });
        assert_eq!(outcome(scene.send(&key, 0).await), ("CHANGED".to_owned(), 1), "{before}");
        assert_eq!(scene.cases.case(&key).await.progress.status, CaseStatus::Open, "{before}");
        assert_eq!(scene.events(), ["Case Alerted"], "{before}");
        assert_eq!(scene.cases.assess(&key, VERDICT).await, 2);
        assert_eq!(outcome(scene.send(&key, 60).await), ("CLOSED".to_owned(), 2), "{before}");
        assert_eq!(scene.revisions(), [(1, false), (2, false)], "{before}");
    }
}

#[tokio::test]
async fn a_repeated_finding_does_not_keep_an_alerted_case_open() {
    let scene = Scene::new();
    let key = scene.assessed(VERDICT).await;
    let cases = scene.cases.clone();
    scene.aws.before_next(is_write("close"), move || async move {
        cases.open_or_join(&republished(&role_finding("web", "f1"), 7, 1), at(0)).await;
    });
    assert_eq!(outcome(scene.send(&key, 0).await), ("CLOSED".to_owned(), 1));
}

#[tokio::test]
async fn one_of_two_concurrent_executions_publishes() {
    let scene = Scene::new();
    let key = scene.assessed(VERDICT).await;
    let (services, other) = (scene.aws.clone(), key.clone());
    scene.aws.before_next(is_write("publish"), move || async move {
        let input = Input { case: other, published_revision: None };
        assert_eq!(error_name(handle(&fixture::app(&services), input, || at(10)).await), "AlertInFlight");
    });
    assert_eq!(outcome(scene.send(&key, 0).await), ("CLOSED".to_owned(), 1));
    assert_eq!(scene.revisions(), [(1, false)]);
    assert_eq!(scene.aws.unused_rule_count(), 0);
}

#[tokio::test]
async fn an_execution_that_is_overtaken_before_its_claim_publishes_nothing() {
    let scene = Scene::new();
    let key = scene.assessed(VERDICT).await;
    let (cases, again) = (scene.cases.clone(), key.clone());
    scene.aws.before_next(is_write("claim"), move || async move {
        cases.assess(&again, VERDICT).await;
    });
    assert_eq!(error_name(scene.send(&key, 0).await), "TableChanged", "the case has another assessment");
    let (services, other) = (scene.aws.clone(), key.clone());
    scene.aws.before_next(is_write("claim"), move || async move {
        let input = Input { case: other, published_revision: None };
        assert_eq!(outcome(handle(&fixture::app(&services), input, || at(0)).await).0, "CLOSED");
    });
    assert_eq!(error_name(scene.send(&key, 0).await), "TableChanged", "another execution has finished it");
    assert_eq!(scene.revisions(), [(1, false)]);
}

#[tokio::test]
async fn a_revision_that_another_execution_recorded_is_closed() {
    let scene = Scene::new();
    let key = scene.assessed(VERDICT).await;
    let (table, recorded) = (scene.cases.table(), key.clone());
    scene.aws.before_next(is_write("record"), move || async move {
        assert!(table.write(&recorded, &flows::record_published_write(1, at(5)), None).await.unwrap());
    });
    assert_eq!(outcome(scene.send(&key, 0).await), ("CLOSED".to_owned(), 1));
    assert_eq!(scene.cases.case(&key).await.progress.alerted_at, Some(at(5)));
}

#[tokio::test]
async fn an_expired_claim_is_not_published() {
    let scene = Scene::new();
    let key = scene.assessed(VERDICT).await;
    let clock = Cell::new(0);
    let slowly = || at(clock.replace(clock.get() + 8));
    let input = Input { case: key.clone(), published_revision: None };
    assert_eq!(error_name(handle(&scene.app, input, slowly).await), "AlertInFlight");
    assert_eq!(scene.revisions(), [], "another execution may treat the claim as expired when it is published");
    assert_eq!(scene.aws.calls().iter().filter(|call| sets_attribute(call, "claimed_revision")).count(), 1);
}

#[tokio::test]
async fn a_quietly_closed_case_publishes_nothing() {
    let scene = Scene::new();
    let key = scene.assessed(None).await;
    scene.cases.close(&key, at(0)).await;
    assert_eq!(outcome(scene.send(&key, 1).await), ("CLOSED".to_owned(), 1));
    assert_eq!((scene.revisions(), scene.events()), (vec![], vec![]));
    assert_eq!(scene.writes(), ["close"], "the test itself closed it");
}

#[tokio::test]
async fn a_case_without_an_assessment_is_an_error() {
    let scene = Scene::new();
    let key = scene.cases.open_or_join(&role_finding("web", "f1"), at(0)).await;
    assert_eq!(error_name(scene.send(&key, 0).await), "OutOfTurn");
    assert_eq!(scene.writes(), [""; 0]);
}
