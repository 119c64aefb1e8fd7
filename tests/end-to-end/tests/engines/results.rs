//! What GuardDuty's investigation comes to, and what it changes.

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

/// A result with that risk level and that confidence.
pub(crate) fn says(risk_level: RiskLevel, confidence: Confidence) -> FindingScenario {
    FindingScenario {
        risk_level,
        confidence,
        risk: format!("It is {risk_level:?} for a reason."),
        summary: json!({"threatAssessment": "Somebody is at it.", "keyObservations": ["One call", "Another call"],
            "countermeasures": ["Deactivate the key"]}),
        ..FindingScenario::default()
    }
}

pub(crate) async fn risk_level_and_confidence_are_shown_and_do_not_change_the_verdict(scene: &Scene<'_>) -> Outcome {
    // A day has ten slots, which is half of what there is to try.
    beside_the_verdict(scene, "quiet", "Low", [Confidence::Unknown, Confidence::Low]).await?;
    beside_the_verdict(scene, "high", "Critical", [Confidence::Medium, Confidence::High]).await
}

async fn beside_the_verdict(
    scene: &Scene<'_>,
    scenario: &str,
    severity: &str,
    confidences: [Confidence; 2],
) -> Outcome {
    let stage = EnginesTest::new(scene).await?;
    stage.set_detective_scenario_for_all(scenario);
    let ratings: Vec<_> = confidences.iter().flat_map(|sure| LEVELS.map(|level| (level, *sure))).collect();
    let all: Vec<TestPrincipal> =
        (0..=ratings.len()).map(|it| stage.principal(&format!("{}{it:x}", tag_of(scenario)), 9.0)).collect();
    let (without, principals) = all.split_last().unwrap();
    for (principal, (level, sure)) in principals.iter().zip(&ratings) {
        stage.set_guardduty_scenario(principal, says(*level, *sure));
    }
    let mut without = without.clone();
    without.finding["region"] = json!(OTHER_REGION); // GuardDuty is not asked about it
    stage.send(principals).await?;
    stage.send(std::slice::from_ref(&without)).await?;

    let without = stage.wait_for_alerted_case(&without).await?;
    assert!(without.alert.guardduty.as_ref().unwrap().completed().is_none());
    for (principal, (level, sure)) in principals.iter().zip(&ratings) {
        let told = stage.wait_for_alerted_case(principal).await?;
        told.assert_detective_result();
        let completed = told.guardduty_result();
        let (level, sure) = (format!("{level:?}"), format!("{sure:?}"));
        assert_eq!((completed.risk_level.to_string(), completed.confidence.to_string()), (level.clone(), sure.clone()));
        assert_eq!(completed.risk.as_deref(), Some(format!("It is {level} for a reason.").as_str()));
        assert_eq!(completed.summary.threat_assessment, ["Somebody is at it."]);
        assert_eq!(completed.summary.key_observations, ["One call", "Another call"]);
        assert_eq!(completed.summary.countermeasures, ["Deactivate the key"]);
        assert!(completed.start_time.is_some() && completed.end_time >= completed.start_time && !completed.is_reused);

        // Nothing in the verdict is another, but for a reason of no points.
        assert_eq!(level_and_score(&told.alert), level_and_score(&without.alert));
        assert_eq!(told.alert.cause, AlertCause::Verdict);
        let high = level == "High" || level == "Critical";
        let agree = if high == (severity == "Critical") { "agree" } else { "disagree" };
        let reason = format!(
            "Detective and GuardDuty {agree}: Detective {severity}, GuardDuty AI risk {level} (confidence {sure})"
        );
        let reasons = &told.alert.verdict.reasons;
        let noted: Vec<_> = reasons.iter().filter(|it| it.text == reason).map(|it| it.points).collect();
        assert_eq!(noted, [0], "{reason}: {reasons:?}");
        let others = reasons.iter().filter(|it| it.text != reason);
        assert!(others.eq(&without.alert.verdict.reasons), "{reasons:?}");

        // The record tells the same, and what was asked.
        assert_eq!(told.case.assessment["guardduty"], serde_json::to_value(&told.alert.guardduty)?);
        let results = stage.cloud.evidence(&format!("cases/{}/results-1.json", told.case.case_id)).await?.unwrap();
        let results: Value = serde_json::from_str(&results)?;
        let (asked, answered) = (&results["guardduty"]["asked"], &results["guardduty"]["investigation"]);
        assert_eq!(asked["prompt"], principal.prompt());
        assert_eq!(answered["status"], "COMPLETED");
        assert_eq!(answered["risk_level"], level.to_uppercase());
        assert_eq!(answered["confidence"], sure.to_uppercase());
        let looks = stage.calls_about("guardduty", "GetInvestigation", principal).len();
        assert!(looks >= 3, "it was seen RUNNING before that, in {looks} looks");
    }
    Ok(())
}

/// A hexadecimal digit for a scenario, as its roles are those of one test.
fn tag_of(scenario: &str) -> char {
    if scenario == "quiet" { 'a' } else { 'b' }
}

