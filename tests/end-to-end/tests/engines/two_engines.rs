//! Both engines investigate a case: neither waits forever for the other, and a failure of one does not affect the other.

use crate::results::rated;
use crate::scene::{Outcome, Scene, WAIT_TIMEOUT};
use crate::setup::{BoxError, EnginesTest, TestPrincipal};
use gumshoe_alerts::message::{GuardDutyInvestigation, NotRequestedReason};
use gumshoe_domain::verdict::AlertCause;
use local_cloud::OTHER_REGION;
use serde_json::json;
use simulator::{
    ApiFault, Confidence, EndsWhen, FaultKind, FindingScenario, GuardDutyOutcome, Outcome as Ended, RiskLevel, Scenario,
};

/// More times than any test calls an operation.
const ALWAYS: u32 = 10_000;

/// GuardDuty's result with high risk.
fn guardduty_high(ends: EndsWhen) -> FindingScenario {
    FindingScenario { ends, ..rated(RiskLevel::High, Confidence::High) }
}

/// Detective's result with high severity.
fn detective_high(ends: EndsWhen) -> Result<Scenario, BoxError> {
    Ok(Scenario { ends, ..Scenario::named("high")? })
}

pub(crate) async fn a_case_waits_for_both_engines_whichever_ends_first(scene: &Scene<'_>) -> Outcome {
    let test = EnginesTest::new(scene).await?;
    let principals = [test.principal("a", 8.0), test.principal("b", 8.0)];
    for principal in &principals {
        test.set_detective_scenario(principal, detective_high(EndsWhen::Manually)?);
        test.set_guardduty_scenario(principal, guardduty_high(EndsWhen::Manually));
    }
    test.send(&principals).await?;
    let [detective_first, guardduty_first] = &principals;
    for principal in &principals {
        let (detective, guardduty) = test.wait_until_running(principal).await?;
        let (first, second) = if std::ptr::eq(principal, detective_first) {
            ("detective", "guardduty")
        } else {
            ("guardduty", "detective")
        };
        let end = |engine: &str| -> Outcome {
            if engine == "detective" {
                Ok(test.cloud.simulator().end_investigation(&detective, Ended::Successful)?)
            } else {
                Ok(test.cloud.simulator().end_guardduty_investigation(&guardduty, GuardDutyOutcome::Completed)?)
            }
        };
        end(first)?;
        // Wait for two more polls of the other engine: one may have been in progress already.
        let polls = || test.calls_about(second, "GetInvestigation", principal).len();
        let before = polls();
        let more = async || Ok((polls() >= before + 2).then_some(()));
        test.cloud.poll_until("two more polls of the other engine", WAIT_TIMEOUT, more).await?;
        let case = test.cloud.cases(&principal.subject).await?.remove(0);
        assert_eq!(
            (case.status.as_str(), case.assessment.is_null()),
            ("OPEN", true),
            "{first} has ended, {second} is still running"
        );
        end(second)?;
    }
    for principal in [detective_first, guardduty_first] {
        let alerted = test.wait_for_alerted_case(principal).await?;
        alerted.assert_detective_result();
        assert_eq!(alerted.guardduty_result().risk_level.to_string(), "High");
    }
    Ok(())
}

