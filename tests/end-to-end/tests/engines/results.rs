//! The results of GuardDuty's investigations, and their effect on the alert.

use crate::scene::{Outcome, Scene};
use crate::setup::{EnginesTest, REGION, TestPrincipal, level_and_score};
use findings::{ACCOUNT, finding_without_principal};
use gumshoe_alerts::message::GuardDutyInvestigation;
use gumshoe_domain::verdict::AlertCause;
use local_cloud::OTHER_REGION;
use serde_json::{Value, json};
use simulator::{Confidence, FindingScenario, GuardDutyOutcome, RiskLevel, Scenario};

const LEVELS: [RiskLevel; 5] =
    [RiskLevel::Info, RiskLevel::Low, RiskLevel::Medium, RiskLevel::High, RiskLevel::Critical];

/// A scenario whose result has that risk level and that confidence.
pub(crate) fn rated(risk_level: RiskLevel, confidence: Confidence) -> FindingScenario {
    FindingScenario {
        risk_level,
        confidence,
        risk: format!("It is {risk_level:?} for a reason."),
        summary: json!({"threatAssessment": "Someone uses a stolen key.", "keyObservations": ["One call", "Another call"],
            "countermeasures": ["Deactivate the key"]}),
        ..FindingScenario::default()
    }
}

pub(crate) async fn risk_level_and_confidence_are_shown_and_do_not_change_the_verdict(scene: &Scene<'_>) -> Outcome {
    // There are twenty combinations, and a day has ten slots.
    assert_shown_and_verdict_unchanged(scene, "quiet", "Low", [Confidence::Unknown, Confidence::Low]).await?;
    assert_shown_and_verdict_unchanged(scene, "high", "Critical", [Confidence::Medium, Confidence::High]).await
}

async fn assert_shown_and_verdict_unchanged(
    scene: &Scene<'_>,
    scenario: &str,
    severity: &str,
    confidences: [Confidence; 2],
) -> Outcome {
    let test = EnginesTest::new(scene).await?;
    test.set_detective_scenario_for_all(scenario);
    let ratings: Vec<_> = confidences.iter().flat_map(|confidence| LEVELS.map(|level| (level, *confidence))).collect();
    let all: Vec<TestPrincipal> =
        (0..=ratings.len()).map(|it| test.principal(&format!("{}{it:x}", tag_of(scenario)), 9.0)).collect();
    let (without, principals) = all.split_last().unwrap();
    for (principal, (level, confidence)) in principals.iter().zip(&ratings) {
        test.set_guardduty_scenario(principal, rated(*level, *confidence));
    }
    let mut without = without.clone();
    without.finding["region"] = json!(OTHER_REGION); // GuardDuty cannot investigate in this Region
    test.send(principals).await?;
    test.send(std::slice::from_ref(&without)).await?;

    let without = test.wait_for_alerted_case(&without).await?;
    assert!(without.alert.guardduty.as_ref().unwrap().completed().is_none());
    for (principal, (level, confidence)) in principals.iter().zip(&ratings) {
        let alerted = test.wait_for_alerted_case(principal).await?;
        alerted.assert_detective_result();
        let completed = alerted.guardduty_result();
        let (level, confidence) = (format!("{level:?}"), format!("{confidence:?}"));
        assert_eq!(
            (completed.risk_level.to_string(), completed.confidence.to_string()),
            (level.clone(), confidence.clone())
        );
        assert_eq!(completed.risk.as_deref(), Some(format!("It is {level} for a reason.").as_str()));
        assert_eq!(completed.summary.threat_assessment, ["Someone uses a stolen key."]);
        assert_eq!(completed.summary.key_observations, ["One call", "Another call"]);
        assert_eq!(completed.summary.countermeasures, ["Deactivate the key"]);
        assert!(completed.start_time.is_some() && completed.end_time >= completed.start_time && !completed.is_reused);

        // The verdict is the same, except for an additional reason without points.
        assert_eq!(level_and_score(&alerted.alert), level_and_score(&without.alert));
        assert_eq!(alerted.alert.cause, AlertCause::Verdict);
        let high = level == "High" || level == "Critical";
        let agree = if high == (severity == "Critical") { "agree" } else { "disagree" };
        let reason = format!(
            "Detective and GuardDuty {agree}: Detective {severity}, GuardDuty AI risk {level} (confidence {confidence})"
        );
        let reasons = &alerted.alert.verdict.reasons;
        let points: Vec<_> = reasons.iter().filter(|it| it.text == reason).map(|it| it.points).collect();
        assert_eq!(points, [0], "{reason}: {reasons:?}");
        let others = reasons.iter().filter(|it| it.text != reason);
        assert!(others.eq(&without.alert.verdict.reasons), "{reasons:?}");

        // The table has the same result, and the bucket has the request too.
        assert_eq!(alerted.case.assessment["guardduty"], serde_json::to_value(&alerted.alert.guardduty)?);
        let results = test.cloud.evidence(&format!("cases/{}/results-1.json", alerted.case.case_id)).await?.unwrap();
        let results: Value = serde_json::from_str(&results)?;
        let (request, response) = (&results["guardduty"]["asked"], &results["guardduty"]["investigation"]);
        assert_eq!(request["prompt"], principal.prompt());
        assert_eq!(response["status"], "COMPLETED");
        assert_eq!(response["risk_level"], level.to_uppercase());
        assert_eq!(response["confidence"], confidence.to_uppercase());
        let polls = test.calls_about("guardduty", "GetInvestigation", principal).len();
        assert!(polls >= 3, "expected RUNNING in at least 2 polls before the result, got {polls} polls");
    }
    Ok(())
}

