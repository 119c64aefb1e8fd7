//! Both engines at work: neither waits for ever for the other, and neither stops the other.

use crate::results::says;
use crate::scene::{Outcome, Scene, WAIT_TIMEOUT};
use crate::setup::{BoxError, EnginesTest, TestPrincipal};
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
fn risky(ends: EndsWhen) -> Result<Scenario, BoxError> {
    Ok(Scenario { ends, ..Scenario::named("high")? })
}

pub(crate) async fn a_case_waits_for_both_engines_whichever_ends_first(scene: &Scene<'_>) -> Outcome {
    let stage = EnginesTest::new(scene).await?;
    let principals = [stage.principal("a", 8.0), stage.principal("b", 8.0)];
    for principal in &principals {
        stage.set_detective_scenario(principal, risky(EndsWhen::Manually)?);
        stage.set_guardduty_scenario(principal, high(EndsWhen::Manually));
    }
    stage.send(&principals).await?;
    let [detective_first, guardduty_first] = &principals;
    for principal in &principals {
        let (detective, guardduty) = stage.wait_until_running(principal).await?;
        let (first, second) = if std::ptr::eq(principal, detective_first) {
            ("detective", "guardduty")
        } else {
            ("guardduty", "detective")
        };
        let end = |engine: &str| -> Outcome {
            if engine == "detective" {
                Ok(stage.cloud.simulator().end_investigation(&detective, Ended::Successful)?)
            } else {
                Ok(stage.cloud.simulator().end_guardduty_investigation(&guardduty, GuardDutyOutcome::Completed)?)
            }
        };
        end(first)?;
        // The other is looked at twice more; once may have been under way.
        let looks = || stage.calls_about(second, "GetInvestigation", principal).len();
        let before = looks();
        let more = async || Ok((looks() >= before + 2).then_some(()));
        stage.cloud.poll_until("more looks at the other engine", WAIT_TIMEOUT, more).await?;
        let case = stage.cloud.cases(&principal.subject).await?.remove(0);
        assert_eq!(
            (case.status.as_str(), case.assessment.is_null()),
            ("OPEN", true),
            "{first} has ended, {second} not"
        );
        end(second)?;
    }
    for principal in [detective_first, guardduty_first] {
        let told = stage.wait_for_alerted_case(principal).await?;
        told.assert_detective_result();
        assert_eq!(told.guardduty_result().risk_level.to_string(), "High");
    }
    Ok(())
}

pub(crate) async fn an_engine_that_never_ends_does_not_affect_the_other(scene: &Scene<'_>) -> Outcome {
    let stage = EnginesTest::new(scene).await?;
    let [no_guardduty, no_detective, neither, failed] = ["a", "b", "c", "d"].map(|tag| stage.principal(tag, 8.0));
    let soon = EndsWhen::AfterChecks(2);
    let fails = Scenario { ends: soon, ..Scenario::named("failed")? };
    for (principal, detective, guardduty) in [
        (&no_guardduty, risky(soon)?, EndsWhen::Never),
        (&no_detective, risky(EndsWhen::Never)?, soon),
        (&neither, risky(EndsWhen::Never)?, EndsWhen::Never),
        (&failed, fails, EndsWhen::Never),
    ] {
        stage.set_detective_scenario(principal, detective);
        stage.set_guardduty_scenario(principal, high(guardduty));
    }
    let all = [no_guardduty, no_detective, neither, failed];
    stage.send(&all).await?;
    let [no_guardduty, no_detective, neither, failed] = &all;

    let told = stage.wait_for_alerted_case(no_guardduty).await?;
    told.assert_detective_result();
    assert!(
        matches!(told.alert.guardduty, Some(GuardDutyInvestigation::StillRunning { .. })),
        "{:?}",
        told.alert.guardduty
    );
    assert!(told.alert.guardduty.as_ref().unwrap().to_string().contains("still RUNNING"));
    told.assert_reason_shown();
    looked_to_the_deadline(&stage, "guardduty", no_guardduty);

    let told = stage.wait_for_alerted_case(no_detective).await?;
    assert_eq!(told.alert.not_investigated.as_ref().unwrap().error.as_str(), "InvestigationDeadline");
    assert_eq!(told.alert.cause, AlertCause::NotInvestigated);
    assert_eq!(told.guardduty_result().risk_level.to_string(), "High");
    looked_to_the_deadline(&stage, "detective", no_detective);

    let told = stage.wait_for_alerted_case(neither).await?;
    assert_eq!(told.alert.not_investigated.as_ref().unwrap().error.as_str(), "InvestigationDeadline");
    assert!(
        matches!(told.alert.guardduty, Some(GuardDutyInvestigation::StillRunning { .. })),
        "{:?}",
        told.alert.guardduty
    );

    let told = stage.wait_for_alerted_case(failed).await?;
    assert_eq!(told.alert.not_investigated.as_ref().unwrap().error.as_str(), "InvestigationFailed");
    assert!(
        matches!(told.alert.guardduty, Some(GuardDutyInvestigation::StillRunning { .. })),
        "{:?}",
        told.alert.guardduty
    );
    Ok(())
}

/// 20 minutes have between 15 and 40 looks.
fn looked_to_the_deadline(stage: &EnginesTest<'_>, service: &str, principal: &TestPrincipal) {
    let looks = stage.calls_about(service, "GetInvestigation", principal).len();
    assert!((15..40).contains(&looks), "{looks} looks in 20 minutes");
}