pub(crate) async fn an_engine_that_never_ends_does_not_affect_the_other(scene: &Scene<'_>) -> Outcome {
    let test = EnginesTest::new(scene).await?;
    let [no_guardduty, no_detective, neither, failed] = ["a", "b", "c", "d"].map(|tag| test.principal(tag, 8.0));
    let soon = EndsWhen::AfterChecks(2);
    let fails = Scenario { ends: soon, ..Scenario::named("failed")? };
    for (principal, detective, guardduty) in [
        (&no_guardduty, detective_high(soon)?, EndsWhen::Never),
        (&no_detective, detective_high(EndsWhen::Never)?, soon),
        (&neither, detective_high(EndsWhen::Never)?, EndsWhen::Never),
        (&failed, fails, EndsWhen::Never),
    ] {
        test.set_detective_scenario(principal, detective);
        test.set_guardduty_scenario(principal, guardduty_high(guardduty));
    }
    let all = [no_guardduty, no_detective, neither, failed];
    test.send(&all).await?;
    let [no_guardduty, no_detective, neither, failed] = &all;

    let alerted = test.wait_for_alerted_case(no_guardduty).await?;
    alerted.assert_detective_result();
    assert!(
        matches!(alerted.alert.guardduty, Some(GuardDutyInvestigation::StillRunning { .. })),
        "{:?}",
        alerted.alert.guardduty
    );
    assert!(alerted.alert.guardduty.as_ref().unwrap().to_string().contains("still RUNNING"));
    alerted.assert_reason_shown();
    assert_polled_to_deadline(&test, "guardduty", no_guardduty);

    let alerted = test.wait_for_alerted_case(no_detective).await?;
    assert_eq!(alerted.alert.not_investigated.as_ref().unwrap().error.as_str(), "InvestigationDeadline");
    assert_eq!(alerted.alert.cause, AlertCause::NotInvestigated);
    assert_eq!(alerted.guardduty_result().risk_level.to_string(), "High");
    assert_polled_to_deadline(&test, "detective", no_detective);

    let alerted = test.wait_for_alerted_case(neither).await?;
    assert_eq!(alerted.alert.not_investigated.as_ref().unwrap().error.as_str(), "InvestigationDeadline");
    assert!(
        matches!(alerted.alert.guardduty, Some(GuardDutyInvestigation::StillRunning { .. })),
        "{:?}",
        alerted.alert.guardduty
    );

    let alerted = test.wait_for_alerted_case(failed).await?;
    assert_eq!(alerted.alert.not_investigated.as_ref().unwrap().error.as_str(), "InvestigationFailed");
    assert!(
        matches!(alerted.alert.guardduty, Some(GuardDutyInvestigation::StillRunning { .. })),
        "{:?}",
        alerted.alert.guardduty
    );
    Ok(())
}

/// Checks that the investigation was polled until the deadline of 20 minutes: 15 to 39 polls.
fn assert_polled_to_deadline(test: &EnginesTest<'_>, service: &str, principal: &TestPrincipal) {
    let polls = test.calls_about(service, "GetInvestigation", principal).len();
    assert!((15..40).contains(&polls), "{polls} polls in 20 minutes");
}

pub(crate) async fn detective_failing_leaves_guarddutys_result(scene: &Scene<'_>) -> Outcome {
    let test = EnginesTest::new(scene).await?;
    test.set_detective_scenario_for_all("high");
    let principals = test.principals(4, 8.0);
    for principal in &principals {
        test.set_guardduty_scenario(principal, guardduty_high(EndsWhen::AfterChecks(3)));
    }
    let [denied, throttled, hidden, failed] = principals.as_slice() else { unreachable!() };
    let fault = |operation, kind, principal: &TestPrincipal| {
        test.cloud.simulator().add_fault(ApiFault::new(operation, kind).times(ALWAYS).with_entity(&principal.subject));
    };
    fault("StartInvestigation", FaultKind::AccessDenied, denied);
    fault("StartInvestigation", FaultKind::Throttle, throttled);
    fault("GetInvestigation", FaultKind::AccessDenied, hidden);
    test.set_detective_scenario(failed, Scenario { ends: EndsWhen::AfterChecks(1), ..Scenario::named("failed")? });
    test.send(&principals).await?;
    for (principal, error, status) in [
        (denied, "DetectiveAccessDenied", "FAILED"),
        (throttled, "DetectiveThrottled", "FAILED"),
        (hidden, "DetectiveAccessDenied", "FAILED"),
        (failed, "InvestigationFailed", "SUCCEEDED"),
    ] {
        let (alerted, execution) = test.wait_for_alerted_case_any_status(&principal.subject).await?;
        assert_eq!(execution["status"], status, "only errors that an operator has to fix fail the execution: {error}");
        assert_eq!(alerted.alert.not_investigated.as_ref().unwrap().error.as_str(), error);
        assert_eq!(alerted.alert.cause, AlertCause::NotInvestigated);
        assert_eq!(alerted.guardduty_result().risk_level.to_string(), "High");
        assert_eq!(test.investigations_of(principal).await?.len(), 1, "{error}");
    }
    assert_eq!(test.budget().await?.slots.len(), 4);
    Ok(())
}

