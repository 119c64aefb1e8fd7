//! Both engines at work: neither waits for ever for the other, and neither stops the other.

use crate::results::says;
use crate::scene::{Outcome, SOON, Scene};
use crate::stage::{Actor, Anything, Stage};
use gumshoe_alerts::message::{GuardDutyInvestigation, NotRequestedReason};
use gumshoe_domain::verdict::AlertCause;
use local_cloud::OTHER_REGION;
use serde_json::json;
use simulator::{
    ApiFault, Confidence, EndsWhen, FaultKind, FindingScenario, GuardDutyOutcome, Outcome as Ended, RiskLevel, Scenario,
};

/// More often than any test calls.
const FOR_GOOD: u32 = 10_000;

fn high(ends: EndsWhen) -> FindingScenario {
    FindingScenario { ends, ..says(RiskLevel::High, Confidence::High) }
}

/// What Detective finds at high risk, when it ends.
fn risky(ends: EndsWhen) -> Result<Scenario, Anything> {
    Ok(Scenario { ends, ..Scenario::named("high")? })
}

pub(crate) async fn a_case_waits_for_both_engines_whichever_ends_first(scene: &Scene<'_>) -> Outcome {
    let stage = Stage::set(scene).await?;
    let actors = [stage.actor("a", 8.0), stage.actor("b", 8.0)];
    for actor in &actors {
        stage.detective_finds(actor, risky(EndsWhen::Manually)?);
        stage.guardduty_says(actor, high(EndsWhen::Manually));
    }
    stage.send(&actors).await?;
    let [detective_first, guardduty_first] = &actors;
    for actor in &actors {
        let (detective, guardduty) = stage.under_way(actor).await?;
        let (first, second) =
            if std::ptr::eq(actor, detective_first) { ("detective", "guardduty") } else { ("guardduty", "detective") };
        let end = |engine: &str| -> Outcome {
            if engine == "detective" {
                Ok(stage.cloud.simulator().end_investigation(&detective, Ended::Successful)?)
            } else {
                Ok(stage.cloud.simulator().end_guardduty_investigation(&guardduty, GuardDutyOutcome::Completed)?)
            }
        };
        end(first)?;
        // The other is looked at twice more; once may have been under way.
        let looks = || stage.asked_of(second, "GetInvestigation", actor).len();
        let before = looks();
        let more = async || Ok((looks() >= before + 2).then_some(()));
        stage.cloud.poll_until("more looks at the other engine", SOON, more).await?;
        let case = stage.cloud.cases(&actor.subject).await?.remove(0);
        assert_eq!(
            (case.status.as_str(), case.assessment.is_null()),
            ("OPEN", true),
            "{first} has ended, {second} not"
        );
        end(second)?;
    }
    for actor in [detective_first, guardduty_first] {
        let told = stage.told(actor).await?;
        told.has_detectives_result();
        assert_eq!(told.completed().risk_level.to_string(), "High");
    }
    Ok(())
}

pub(crate) async fn an_engine_that_never_ends_takes_nothing_from_the_other(scene: &Scene<'_>) -> Outcome {
    let stage = Stage::set(scene).await?;
    let [no_guardduty, no_detective, neither, failed] = ["a", "b", "c", "d"].map(|tag| stage.actor(tag, 8.0));
    let soon = EndsWhen::AfterChecks(2);
    let fails = Scenario { ends: soon, ..Scenario::named("failed")? };
    for (actor, detective, guardduty) in [
        (&no_guardduty, risky(soon)?, EndsWhen::Never),
        (&no_detective, risky(EndsWhen::Never)?, soon),
        (&neither, risky(EndsWhen::Never)?, EndsWhen::Never),
        (&failed, fails, EndsWhen::Never),
    ] {
        stage.detective_finds(actor, detective);
        stage.guardduty_says(actor, high(guardduty));
    }
    let all = [no_guardduty, no_detective, neither, failed];
    stage.send(&all).await?;
    let [no_guardduty, no_detective, neither, failed] = &all;

    let told = stage.told(no_guardduty).await?;
    told.has_detectives_result();
    assert!(
        matches!(told.alert.guardduty, Some(GuardDutyInvestigation::StillRunning { .. })),
        "{:?}",
        told.alert.guardduty
    );
    assert!(told.alert.guardduty.as_ref().unwrap().to_string().contains("still RUNNING"));
    told.says_why();
    looked_to_the_deadline(&stage, "guardduty", no_guardduty);

    let told = stage.told(no_detective).await?;
    assert_eq!(told.alert.not_investigated.as_ref().unwrap().error.as_str(), "InvestigationDeadline");
    assert_eq!(told.alert.cause, AlertCause::NotInvestigated);
    assert_eq!(told.completed().risk_level.to_string(), "High");
    looked_to_the_deadline(&stage, "detective", no_detective);

    let told = stage.told(neither).await?;
    assert_eq!(told.alert.not_investigated.as_ref().unwrap().error.as_str(), "InvestigationDeadline");
    assert!(
        matches!(told.alert.guardduty, Some(GuardDutyInvestigation::StillRunning { .. })),
        "{:?}",
        told.alert.guardduty
    );

    let told = stage.told(failed).await?;
    assert_eq!(told.alert.not_investigated.as_ref().unwrap().error.as_str(), "InvestigationFailed");
    assert!(
        matches!(told.alert.guardduty, Some(GuardDutyInvestigation::StillRunning { .. })),
        "{:?}",
        told.alert.guardduty
    );
    Ok(())
}

