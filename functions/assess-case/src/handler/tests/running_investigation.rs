//! An investigation that is running has no result.

use super::*;
use simulator::EndsWhen;

/// A case with a running investigation and a finding whose severity alone requires an alert: if the handler took the running investigation
/// for a result, that alert would say that the case was investigated.
async fn running(fixture: &Fixture) -> CaseKey {
    fixture.scene.simulator.add_scenario(Scenario::named("quiet").unwrap().with_end(EndsWhen::Never));
    let key = fixture.scene.open_or_join(&with_severity(role_finding("web", "f1"), 9.0)).await;
    fixture.scene.investigate(&key).await;
    key
}

#[tokio::test]
async fn the_case_is_investigated_again_and_nothing_is_written() {
    let fixture = Fixture::new();
    let key = running(&fixture).await;
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Outdated);
    let case = fixture.scene.cases.case(&key).await;
    assert_eq!((case.progress.status, case.progress.assessment_count), (CaseStatus::Open, 0));
    assert_eq!(fixture.scene.count("ListIndicators"), 0);
}

#[tokio::test]
async fn in_the_last_round_the_alert_says_that_the_investigation_is_running() {
    for (is_last_round, is_last_investigation) in [(true, false), (false, true)] {
        let fixture = Fixture::new();
        let key = running(&fixture).await;
        let output = fixture.assess(Input { is_last_round, is_last_investigation, ..input(&key) }).await.unwrap();
        assert_eq!((output.outcome, output.needs_operator), (AssessOutcome::Alert, false));
        let assessment = fixture.scene.cases.case(&key).await.assessment.unwrap();
        assert_eq!(assessment.alert_cause, Some(AlertCause::Verdict));
        assert_eq!(assessment.not_investigated.unwrap().error.as_str(), "InvestigationDeadline");
    }
}

/// The execution fails with the reason that assess-case returns: the state machine has no other one.
#[tokio::test]
async fn a_reason_that_requires_an_operator_is_returned_with_its_name() {
    let fixture = Fixture::new();
    let key = fixture.investigated(&role_finding("web", "f1"), "failed").await;
    let why = NotInvestigated::new("DetectiveAccessDenied", "it says no");
    let output = fixture.assess(Input { not_investigated: Some(why.clone()), ..input(&key) }).await.unwrap();
    assert_eq!((output.needs_operator, output.not_investigated), (true, Some(why)));
}