/// A hexadecimal digit for each scenario, so that the roles of the two differ.
fn tag_of(scenario: &str) -> char {
    if scenario == "quiet" { 'a' } else { 'b' }
}

pub(crate) async fn high_confidence_guardduty_risk_is_alerted_with_detectives_result(scene: &Scene<'_>) -> Outcome {
    let test = EnginesTest::new(scene).await?;
    // Detective reports new behavior only, or no indicators.
    let (novelty, no_indicators) =
        (Scenario::named("quiet")?, Scenario { indicators: Vec::new(), ..Scenario::named("quiet")? });
    let cases = [
        ("a", &novelty, RiskLevel::High, Confidence::High, true),
        ("b", &novelty, RiskLevel::Critical, Confidence::Medium, true),
        ("c", &novelty, RiskLevel::High, Confidence::Low, false),
        ("d", &novelty, RiskLevel::Critical, Confidence::Unknown, false),
        ("e", &novelty, RiskLevel::Medium, Confidence::High, false),
        ("f", &no_indicators, RiskLevel::Critical, Confidence::High, false),
    ];
    let principals: Vec<TestPrincipal> = cases.iter().map(|(tag, ..)| test.principal(tag, 5.0)).collect();
    for (principal, (_, scenario, level, confidence, _)) in principals.iter().zip(&cases) {
        test.set_detective_scenario(principal, (*scenario).clone());
        test.set_guardduty_scenario(principal, rated(*level, *confidence));
    }
    test.send(&principals).await?;
    for (principal, (tag, _, level, _, is_alerted)) in principals.iter().zip(&cases) {
        if *is_alerted {
            let alerted = test.wait_for_alerted_case(principal).await?;
            assert_eq!(alerted.alert.cause, AlertCause::GuardDutyDisagrees, "{tag}");
            alerted.assert_detective_result();
            assert!(alerted.alert.verdict.score < 40, "{:?}", alerted.alert.verdict);
            assert!(alerted.alert.headline(150).starts_with(&format!("{level:?} (GuardDuty AI; Gumshoe: ")), "{tag}");
            assert!(alerted.text.subject.as_deref().unwrap().contains("(GuardDuty AI"), "{:?}", alerted.text.subject);
        } else {
            let case = test.wait_for_quiet_case(principal).await?;
            let guardduty = &case.assessment["guardduty"];
            assert_eq!(
                guardduty["risk_level"],
                format!("{level:?}").to_uppercase(),
                "{tag}: the table has no GuardDuty risk level"
            );
        }
    }
    Ok(())
}

pub(crate) async fn a_failed_guardduty_investigation_is_shown_and_releases_its_slot(scene: &Scene<'_>) -> Outcome {
    let test = EnginesTest::new(scene).await?;
    test.set_detective_scenario_for_all("high");
    // Leave one slot of the daily quota.
    for number in 0..9 {
        test.request_manually(number).await?;
    }
    let (failing, next) = (test.principal("a", 9.0), test.principal("b", 9.0));
    let error = "The investigation could not be\ncompleted.".to_owned();
    let failed =
        FindingScenario { outcome: GuardDutyOutcome::Failed, error: Some(error), ..FindingScenario::default() };
    test.set_guardduty_scenario(&failing, failed);
    test.send(std::slice::from_ref(&failing)).await?;
    let alerted = test.wait_for_alerted_case(&failing).await?;
    alerted.assert_detective_result();
    let Some(GuardDutyInvestigation::Failed { investigation_id, error }) = &alerted.alert.guardduty else {
        panic!("{:?}", alerted.alert.guardduty)
    };
    assert_eq!(error, "The investigation could not be completed.");
    alerted.assert_reason_shown();
    let slots = test.budget().await?.slots;
    assert_eq!(slots.len(), 9, "{slots:?}");
    assert!(slots.iter().all(|slot| slot.investigation_id.as_ref() != Some(investigation_id) && slot.token.is_none()));

    test.send(std::slice::from_ref(&next)).await?;
    assert_ne!(&test.wait_for_alerted_case(&next).await?.guardduty_result().investigation_id, investigation_id);
    assert_eq!(test.budget().await?.slots.len(), 10);
    Ok(())
}

pub(crate) async fn a_finding_without_an_iam_principal_has_guarddutys_result(scene: &Scene<'_>) -> Outcome {
    let test = EnginesTest::new(scene).await?;
    let mut principal = test.principal("a", 8.0);
    principal.finding = finding_without_principal(principal.id());
    test.set_guardduty_scenario(&principal, rated(RiskLevel::Critical, Confidence::Medium));
    test.send(std::slice::from_ref(&principal)).await?;
    let subject = format!("finding/{ACCOUNT}/{REGION}/{}", principal.id());
    let (alerted, execution) = test.wait_for_alerted_case_any_status(&subject).await?;
    assert_eq!(execution["status"], "SUCCEEDED");
    assert_eq!(alerted.alert.cause, AlertCause::NotInvestigated);
    assert_eq!(alerted.alert.not_investigated.as_ref().unwrap().error.as_str(), "NothingToInvestigate");
    assert_eq!(alerted.guardduty_result().risk_level.to_string(), "Critical");
    assert!(alerted.case.investigation.is_null());
    let headline = alerted.alert.headline(150);
    assert!(headline.starts_with("Critical (GuardDuty AI only"), "{headline}");
    // CreateMembers is the test's own call, when it resets the state. The stack must not call Detective.
    let is_from_stack = |it: &simulator::Entry| it.service == "detective" && it.operation != "CreateMembers";
    let to_detective = test.cloud.simulator().journal().into_iter().filter(is_from_stack);
    assert_eq!(to_detective.map(|it| it.operation).collect::<Vec<_>>(), [""; 0]);
    Ok(())
}
