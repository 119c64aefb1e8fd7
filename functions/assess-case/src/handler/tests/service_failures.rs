//! Failures of services.

use super::*;
use gumshoe_domain::case::flows;
use simulator::{ApiFault, FaultKind};
use testkit::CallFault;

#[tokio::test]
async fn evidence_that_cannot_be_stored_does_not_delay_the_case() {
    for (scenario, outcome) in [("quiet", AssessOutcome::Closed), ("high", AssessOutcome::Alert)] {
        for fault in [CallFault::Denied, CallFault::DisconnectBefore] {
            let fixture = Fixture::new();
            let key = fixture.investigated(&role_finding("web", "f1"), scenario).await;
            for _report_and_results in 0..2 {
                fixture.scene.aws.fail_next("PUT", fault);
            }
            assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, outcome, "{fault:?}");
            assert_eq!(fixture.scene.cases.case(&key).await.assessment.unwrap().report, None, "{fault:?}");
            assert!(fixture.scene.aws.objects().is_empty());
        }
    }
}

#[tokio::test]
async fn the_report_is_stored_although_the_results_are_not() {
    let fixture = Fixture::new();
    let key = fixture.investigated(&role_finding("web", "f1"), "high").await;
    fixture.scene.aws.fail_next_where(|call| call.path.ends_with(".json"), CallFault::Denied);
    fixture.assess(input(&key)).await.unwrap();
    let kept: Vec<String> = fixture.scene.aws.objects().into_keys().collect();
    assert_eq!(kept, [report_key(&key.case_id, 1)]);
    assert!(fixture.scene.cases.case(&key).await.assessment.unwrap().report.is_some());
}

#[tokio::test]
async fn transient_errors_of_detective_are_returned_for_a_retry() {
    for (operation, kind, error) in [
        ("GetInvestigation", FaultKind::Throttle, "DetectiveThrottled"),
        ("ListIndicators", FaultKind::Throttle, "DetectiveThrottled"),
        ("ListIndicators", FaultKind::Truncate, "DetectiveUnavailable"),
    ] {
        let fixture = Fixture::new();
        let key = fixture.investigated(&role_finding("web", "f1"), "quiet").await;
        fixture.scene.simulator.add_fault(ApiFault::new(operation, kind));
        assert_eq!(fixture.assess(input(&key)).await.unwrap_err().error_name(), error, "{operation}");
        assert_eq!(fixture.scene.cases.case(&key).await.progress.assessment_count, 0, "{operation}");
        assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed, "{operation}");
    }
}

#[tokio::test]
async fn a_close_whose_response_was_lost_is_found_by_the_retry() {
    let fixture = Fixture::new();
    let key = fixture.investigated(&role_finding("web", "f1"), "quiet").await;
    fixture.scene.aws.fail_next_write_of("closed_at", CallFault::DisconnectAfter);
    assert_eq!(fixture.assess(input(&key)).await.unwrap_err().error_name(), "TableUnavailable");
    assert_eq!(fixture.scene.aws.events(), []);
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed);
    assert_eq!(fixture.scene.cases.case(&key).await.progress.assessment_count, 1);
    assert_eq!(fixture.scene.aws.events().len(), 1);
}

#[tokio::test]
async fn an_event_that_failed_after_closing_is_published_by_the_retry() {
    let fixture = Fixture::new();
    let key = fixture.investigated(&role_finding("web", "f1"), "quiet").await;
    fixture.scene.aws.fail_next("PutEvents", CallFault::Unavailable);
    assert_eq!(fixture.assess(input(&key)).await.unwrap_err().error_name(), "EventsUnavailable");
    let (closed, objects) = (fixture.scene.cases.case(&key).await, fixture.scene.aws.objects());
    assert_eq!(closed.progress.status, CaseStatus::Closed);
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed);
    assert_eq!(fixture.scene.cases.case(&key).await, closed);
    assert_eq!(fixture.scene.aws.objects(), objects);
    assert_eq!(fixture.scene.aws.count("PUT"), 2, "the report of the first attempt is kept");
    assert_eq!(fixture.scene.aws.events().len(), 1);
}

#[tokio::test]
async fn a_case_that_was_closed_after_an_alert_gets_no_quiet_close_event() {
    let fixture = Fixture::new();
    let key = fixture.investigated(&role_finding("web", "f1"), "high").await;
    fixture.assess(input(&key)).await.unwrap();
    assert!(
        fixture.scene.cases.table().write(&key, &flows::record_published_write(1, fixture.moment), None).await.unwrap()
    );
    fixture.scene.cases.close(&key, fixture.moment).await;
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed);
    assert_eq!(fixture.scene.aws.events(), []);
}

#[tokio::test]
async fn a_case_without_an_investigation_is_an_error() {
    let fixture = Fixture::new();
    let key = fixture.scene.open_or_join(&role_finding("web", "f1")).await;
    assert_eq!(fixture.assess(input(&key)).await.unwrap_err().error_name(), "OutOfTurn");
}
