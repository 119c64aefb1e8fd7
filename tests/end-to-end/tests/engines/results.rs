//! What GuardDuty's investigation comes to, and what it changes.

use crate::scene::{Outcome, Scene};
use crate::stage::{Actor, REGION, Stage, level_and_score};
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

pub(crate) async fn every_risk_level_and_confidence_stands_beside_the_verdict_and_changes_nothing_in_it(
    scene: &Scene<'_>,
) -> Outcome {
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
    let stage = Stage::set(scene).await?;
    stage.detective_finds_of_all(scenario);
    let ratings: Vec<_> = confidences.iter().flat_map(|sure| LEVELS.map(|level| (level, *sure))).collect();
    let all: Vec<Actor> =
        (0..=ratings.len()).map(|it| stage.actor(&format!("{}{it:x}", tag_of(scenario)), 9.0)).collect();
    let (without, actors) = all.split_last().unwrap();
    for (actor, (level, sure)) in actors.iter().zip(&ratings) {
        stage.guardduty_says(actor, says(*level, *sure));
    }
    let mut without = without.clone();
    without.finding["region"] = json!(OTHER_REGION); // GuardDuty is not asked about it
    stage.send(actors).await?;
    stage.send(std::slice::from_ref(&without)).await?;

    let without = stage.told(&without).await?;
    assert!(without.alert.guardduty.as_ref().unwrap().completed().is_none());
    for (actor, (level, sure)) in actors.iter().zip(&ratings) {
        let told = stage.told(actor).await?;
        told.has_detectives_result();
        let completed = told.completed();
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
            "The engines {agree}: Detective says {severity}, GuardDuty's AI says risk {level} (confidence {sure})"
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
        assert_eq!(asked["prompt"], actor.prompt());
        assert_eq!(answered["status"], "COMPLETED");
        assert_eq!(answered["risk_level"], level.to_uppercase());
        assert_eq!(answered["confidence"], sure.to_uppercase());
        let looks = stage.asked_of("guardduty", "GetInvestigation", actor).len();
        assert!(looks >= 3, "it was seen RUNNING before that, in {looks} looks");
    }
    Ok(())
}

/// A hexadecimal digit for a scenario, as its roles are those of one test.
fn tag_of(scenario: &str) -> char {
    if scenario == "quiet" { 'a' } else { 'b' }
}

pub(crate) async fn a_sure_high_risk_beside_what_detective_found_is_told(scene: &Scene<'_>) -> Outcome {
    let stage = Stage::set(scene).await?;
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
    let actors: Vec<Actor> = cases.iter().map(|(tag, ..)| stage.actor(tag, 5.0)).collect();
    for (actor, (_, finds, level, sure, _)) in actors.iter().zip(&cases) {
        stage.detective_finds(actor, (*finds).clone());
        stage.guardduty_says(actor, says(*level, *sure));
    }
    stage.send(&actors).await?;
    for (actor, (tag, _, level, _, loud)) in actors.iter().zip(&cases) {
        if *loud {
            let told = stage.told(actor).await?;
            assert_eq!(told.alert.cause, AlertCause::GuardDutyDisagrees, "{tag}");
            told.has_detectives_result();
            assert!(told.alert.verdict.score < 40, "{:?}", told.alert.verdict);
            assert!(told.alert.headline().starts_with(&format!("GuardDuty's AI says {level:?}")), "{tag}");
            assert!(told.text.subject.as_deref().unwrap().contains("GuardDuty's AI says"), "{:?}", told.text.subject);
        } else {
            let case = stage.quiet(actor).await?;
            let guardduty = &case.assessment["guardduty"];
            assert_eq!(guardduty["risk_level"], format!("{level:?}").to_uppercase(), "{tag}: the record has it");
        }
    }
    Ok(())
}

pub(crate) async fn a_failed_investigation_is_told_and_gives_its_slot_back(scene: &Scene<'_>) -> Outcome {
    let stage = Stage::set(scene).await?;
    stage.detective_finds_of_all("high");
    // One slot is left.
    for number in 0..9 {
        stage.ask_by_hand(number).await?;
    }
    let (failing, next) = (stage.actor("a", 9.0), stage.actor("b", 9.0));
    let error = "The investigation could not be\ncompleted.".to_owned();
    let failed =
        FindingScenario { outcome: GuardDutyOutcome::Failed, error: Some(error), ..FindingScenario::default() };
    stage.guardduty_says(&failing, failed);
    stage.send(std::slice::from_ref(&failing)).await?;
    let told = stage.told(&failing).await?;
    told.has_detectives_result();
    let Some(GuardDutyInvestigation::Failed { investigation_id, error }) = &told.alert.guardduty else {
        panic!("{:?}", told.alert.guardduty)
    };
    assert_eq!(error, "The investigation could not be completed.");
    told.says_why();
    let slots = stage.budget().await?.slots;
    assert_eq!(slots.len(), 9, "{slots:?}");
    assert!(slots.iter().all(|slot| slot.investigation_id.as_ref() != Some(investigation_id) && slot.token.is_none()));

    stage.send(std::slice::from_ref(&next)).await?;
    assert_ne!(&stage.told(&next).await?.completed().investigation_id, investigation_id);
    assert_eq!(stage.budget().await?.slots.len(), 10);
    Ok(())
}

pub(crate) async fn a_finding_without_an_iam_principal_has_guarddutys_result(scene: &Scene<'_>) -> Outcome {
    let stage = Stage::set(scene).await?;
    let mut actor = stage.actor("a", 8.0);
    actor.finding = finding_without_principal(actor.id());
    stage.guardduty_says(&actor, says(RiskLevel::Critical, Confidence::Medium));
    stage.send(std::slice::from_ref(&actor)).await?;
    let subject = format!("finding/{ACCOUNT}/{REGION}/{}", actor.id());
    let (told, execution) = stage.told_whatever(&subject).await?;
    assert_eq!(execution["status"], "SUCCEEDED");
    assert_eq!(told.alert.cause, AlertCause::NotInvestigated);
    assert_eq!(told.alert.not_investigated.as_ref().unwrap().error.as_str(), "NothingToInvestigate");
    assert_eq!(told.completed().risk_level.to_string(), "Critical");
    assert!(told.case.investigation.is_null());
    let headline = told.alert.headline();
    assert!(headline.starts_with("Only GuardDuty's AI looked, says Critical"), "{headline}");
    // The stage has enrolled its accounts; nothing else was asked.
    let by_the_stack = |it: &simulator::Entry| it.service == "detective" && it.operation != "CreateMembers";
    let to_detective = stage.cloud.simulator().journal().into_iter().filter(by_the_stack);
    assert_eq!(to_detective.map(|it| it.operation).collect::<Vec<_>>(), [""; 0]);
    Ok(())
}
