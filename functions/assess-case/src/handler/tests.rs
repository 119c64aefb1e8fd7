//! Assessments with the real adapters, a simulated Detective and GuardDuty, and all other services in memory.

mod archive;
mod concurrent_findings;
mod fixture;
mod follow_up;
mod guardduty;
mod regions;
mod related_findings;
mod running_investigation;
mod service_failures;

use super::*;
use fixture::{Fixture, input};
use gumshoe_aws::evidence::{report_key, results_key};
use gumshoe_domain::CaseStatus;
use gumshoe_domain::ErrorName;
use gumshoe_domain::case::StartedInvestigation;
use gumshoe_domain::verdict::AlertCause;
use jiff::SignedDuration;
use serde_json::Value;
use simulator::Scenario;
use testkit::findings::{finding_without_principal, role_finding, with_account, with_activity, with_severity};

const MEMBER: &str = "444455556666";

#[tokio::test]
async fn a_quiet_case_is_closed_with_evidence_and_an_event_but_no_alert() {
    let fixture = Fixture::new();
    let key = fixture.investigated(&role_finding("web", "f1"), "quiet").await;
    let output = fixture.assess(input(&key)).await.unwrap();
    assert_eq!((output.outcome, output.level), (AssessOutcome::Closed, Some(VerdictLevel::Low)));
    assert!(!output.needs_operator);
    let case = fixture.scene.cases.case(&key).await;
    assert_eq!((case.progress.status, case.progress.closed_at), (CaseStatus::Closed, Some(fixture.moment)));
    let assessment = case.assessment.unwrap();
    assert_eq!((assessment.alert_cause, assessment.revision, assessment.joined_count), (None, 1, 1));
    assert_eq!(assessment.indicators.len(), 2);
    let objects = fixture.scene.aws.objects();
    let keys = [report_key(&key.case_id, 1), results_key(&key.case_id, 1)];
    assert_eq!(objects.keys().collect::<Vec<_>>(), keys.iter().collect::<Vec<_>>());
    let results: Value = serde_json::from_slice(&objects[&keys[1]]).unwrap();
    assert_eq!(results["findings"][0]["finding"]["id"], "f1");
    assert_eq!(assessment.report.unwrap().key, keys[0]);
    let events = fixture.scene.aws.events();
    assert_eq!(events.iter().map(|event| event.detail_type.as_str()).collect::<Vec<_>>(), ["Case Closed"]);
    assert_eq!(fixture.scene.aws.published(), []);
}

#[tokio::test]
async fn a_case_above_the_threshold_stays_open_for_its_alert() {
    let fixture = Fixture::new();
    let key = fixture.investigated(&role_finding("web", "f1"), "high").await;
    let output = fixture.assess(input(&key)).await.unwrap();
    assert_eq!((output.outcome, output.level), (AssessOutcome::Alert, Some(VerdictLevel::Critical)));
    let case = fixture.scene.cases.case(&key).await;
    assert_eq!(case.progress.status, CaseStatus::Open);
    let assessment = case.assessment.unwrap();
    assert_eq!((assessment.alert_cause, assessment.revision), (Some(AlertCause::Verdict), 1));
    assert!(!assessment.techniques.is_empty() && !assessment.next_steps.is_empty() && assessment.report.is_some());
    assert_eq!(fixture.scene.aws.events(), [], "send-alert publishes the event");
}

#[tokio::test]
async fn a_critical_finding_is_alerted_despite_a_quiet_investigation() {
    let fixture = Fixture::new();
    let key = fixture.investigated(&with_severity(role_finding("web", "f1"), 9.0), "quiet").await;
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Alert);
    assert_eq!(fixture.cause(&key).await, Some(AlertCause::Verdict));
}

#[tokio::test]
async fn a_case_that_was_not_investigated_is_alerted_with_the_reason() {
    for (error, needs_operator) in [("InvestigationDeadline", false), ("DetectiveAccessDenied", true)] {
        let fixture = Fixture::new();
        let key = fixture.investigated(&role_finding("web", "f1"), "failed").await;
        // As the state machine passes on the error of a function.
        let cause = r#"{"errorType": "E", "errorMessage": "it says no"}"#;
        let why = Some(NotInvestigated::new(error, cause));
        let output = fixture.assess(Input { not_investigated: why, ..input(&key) }).await.unwrap();
        assert_eq!((output.outcome, output.needs_operator), (AssessOutcome::Alert, needs_operator), "{error}");
        assert_eq!(fixture.cause(&key).await, Some(AlertCause::NotInvestigated), "{error}");
        let recorded = fixture.scene.cases.case(&key).await.assessment.unwrap().not_investigated.unwrap();
        assert_eq!((recorded.error.as_str(), recorded.cause.as_str()), (error, "it says no"));
        assert_eq!(fixture.scene.count("ListIndicators"), 0, "there is no result to read");
    }
}