/// 20 minutes have between 15 and 40 looks.
fn looked_to_the_deadline(stage: &Stage<'_>, service: &str, actor: &Actor) {
    let looks = stage.asked_of(service, "GetInvestigation", actor).len();
    assert!((15..40).contains(&looks), "{looks} looks in 20 minutes");
}

pub(crate) async fn detective_failing_leaves_guarddutys_result(scene: &Scene<'_>) -> Outcome {
    let stage = Stage::set(scene).await?;
    stage.detective_finds_of_all("high");
    let actors = stage.actors(4, 8.0);
    for actor in &actors {
        stage.guardduty_says(actor, high(EndsWhen::AfterChecks(3)));
    }
    let [denied, throttled, hidden, failed] = actors.as_slice() else { unreachable!() };
    let fault = |operation, kind, actor: &Actor| {
        stage.cloud.simulator().add_fault(ApiFault::new(operation, kind).times(FOR_GOOD).with_entity(&actor.subject));
    };
    fault("StartInvestigation", FaultKind::AccessDenied, denied);
    fault("StartInvestigation", FaultKind::Throttle, throttled);
    fault("GetInvestigation", FaultKind::AccessDenied, hidden);
    stage.detective_finds(failed, Scenario { ends: EndsWhen::AfterChecks(1), ..Scenario::named("failed")? });
    stage.send(&actors).await?;
    for (actor, error, status) in [
        (denied, "DetectiveAccessDenied", "FAILED"),
        (throttled, "DetectiveThrottled", "FAILED"),
        (hidden, "DetectiveAccessDenied", "FAILED"),
        (failed, "InvestigationFailed", "SUCCEEDED"),
    ] {
        let (told, execution) = stage.told_whatever(&actor.subject).await?;
        assert_eq!(execution["status"], status, "whether an operator must look: {error}");
        assert_eq!(told.alert.not_investigated.as_ref().unwrap().error.as_str(), error);
        assert_eq!(told.alert.cause, AlertCause::NotInvestigated);
        assert_eq!(told.completed().risk_level.to_string(), "High");
        assert_eq!(stage.investigations_of(actor).await?.len(), 1, "{error}");
    }
    assert_eq!(stage.budget().await?.slots.len(), 4);
    Ok(())
}

pub(crate) async fn guardduty_failing_leaves_detectives_result(scene: &Scene<'_>) -> Outcome {
    let stage = Stage::set(scene).await?;
    stage.detective_finds_of_all("high");
    let actors = stage.actors(4, 8.0);
    for actor in &actors {
        stage.guardduty_says(actor, high(EndsWhen::AfterChecks(2)));
    }
    let [throttled, broken, cut, denied] = actors.as_slice() else { unreachable!() };
    for (actor, kind, times) in [
        (throttled, FaultKind::Throttle, 5),
        (broken, FaultKind::Internal, 5),
        (cut, FaultKind::Truncate, 5),
        (denied, FaultKind::AccessDenied, FOR_GOOD),
    ] {
        let fault = ApiFault::new("guardduty:GetInvestigation", kind).times(times).for_finding(actor.id());
        stage.cloud.simulator().add_fault(fault);
    }
    stage.send(&actors).await?;
    for actor in [throttled, broken, cut] {
        let told = stage.told(actor).await?;
        told.has_detectives_result();
        assert_eq!(told.completed().risk_level.to_string(), "High");
        let failed =
            stage.asked_of("guardduty", "GetInvestigation", actor).iter().filter(|it| it.error.is_some()).count();
        assert_eq!(failed, 5);
    }
    let told = stage.told(denied).await?;
    told.has_detectives_result();
    assert!(
        matches!(told.alert.guardduty, Some(GuardDutyInvestigation::ReadFailed { .. })),
        "{:?}",
        told.alert.guardduty
    );
    told.says_why();
    assert_eq!(stage.budget().await?.slots.len(), 4, "it runs, whoever may read it");
    Ok(())
}

pub(crate) async fn the_second_engine_adds_no_state_transition(scene: &Scene<'_>) -> Outcome {
    let stage = Stage::set(scene).await?;
    let [mut without, with] = ["a", "b"].map(|tag| stage.actor(tag, 8.0));
    without.finding["region"] = json!(OTHER_REGION); // GuardDuty is not asked about it
    for actor in [&without, &with] {
        stage.detective_finds(actor, risky(EndsWhen::AfterChecks(4))?);
    }
    stage.guardduty_says(&with, high(EndsWhen::AfterChecks(3)));
    stage.send(&[without.clone(), with.clone()]).await?;
    let (without, with) = (stage.told(&without).await?, stage.told(&with).await?);
    assert!(matches!(without.not_asked(), NotRequestedReason::UnsupportedRegion { .. }));
    assert_eq!(with.completed().risk_level.to_string(), "High");
    let (without, with) = (entered(&stage, &without.case.case_id).await?, entered(&stage, &with.case.case_id).await?);
    assert!(without.len() > 12, "{without:?}");
    assert_eq!(without, with);
    Ok(())
}

/// The states that an execution has entered, in order.
async fn entered(stage: &Stage<'_>, case_id: &str) -> Result<Vec<String>, Anything> {
    let history = stage.cloud.history(case_id).await?;
    let names = history.iter().filter_map(|it| it["stateEnteredEventDetails"]["name"].as_str());
    Ok(names.map(str::to_owned).collect())
}
