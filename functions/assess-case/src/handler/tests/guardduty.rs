//! GuardDuty's investigation of a case.

use super::*;
use gumshoe_domain::guardduty::InvestigationPolicy;
use gumshoe_domain::guardduty::{GuardDutyResult, NotRequestedReason, RiskLevel};
use simulator::{ApiFault, Confidence, EndsWhen, FaultKind, FindingScenario, RiskLevel as Says};

const ID: &str = "1ab2c3d4e5f6a7b8c9d0e1f2a3b4c5d6";

/// A case with a quiet Detective investigation, and a GuardDuty investigation with that scenario.
async fn with_guardduty(scenario: FindingScenario) -> (Fixture, CaseKey) {
    let fixture = Fixture::with_policy(InvestigationPolicy::All);
    fixture.scene.simulator.add_finding_scenario(scenario);
    let key = fixture.investigated(&role_finding("web", ID), "quiet").await;
    fixture.scene.request_guardduty(&key, ID).await;
    (fixture, key)
}

fn says(risk_level: Says, confidence: Confidence) -> FindingScenario {
    FindingScenario { ends: EndsWhen::AfterChecks(0), risk_level, confidence, ..FindingScenario::default() }
}

async fn answer(fixture: &Fixture, key: &CaseKey) -> GuardDutyResult {
    fixture.scene.cases.case(key).await.assessment.unwrap().guardduty.unwrap()
}

#[tokio::test]
async fn guarddutys_risk_level_is_shown_with_a_quiet_verdict_or_causes_an_alert() {
    for (risk_level, confidence, cause) in [
        (Says::Low, Confidence::High, None),
        (Says::High, Confidence::Low, None),
        (Says::High, Confidence::Medium, Some(AlertCause::GuardDutyDisagrees)),
    ] {
        let (fixture, key) = with_guardduty(says(risk_level, confidence)).await;
        let outcome = fixture.assess(input(&key)).await.unwrap().outcome;
        assert_eq!(
            outcome,
            if cause.is_some() { AssessOutcome::Alert } else { AssessOutcome::Closed },
            "{risk_level:?}"
        );
        assert_eq!(fixture.cause(&key).await, cause, "{risk_level:?} {confidence:?}");
        assert!(answer(&fixture, &key).await.completed().unwrap().risk_level >= RiskLevel::Low);
    }
}

#[tokio::test]
async fn a_running_or_unreadable_guardduty_investigation_does_not_delay_the_case() {
    let (fixture, key) = with_guardduty(FindingScenario { ends: EndsWhen::Never, ..FindingScenario::default() }).await;
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed);
    assert!(matches!(answer(&fixture, &key).await, GuardDutyResult::StillRunning { .. }));

    let (fixture, key) = with_guardduty(says(Says::Low, Confidence::High)).await;
    fixture.scene.simulator.add_fault(ApiFault::new("guardduty:GetInvestigation", FaultKind::AccessDenied));
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed);
    assert!(matches!(answer(&fixture, &key).await, GuardDutyResult::ReadFailed { .. }));
}

#[tokio::test]
async fn a_case_that_requires_guardduty_gets_another_round() {
    let fixture = Fixture::with_policy(InvestigationPolicy::High);
    let key = fixture.investigated(&role_finding("web", ID), "quiet").await;
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Outdated);
    let last = Input { is_last_investigation: true, ..input(&key) };
    assert_eq!(fixture.assess(last).await.unwrap().outcome, AssessOutcome::Closed);
    assert!(matches!(answer(&fixture, &key).await, GuardDutyResult::NotRequested(NotRequestedReason::Failed { .. })));
}