pub(crate) async fn high_confidence_guardduty_risk_is_alerted_with_detectives_result(scene: &Scene<'_>) -> Outcome {
    let stage = EnginesTest::new(scene).await?;
    // Novelty only, or nothing at all.
    let (novelty, nothing) =
        (Scenario::named("quiet")?, Scenario { indicators: Vec::new(), ..Scenario::named("quiet")? });
    let cases = [
        ("a", &novelty, RiskLevel::High, Confidence::High, true),
        ("b", &novelty, RiskLevel::Critical, Confidence::Medium, true),
        ("c", &novelty, RiskLevel::High, Confidence::Low, false),
        ("d", &novelty, RiskLevel::Critical, Confidence::Unknown, false),
        ("e", &novelty, RiskLevel::Medium, Confidence::High, false),
        ("f", &nothing, RiskLevel::Critical, Confidence::High, false),
    ];
    let principals: Vec<TestPrincipal> = cases.iter().map(|(tag, ..)| stage.principal(tag, 5.0)).collect();
    for (principal, (_, finds, level, sure, _)) in principals.iter().zip(&cases) {
        stage.set_detective_scenario(principal, (*finds).clone());
        stage.set_guardduty_scenario(principal, says(*level, *sure));
    }
    stage.send(&principals).await?;
    for (principal, (tag, _, level, _, loud)) in principals.iter().zip(&cases) {
        if *loud {
            let told = stage.wait_for_alerted_case(principal).await?;
            assert_eq!(told.alert.cause, AlertCause::GuardDutyDisagrees, "{tag}");
            told.assert_detective_result();
            assert!(told.alert.verdict.score < 40, "{:?}", told.alert.verdict);
            assert!(told.alert.headline(150).starts_with(&format!("{level:?} (GuardDuty AI; Gumshoe: ")), "{tag}");
            assert!(told.text.subject.as_deref().unwrap().contains("(GuardDuty AI"), "{:?}", told.text.subject);
        } else {
            let case = stage.wait_for_quiet_case(principal).await?;
            let guardduty = &case.assessment["guardduty"];
            assert_eq!(guardduty["risk_level"], format!("{level:?}").to_uppercase(), "{tag}: the record has it");
        }
    }
    Ok(())
}

pub(crate) async fn a_failed_guardduty_investigation_is_shown_and_releases_its_slot(scene: &Scene<'_>) -> Outcome {
    let stage = EnginesTest::new(scene).await?;
    stage.set_detective_scenario_for_all("high");
    // One slot is left.
    for number in 0..9 {
        stage.request_manually(number).await?;
    }
    let (failing, next) = (stage.principal("a", 9.0), stage.principal("b", 9.0));
    let error = "The investigation could not be\ncompleted.".to_owned();
    let failed =
        FindingScenario { outcome: GuardDutyOutcome::Failed, error: Some(error), ..FindingScenario::default() };
    stage.set_guardduty_scenario(&failing, failed);
    stage.send(std::slice::from_ref(&failing)).await?;
    let told = stage.wait_for_alerted_case(&failing).await?;
    told.assert_detective_result();
    let Some(GuardDutyInvestigation::Failed { investigation_id, error }) = &told.alert.guardduty else {
        panic!("{:?}", told.alert.guardduty)
    };
    assert_eq!(error, "The investigation could not be completed.");
    told.assert_reason_shown();
    let slots = stage.budget().await?.slots;
    assert_eq!(slots.len(), 9, "{slots:?}");
    assert!(slots.iter().all(|slot| slot.investigation_id.as_ref() != Some(investigation_id) && slot.token.is_none()));

    stage.send(std::slice::from_ref(&next)).await?;
    assert_ne!(&stage.wait_for_alerted_case(&next).await?.guardduty_result().investigation_id, investigation_id);
    assert_eq!(stage.budget().await?.slots.len(), 10);
    Ok(())
}

pub(crate) async fn a_finding_without_an_iam_principal_has_guarddutys_result(scene: &Scene<'_>) -> Outcome {
    let stage = EnginesTest::new(scene).await?;
    let mut principal = stage.principal("a", 8.0);
    principal.finding = finding_without_principal(principal.id());
    stage.set_guardduty_scenario(&principal, says(RiskLevel::Critical, Confidence::Medium));
    stage.send(std::slice::from_ref(&principal)).await?;
    let subject = format!("finding/{ACCOUNT}/{REGION}/{}", principal.id());
    let (told, execution) = stage.wait_for_alerted_case_any_status(&subject).await?;
    assert_eq!(execution["status"], "SUCCEEDED");
    assert_eq!(told.alert.cause, AlertCause::NotInvestigated);
    assert_eq!(told.alert.not_investigated.as_ref().unwrap().error.as_str(), "NothingToInvestigate");
    assert_eq!(told.guardduty_result().risk_level.to_string(), "Critical");
    assert!(told.case.investigation.is_null());
    let headline = told.alert.headline(150);
    assert!(headline.starts_with("Critical (GuardDuty AI only"), "{headline}");
    // The stage has enrolled its accounts; nothing else was asked.
    let by_the_stack = |it: &simulator::Entry| it.service == "detective" && it.operation != "CreateMembers";
    let to_detective = stage.cloud.simulator().journal().into_iter().filter(by_the_stack);
    assert_eq!(to_detective.map(|it| it.operation).collect::<Vec<_>>(), [""; 0]);
    Ok(())
}
