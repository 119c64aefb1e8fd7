//! GuardDuty's side of a case.

use super::*;
use gumshoe_domain::guardduty::InvestigationPolicy;
use gumshoe_domain::guardduty::{GuardDutyResult, NotRequestedReason, RiskLevel};
use simulator::{Confidence, Ends, Fault as Fails, FaultKind, FindingScenario, RiskLevel as Says};

const ID: &str = "1ab2c3d4e5f6a7b8c9d0e1f2a3b4c5d6";

/// A case with a quiet investigation of Detective's, and one of GuardDuty's that says so.
async fn asked(scenario: FindingScenario) -> (Stage, CaseKey) {
    let stage = Stage::asking(InvestigationPolicy::All);
    stage.scene.simulator.add_finding_scenario(scenario);
    let key = stage.investigated(&role_finding("web", ID), "quiet").await;
    stage.scene.ask_guardduty(&key, ID).await;
    (stage, key)
}

fn says(risk_level: Says, confidence: Confidence) -> FindingScenario {
    FindingScenario { ends: Ends::AfterChecks(0), risk_level, confidence, ..FindingScenario::default() }
}

async fn answer(stage: &Stage, key: &CaseKey) -> GuardDutyResult {
    stage.scene.cases.case(key).await.assessment.unwrap().guardduty.unwrap()
}

#[tokio::test]
async fn its_risk_level_stands_beside_a_quiet_verdict_or_calls_for_people() {
    for (risk_level, confidence, cause) in [
        (Says::Low, Confidence::High, None),
        (Says::High, Confidence::Low, None),
        (Says::High, Confidence::Medium, Some(AlertCause::GuardDutyDisagrees)),
    ] {
        let (stage, key) = asked(says(risk_level, confidence)).await;
        let outcome = stage.assess(input(&key)).await.unwrap().outcome;
        assert_eq!(
            outcome,
            if cause.is_some() { AssessOutcome::Alert } else { AssessOutcome::Closed },
            "{risk_level:?}"
        );
        assert_eq!(stage.cause(&key).await, cause, "{risk_level:?} {confidence:?}");
        assert!(answer(&stage, &key).await.completed().unwrap().risk_level >= RiskLevel::Low);
    }
}

#[tokio::test]
async fn what_still_runs_or_cannot_be_read_is_said_and_holds_back_nothing() {
    let (stage, key) = asked(FindingScenario { ends: Ends::Never, ..FindingScenario::default() }).await;
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed);
    assert!(matches!(answer(&stage, &key).await, GuardDutyResult::StillRunning { .. }));

    let (stage, key) = asked(says(Says::Low, Confidence::High)).await;
    stage.scene.simulator.add_fault(Fails::new("guardduty:GetInvestigation", FaultKind::AccessDenied));
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed);
    assert!(matches!(answer(&stage, &key).await, GuardDutyResult::ReadFailed { .. }));
}

#[tokio::test]
async fn a_case_that_guardduty_is_to_be_asked_about_goes_round_for_it_and_says_so_in_the_end() {
    let stage = Stage::asking(InvestigationPolicy::High);
    let key = stage.investigated(&role_finding("web", ID), "quiet").await;
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Outdated);
    let last = Input { last_investigation: true, ..input(&key) };
    assert_eq!(stage.assess(last).await.unwrap().outcome, AssessOutcome::Closed);
    assert!(matches!(answer(&stage, &key).await, GuardDutyResult::NotRequested(NotRequestedReason::Failed { .. })));
}
