//! An investigation that is running has no result.

use super::*;
use simulator::Ends;

/// A case whose investigation is running, of a finding that is alerted by itself: without the refusal, that alert would say that the
/// case was investigated.
async fn running(stage: &Stage) -> CaseKey {
    stage.scene.simulator.add_scenario(Scenario::named("quiet").unwrap().ending(Ends::Never));
    let key = stage.scene.open_or_join(&with_severity(role_finding("web", "f1"), 9.0)).await;
    stage.scene.investigate(&key).await;
    key
}

#[tokio::test]
async fn the_case_is_investigated_again_and_nothing_is_written() {
    let stage = Stage::new();
    let key = running(&stage).await;
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Outdated);
    let case = stage.scene.cases.case(&key).await;
    assert_eq!((case.progress.status, case.progress.assessment_count), (CaseStatus::Open, 0));
    assert_eq!(stage.scene.count("ListIndicators"), 0);
}

#[tokio::test]
async fn in_the_last_round_people_are_notified_that_it_is_running() {
    for (last_round, last_investigation) in [(true, false), (false, true)] {
        let stage = Stage::new();
        let key = running(&stage).await;
        let output = stage.assess(Input { last_round, last_investigation, ..input(&key) }).await.unwrap();
        assert_eq!((output.outcome, output.needs_operator), (AssessOutcome::Alert, false));
        let assessment = stage.scene.cases.case(&key).await.assessment.unwrap();
        assert_eq!(assessment.alert_cause, Some(AlertCause::Verdict));
        assert_eq!(assessment.not_investigated.unwrap().error.as_str(), "InvestigationDeadline");
    }
}

/// The state machine fails with what assess-case found out by itself: it has no other reason then.
#[tokio::test]
async fn what_an_operator_has_to_mend_is_answered_with_its_name() {
    let stage = Stage::new();
    let key = stage.investigated(&role_finding("web", "f1"), "failed").await;
    let why = NotInvestigated::new("DetectiveAccessDenied", "it says no");
    let output = stage.assess(Input { not_investigated: Some(why.clone()), ..input(&key) }).await.unwrap();
    assert_eq!((output.needs_operator, output.not_investigated), (true, Some(why)));
}