pub(crate) async fn guardduty_failing_leaves_detectives_result(scene: &Scene<'_>) -> Outcome {
    let test = EnginesTest::new(scene).await?;
    test.set_detective_scenario_for_all("high");
    let principals = test.principals(4, 8.0);
    for principal in &principals {
        test.set_guardduty_scenario(principal, guardduty_high(EndsWhen::AfterChecks(2)));
    }
    let [throttled, broken, cut, denied] = principals.as_slice() else { unreachable!() };
    for (principal, kind, times) in [
        (throttled, FaultKind::Throttle, 5),
        (broken, FaultKind::Internal, 5),
        (cut, FaultKind::Truncate, 5),
        (denied, FaultKind::AccessDenied, ALWAYS),
    ] {
        let fault = ApiFault::new("guardduty:GetInvestigation", kind).times(times).for_finding(principal.id());
        test.cloud.simulator().add_fault(fault);
    }
    test.send(&principals).await?;
    for principal in [throttled, broken, cut] {
        let alerted = test.wait_for_alerted_case(principal).await?;
        alerted.assert_detective_result();
        assert_eq!(alerted.guardduty_result().risk_level.to_string(), "High");
        let failed =
            test.calls_about("guardduty", "GetInvestigation", principal).iter().filter(|it| it.error.is_some()).count();
        assert_eq!(failed, 5);
    }
    let alerted = test.wait_for_alerted_case(denied).await?;
    alerted.assert_detective_result();
    assert!(
        matches!(alerted.alert.guardduty, Some(GuardDutyInvestigation::ReadFailed { .. })),
        "{:?}",
        alerted.alert.guardduty
    );
    alerted.assert_reason_shown();
    assert_eq!(
        test.budget().await?.slots.len(),
        4,
        "the denied read must not release the slot of a running investigation"
    );
    Ok(())
}

pub(crate) async fn the_second_engine_adds_no_state_transition(scene: &Scene<'_>) -> Outcome {
    let test = EnginesTest::new(scene).await?;
    let [mut without, with] = ["a", "b"].map(|tag| test.principal(tag, 8.0));
    without.finding["region"] = json!(OTHER_REGION); // GuardDuty cannot investigate in this Region
    for principal in [&without, &with] {
        test.set_detective_scenario(principal, detective_high(EndsWhen::AfterChecks(4))?);
    }
    test.set_guardduty_scenario(&with, guardduty_high(EndsWhen::AfterChecks(3)));
    test.send(&[without.clone(), with.clone()]).await?;
    let (without, with) = (test.wait_for_alerted_case(&without).await?, test.wait_for_alerted_case(&with).await?);
    assert!(matches!(without.not_requested_reason(), NotRequestedReason::UnsupportedRegion { .. }));
    assert_eq!(with.guardduty_result().risk_level.to_string(), "High");
    let (without, with) =
        (entered_states(&test, &without.case.case_id).await?, entered_states(&test, &with.case.case_id).await?);
    assert!(without.len() > 12, "{without:?}");
    assert_eq!(without, with);
    Ok(())
}

/// The names of the states that an execution entered, in order.
async fn entered_states(test: &EnginesTest<'_>, case_id: &str) -> Result<Vec<String>, BoxError> {
    let history = test.cloud.history(case_id).await?;
    let names = history.iter().filter_map(|it| it["stateEnteredEventDetails"]["name"].as_str());
    Ok(names.map(str::to_owned).collect())
}
