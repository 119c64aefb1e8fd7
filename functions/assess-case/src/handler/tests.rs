//! What cases come to, by the real adapters: Detective and GuardDuty simulated, everything else in memory.

mod archive;
mod between;
mod failing;
mod regions;
mod related;
mod running;
mod scene;
mod second;
mod second_look;

use super::*;
use gumshoe_aws::evidence::{report_key, results_key};
use gumshoe_domain::CaseStatus;
use gumshoe_domain::ErrorName;
use gumshoe_domain::case::StartedInvestigation;
use gumshoe_domain::verdict::AlertCause;
use jiff::SignedDuration;
use scene::{Stage, input};
use serde_json::Value;
use simulator::Scenario;
use testkit::findings::{finding_without_principal, role_finding, with_account, with_activity, with_severity};

const MEMBER: &str = "444455556666";

#[tokio::test]
async fn a_quiet_case_is_closed_kept_and_told_to_eventbridge_only() {
    let stage = Stage::new();
    let key = stage.investigated(&role_finding("web", "f1"), "quiet").await;
    let output = stage.assess(input(&key)).await.unwrap();
    assert_eq!((output.outcome, output.level), (AssessOutcome::Closed, Some(VerdictLevel::Low)));
    assert!(!output.needs_operator);
    let case = stage.scene.cases.case(&key).await;
    assert_eq!((case.progress.status, case.progress.closed_at), (CaseStatus::Closed, Some(stage.moment)));
    let assessment = case.assessment.unwrap();
    assert_eq!((assessment.alert_cause, assessment.revision, assessment.joined_count), (None, 1, 1));
    assert_eq!(assessment.indicators.len(), 2);
    let objects = stage.scene.aws.objects();
    let keys = [report_key(&key.case_id, 1), results_key(&key.case_id, 1)];
    assert_eq!(objects.keys().collect::<Vec<_>>(), keys.iter().collect::<Vec<_>>());
    let results: Value = serde_json::from_slice(&objects[&keys[1]]).unwrap();
    assert_eq!(results["findings"][0]["finding"]["id"], "f1");
    assert_eq!(assessment.report.unwrap().key, keys[0]);
    let events = stage.scene.aws.events();
    assert_eq!(events.iter().map(|event| event.detail_type.as_str()).collect::<Vec<_>>(), ["Case Closed"]);
    assert_eq!(stage.scene.aws.published(), []);
}

#[tokio::test]
async fn a_case_of_high_risk_is_assessed_and_left_open_for_its_alert() {
    let stage = Stage::new();
    let key = stage.investigated(&role_finding("web", "f1"), "high").await;
    let output = stage.assess(input(&key)).await.unwrap();
    assert_eq!((output.outcome, output.level), (AssessOutcome::Alert, Some(VerdictLevel::Critical)));
    let case = stage.scene.cases.case(&key).await;
    assert_eq!(case.progress.status, CaseStatus::Open);
    let assessment = case.assessment.unwrap();
    assert_eq!((assessment.alert_cause, assessment.revision), (Some(AlertCause::Verdict), 1));
    assert!(!assessment.techniques.is_empty() && !assessment.next_steps.is_empty() && assessment.report.is_some());
    assert_eq!(stage.scene.aws.events(), [], "send-alert tells of it");
}

#[tokio::test]
async fn a_critical_finding_is_alerted_whatever_detective_finds() {
    let stage = Stage::new();
    let key = stage.investigated(&with_severity(role_finding("web", "f1"), 9.0), "quiet").await;
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Alert);
    assert_eq!(stage.cause(&key).await, Some(AlertCause::Verdict));
}

#[tokio::test]
async fn what_was_not_investigated_is_alerted_with_the_reason() {
    for (error, needs_operator) in [("InvestigationDeadline", false), ("DetectiveAccessDenied", true)] {
        let stage = Stage::new();
        let key = stage.investigated(&role_finding("web", "f1"), "failed").await;
        // As the state machine passes on what a function failed with.
        let cause = r#"{"errorType": "E", "errorMessage": "it says no"}"#;
        let why = Some(NotInvestigated::new(error, cause));
        let output = stage.assess(Input { not_investigated: why, ..input(&key) }).await.unwrap();
        assert_eq!((output.outcome, output.needs_operator), (AssessOutcome::Alert, needs_operator), "{error}");
        assert_eq!(stage.cause(&key).await, Some(AlertCause::NotInvestigated), "{error}");
        let told = stage.scene.cases.case(&key).await.assessment.unwrap().not_investigated.unwrap();
        assert_eq!((told.error.as_str(), told.cause.as_str()), (error, "it says no"));
        assert_eq!(stage.scene.count("ListIndicators"), 0, "there is no result to read");
    }
}