pub(crate) async fn detective_failing_leaves_guarddutys_result(scene: &Scene<'_>) -> Outcome {
    let stage = EnginesTest::new(scene).await?;
    stage.set_detective_scenario_for_all("high");
    let principals = stage.principals(4, 8.0);
    for principal in &principals {
        stage.set_guardduty_scenario(principal, high(EndsWhen::AfterChecks(3)));
    }
    let [denied, throttled, hidden, failed] = principals.as_slice() else { unreachable!() };
    let fault = |operation, kind, principal: &TestPrincipal| {
        stage
            .cloud
            .simulator()
            .add_fault(ApiFault::new(operation, kind).times(FOR_GOOD).with_entity(&principal.subject));
    };
    fault("StartInvestigation", FaultKind::AccessDenied, denied);
    fault("StartInvestigation", FaultKind::Throttle, throttled);
    fault("GetInvestigation", FaultKind::AccessDenied, hidden);
    stage.set_detective_scenario(failed, Scenario { ends: EndsWhen::AfterChecks(1), ..Scenario::named("failed")? });
    stage.send(&principals).await?;
    for (principal, error, status) in [
        (denied, "DetectiveAccessDenied", "FAILED"),
        (throttled, "DetectiveThrottled", "FAILED"),
        (hidden, "DetectiveAccessDenied", "FAILED"),
        (failed, "InvestigationFailed", "SUCCEEDED"),
    ] {
        let (told, execution) = stage.wait_for_alerted_case_any_status(&principal.subject).await?;
        assert_eq!(execution["status"], status, "whether an operator must look: {error}");
        assert_eq!(told.alert.not_investigated.as_ref().unwrap().error.as_str(), error);
        assert_eq!(told.alert.cause, AlertCause::NotInvestigated);
        assert_eq!(told.guardduty_result().risk_level.to_string(), "High");
        assert_eq!(stage.investigations_of(principal).await?.len(), 1, "{error}");
    }
    assert_eq!(stage.budget().await?.slots.len(), 4);
    Ok(())
}

pub(crate) async fn guardduty_failing_leaves_detectives_result(scene: &Scene<'_>) -> Outcome {
    let stage = EnginesTest::new(scene).await?;
    stage.set_detective_scenario_for_all("high");
    let principals = stage.principals(4, 8.0);
    for principal in &principals {
        stage.set_guardduty_scenario(principal, high(EndsWhen::AfterChecks(2)));
    }
    let [throttled, broken, cut, denied] = principals.as_slice() else { unreachable!() };
    for (principal, kind, times) in [
        (throttled, FaultKind::Throttle, 5),
        (broken, FaultKind::Internal, 5),
        (cut, FaultKind::Truncate, 5),
        (denied, FaultKind::AccessDenied, FOR_GOOD),
    ] {
        let fault = ApiFault::new("guardduty:GetInvestigation", kind).times(times).for_finding(principal.id());
        stage.cloud.simulator().add_fault(fault);
    }
    stage.send(&principals).await?;
    for principal in [throttled, broken, cut] {
        let told = stage.wait_for_alerted_case(principal).await?;
        told.assert_detective_result();
        assert_eq!(told.guardduty_result().risk_level.to_string(), "High");
        let failed = stage
            .calls_about("guardduty", "GetInvestigation", principal)
            .iter()
            .filter(|it| it.error.is_some())
            .count();
        assert_eq!(failed, 5);
    }
    let told = stage.wait_for_alerted_case(denied).await?;
    told.assert_detective_result();
    assert!(
        matches!(told.alert.guardduty, Some(GuardDutyInvestigation::ReadFailed { .. })),
        "{:?}",
        told.alert.guardduty
    );
    told.assert_reason_shown();
    assert_eq!(stage.budget().await?.slots.len(), 4, "it runs, whoever may read it");
    Ok(())
}

pub(crate) async fn the_second_engine_adds_no_state_transition(scene: &Scene<'_>) -> Outcome {
    let stage = EnginesTest::new(scene).await?;
    let [mut without, with] = ["a", "b"].map(|tag| stage.principal(tag, 8.0));
    without.finding["region"] = json!(OTHER_REGION); // GuardDuty is not asked about it
    for principal in [&without, &with] {
        stage.set_detective_scenario(principal, risky(EndsWhen::AfterChecks(4))?);
    }
    stage.set_guardduty_scenario(&with, high(EndsWhen::AfterChecks(3)));
    stage.send(&[without.clone(), with.clone()]).await?;
    let (without, with) = (stage.wait_for_alerted_case(&without).await?, stage.wait_for_alerted_case(&with).await?);
    assert!(matches!(without.not_requested_reason(), NotRequestedReason::UnsupportedRegion { .. }));
    assert_eq!(with.guardduty_result().risk_level.to_string(), "High");
    let (without, with) = (entered(&stage, &without.case.case_id).await?, entered(&stage, &with.case.case_id).await?);
    assert!(without.len() > 12, "{without:?}");
    assert_eq!(without, with);
    Ok(())
}

/// The states that an execution has entered, in order.
async fn entered(stage: &EnginesTest<'_>, case_id: &str) -> Result<Vec<String>, BoxError> {
    let history = stage.cloud.history(case_id).await?;
    let names = history.iter().filter_map(|it| it["stateEnteredEventDetails"]["name"].as_str());
    Ok(names.map(str::to_owned).collect())
}