#[tokio::test]
async fn a_finding_without_a_principal_is_alerted() {
    let fixture = Fixture::new();
    let key = fixture.scene.open_or_join(&finding_without_principal("f1")).await;
    let why = Some(NotInvestigated::new("NothingToInvestigate", "no principal"));
    let output = fixture.assess(Input { not_investigated: why, ..input(&key) }).await.unwrap();
    assert_eq!((output.outcome, output.needs_operator), (AssessOutcome::Alert, false));
}

#[tokio::test]
async fn a_result_without_data_of_the_account_does_not_count() {
    let fixture = Fixture::new();
    let finding = with_account(role_finding("web", "f1"), MEMBER);
    fixture.scene.simulator.add_scenario(Scenario::default().with_end(simulator::EndsWhen::AfterChecks(0)));
    let key = fixture.scene.open_or_join(&finding).await;
    fixture.scene.investigate(&key).await;
    let output = fixture.assess(input(&key)).await.unwrap();
    assert_eq!((output.outcome, output.needs_operator), (AssessOutcome::Alert, false));
    let assessment = fixture.scene.cases.case(&key).await.assessment.unwrap();
    assert_eq!(assessment.alert_cause, Some(AlertCause::NotInvestigated));
    assert_eq!(assessment.not_investigated.unwrap().error.as_str(), "AccountNotInGraph");
    assert_eq!(assessment.outside_graph.unwrap().account_id, MEMBER);
}

#[tokio::test]
async fn indicators_count_although_the_account_has_left_the_graph() {
    let fixture = Fixture::new();
    let key = fixture.investigated(&with_account(role_finding("web", "f1"), MEMBER), "high").await;
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Alert);
    let assessment = fixture.scene.cases.case(&key).await.assessment.unwrap();
    assert_eq!((assessment.not_investigated, assessment.outside_graph.is_some()), (None, true));
}

#[tokio::test]
async fn weak_indicators_do_not_close_a_case_of_an_account_outside_the_graph() {
    let fixture = Fixture::new();
    let key = fixture.investigated(&with_account(role_finding("web", "f1"), MEMBER), "quiet").await;
    let output = fixture.assess(input(&key)).await.unwrap();
    assert_eq!((output.outcome, output.needs_operator), (AssessOutcome::Alert, false));
    let assessment = fixture.scene.cases.case(&key).await.assessment.unwrap();
    assert_eq!(assessment.alert_cause, Some(AlertCause::NotInvestigated));
    assert_eq!(assessment.not_investigated.unwrap().error.as_str(), "AccountNotInGraph");
    assert_eq!(assessment.indicators.len(), 2, "the alert shows them");
}

#[tokio::test]
async fn activity_after_the_investigation_requires_another_and_then_an_alert() {
    let fixture = Fixture::new();
    let key = fixture.investigated(&role_finding("web", "f1"), "quiet").await;
    let later = fixture.moment + SignedDuration::from_hours(1);
    fixture.scene.open_or_join(&with_activity(role_finding("web", "f2"), fixture.moment, later)).await;
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Outdated);
    assert_eq!(fixture.scene.cases.case(&key).await.progress.assessment_count, 0, "nothing is written");
    let last = Input { is_last_investigation: true, ..input(&key) };
    assert_eq!(fixture.assess(last).await.unwrap().outcome, AssessOutcome::Alert);
    let assessment = fixture.scene.cases.case(&key).await.assessment.unwrap();
    assert_eq!(assessment.not_investigated.unwrap().error.as_str(), "ActivityAfterInvestigation");
}

#[tokio::test]
async fn a_high_risk_is_alerted_immediately_despite_later_activity() {
    let fixture = Fixture::new();
    let key = fixture.investigated(&role_finding("web", "f1"), "high").await;
    let later = fixture.moment + SignedDuration::from_hours(1);
    fixture.scene.open_or_join(&with_activity(role_finding("web", "f2"), fixture.moment, later)).await;
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Alert);
}

#[tokio::test]
async fn accounts_have_names_if_organizations_may_be_called() {
    let fixture = Fixture::new();
    let key = fixture.investigated(&role_finding("web", "f1"), "high").await;
    fixture.scene.aws.set_account_name(testkit::findings::ACCOUNT, "production");
    fixture.assess(input(&key)).await.unwrap();
    let names = fixture.scene.cases.case(&key).await.assessment.unwrap().account_names;
    assert_eq!(names[testkit::findings::ACCOUNT], "production");
}
