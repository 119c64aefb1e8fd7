//! Services that fail.

use super::*;
use gumshoe_domain::case::flows;
use simulator::{Fault as SimulatorFault, FaultKind};
use testkit::CallFault;

#[tokio::test]
async fn evidence_that_cannot_be_kept_holds_back_nothing() {
    for (scenario, outcome) in [("quiet", AssessOutcome::Closed), ("high", AssessOutcome::Alert)] {
        for fault in [CallFault::Denied, CallFault::DisconnectBefore] {
            let stage = Stage::new();
            let key = stage.investigated(&role_finding("web", "f1"), scenario).await;
            for _report_and_results in 0..2 {
                stage.scene.aws.fail_next("PUT", fault);
            }
            assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, outcome, "{fault:?}");
            assert_eq!(stage.scene.cases.case(&key).await.assessment.unwrap().report, None, "{fault:?}");
            assert!(stage.scene.aws.objects().is_empty());
        }
    }
}

#[tokio::test]
async fn a_report_without_its_results_is_a_report() {
    let stage = Stage::new();
    let key = stage.investigated(&role_finding("web", "f1"), "high").await;
    stage.scene.aws.fail_next_where(|call| call.path.ends_with(".json"), CallFault::Denied);
    stage.assess(input(&key)).await.unwrap();
    let kept: Vec<String> = stage.scene.aws.objects().into_keys().collect();
    assert_eq!(kept, [report_key(&key.case_id, 1)]);
    assert!(stage.scene.cases.case(&key).await.assessment.unwrap().report.is_some());
}

#[tokio::test]
async fn what_detective_cannot_answer_for_now_is_tried_again() {
    for (operation, kind, error) in [
        ("GetInvestigation", FaultKind::Throttle, "DetectiveThrottled"),
        ("ListIndicators", FaultKind::Throttle, "DetectiveThrottled"),
        ("ListIndicators", FaultKind::Truncate, "DetectiveUnavailable"),
    ] {
        let stage = Stage::new();
        let key = stage.investigated(&role_finding("web", "f1"), "quiet").await;
        stage.scene.simulator.add_fault(SimulatorFault::new(operation, kind));
        assert_eq!(stage.assess(input(&key)).await.unwrap_err().error_name(), error, "{operation}");
        assert_eq!(stage.scene.cases.case(&key).await.progress.assessment_count, 0, "{operation}");
        assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed, "{operation}");
    }
}

#[tokio::test]
async fn a_close_whose_answer_was_lost_is_found_by_the_retry() {
    let stage = Stage::new();
    let key = stage.investigated(&role_finding("web", "f1"), "quiet").await;
    stage.scene.aws.fail_next_write_of("closed_at", CallFault::DisconnectAfter);
    assert_eq!(stage.assess(input(&key)).await.unwrap_err().error_name(), "TableUnavailable");
    assert_eq!(stage.scene.aws.events(), []);
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed);
    assert_eq!(stage.scene.cases.case(&key).await.progress.assessment_count, 1);
    assert_eq!(stage.scene.aws.events().len(), 1);
}

#[tokio::test]
async fn an_event_that_fails_after_closing_is_put_by_the_retry_which_writes_nothing() {
    let stage = Stage::new();
    let key = stage.investigated(&role_finding("web", "f1"), "quiet").await;
    stage.scene.aws.fail_next("PutEvents", CallFault::Unavailable);
    assert_eq!(stage.assess(input(&key)).await.unwrap_err().error_name(), "EventsUnavailable");
    let (closed, objects) = (stage.scene.cases.case(&key).await, stage.scene.aws.objects());
    assert_eq!(closed.progress.status, CaseStatus::Closed);
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed);
    assert_eq!(stage.scene.cases.case(&key).await, closed);
    assert_eq!(stage.scene.aws.objects(), objects);
    assert_eq!(stage.scene.aws.count("PUT"), 2, "the report of the first try stands");
    assert_eq!(stage.scene.aws.events().len(), 1);
}

#[tokio::test]
async fn a_case_that_was_closed_after_its_alert_is_not_told_as_a_quiet_one() {
    let stage = Stage::new();
    let key = stage.investigated(&role_finding("web", "f1"), "high").await;
    stage.assess(input(&key)).await.unwrap();
    assert!(
        stage.scene.cases.table().write(&key, &flows::record_published_write(1, stage.moment), None).await.unwrap()
    );
    stage.scene.cases.close(&key, stage.moment).await;
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed);
    assert_eq!(stage.scene.aws.events(), []);
}

#[tokio::test]
async fn a_case_without_an_investigation_is_out_of_turn() {
    let stage = Stage::new();
    let key = stage.scene.open_or_join(&role_finding("web", "f1")).await;
    assert_eq!(stage.assess(input(&key)).await.unwrap_err().error_name(), "OutOfTurn");
}