#[tokio::test]
async fn a_finding_about_nobody_is_alerted() {
    let stage = Stage::new();
    let key = stage.scene.open_or_join(&finding_without_principal("f1")).await;
    let why = Some(NotInvestigated::new("NothingToInvestigate", "nobody"));
    let output = stage.assess(Input { not_investigated: why, ..input(&key) }).await.unwrap();
    assert_eq!((output.outcome, output.needs_operator), (AssessOutcome::Alert, false));
}

#[tokio::test]
async fn a_result_without_data_of_the_account_is_none() {
    let stage = Stage::new();
    let finding = with_account(role_finding("web", "f1"), MEMBER);
    stage.scene.simulator.add_scenario(Scenario::default().ending(simulator::Ends::AfterChecks(0)));
    let key = stage.scene.open_or_join(&finding).await;
    stage.scene.investigate(&key).await;
    let output = stage.assess(input(&key)).await.unwrap();
    assert_eq!((output.outcome, output.needs_operator), (AssessOutcome::Alert, false));
    let assessment = stage.scene.cases.case(&key).await.assessment.unwrap();
    assert_eq!(assessment.alert_cause, Some(AlertCause::NotInvestigated));
    assert_eq!(assessment.not_investigated.unwrap().error.as_str(), "AccountNotInGraph");
    assert_eq!(assessment.outside_graph.unwrap().account_id, MEMBER);
}

#[tokio::test]
async fn what_was_found_counts_although_the_account_is_not_in_the_graph_any_more() {
    let stage = Stage::new();
    let key = stage.investigated(&with_account(role_finding("web", "f1"), MEMBER), "high").await;
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Alert);
    let assessment = stage.scene.cases.case(&key).await.assessment.unwrap();
    assert_eq!((assessment.not_investigated, assessment.outside_graph.is_some()), (None, true));
}

#[tokio::test]
async fn a_few_trivial_indicators_from_before_do_not_make_a_quiet_end_of_an_account_outside_the_graph() {
    let stage = Stage::new();
    let key = stage.investigated(&with_account(role_finding("web", "f1"), MEMBER), "quiet").await;
    let output = stage.assess(input(&key)).await.unwrap();
    assert_eq!((output.outcome, output.needs_operator), (AssessOutcome::Alert, false));
    let assessment = stage.scene.cases.case(&key).await.assessment.unwrap();
    assert_eq!(assessment.alert_cause, Some(AlertCause::NotInvestigated));
    assert_eq!(assessment.not_investigated.unwrap().error.as_str(), "AccountNotInGraph");
    assert_eq!(assessment.indicators.len(), 2, "what there is, is shown");
}

#[tokio::test]
async fn activity_after_the_investigation_asks_for_another_and_in_the_end_for_people() {
    let stage = Stage::new();
    let key = stage.investigated(&role_finding("web", "f1"), "quiet").await;
    let later = stage.moment + SignedDuration::from_hours(1);
    stage.scene.open_or_join(&with_activity(role_finding("web", "f2"), stage.moment, later)).await;
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Outdated);
    assert_eq!(stage.scene.cases.case(&key).await.progress.assessment_count, 0, "nothing is written");
    let last = Input { last_investigation: true, ..input(&key) };
    assert_eq!(stage.assess(last).await.unwrap().outcome, AssessOutcome::Alert);
    let assessment = stage.scene.cases.case(&key).await.assessment.unwrap();
    assert_eq!(assessment.not_investigated.unwrap().error.as_str(), "ActivityAfterInvestigation");
}

#[tokio::test]
async fn high_risk_is_told_at_once_whatever_the_investigation_has_not_seen() {
    let stage = Stage::new();
    let key = stage.investigated(&role_finding("web", "f1"), "high").await;
    let later = stage.moment + SignedDuration::from_hours(1);
    stage.scene.open_or_join(&with_activity(role_finding("web", "f2"), stage.moment, later)).await;
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Alert);
}

#[tokio::test]
async fn accounts_have_names_where_organizations_may_be_asked() {
    let stage = Stage::new();
    let key = stage.investigated(&role_finding("web", "f1"), "high").await;
    stage.scene.aws.set_account_name(testkit::findings::ACCOUNT, "production");
    stage.assess(input(&key)).await.unwrap();
    let names = stage.scene.cases.case(&key).await.assessment.unwrap().account_names;
    assert_eq!(names[testkit::findings::ACCOUNT], "production");
}
