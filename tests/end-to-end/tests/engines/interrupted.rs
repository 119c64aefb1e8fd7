//! Answers that are lost and functions that die on the way to an investigation: there is one, in one slot.

use crate::results::says;
use crate::scene::{Outcome, Scene};
use crate::setup::{AlertedCase, BoxError, EnginesTest, TestPrincipal, text};
use gumshoe_alerts::message::NotRequestedReason;
use local_cloud::{FaultInjector, ProxiedCall, ProxyFault};
use serde_json::Value;
use simulator::{ApiFault, Confidence, FaultKind, RiskLevel};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Sends a role's finding, after which there is one investigation more, in one slot more, which the case has.
async fn one_investigation(stage: &EnginesTest<'_>, principal: &TestPrincipal) -> Result<AlertedCase, BoxError> {
    let slots = stage.budget().await?.slots.len();
    stage.set_guardduty_scenario(principal, says(RiskLevel::High, Confidence::High));
    stage.send(std::slice::from_ref(principal)).await?;
    let told = stage.wait_for_alerted_case(principal).await?;
    told.assert_detective_result();
    let there = stage.investigations_of(principal).await?;
    assert_eq!(there.len(), 1, "{there:?}");
    assert_eq!(told.guardduty_result().investigation_id, text(&there[0], "investigation_id"));
    assert!(!told.guardduty_result().is_reused);
    let now = stage.budget().await?.slots;
    assert_eq!(now.len(), slots + 1, "{now:?}");
    let own = now.iter().find(|slot| slot.prompt.as_deref() == Some(&principal.prompt())).unwrap();
    assert_eq!(own.investigation_id.as_deref(), Some(told.guardduty_result().investigation_id.as_str()));
    Ok(told)
}

pub(crate) async fn a_lost_response_is_retried_with_the_same_token(scene: &Scene<'_>) -> Outcome {
    let stage = EnginesTest::new(scene).await?;
    stage.set_detective_scenario_for_all("high");
    for (tag, fault) in [
        ("a", ApiFault::new("CreateInvestigation", FaultKind::Drop).after_work()),
        ("b", ApiFault::new("CreateInvestigation", FaultKind::Truncate)),
        ("c", ApiFault::new("CreateInvestigation", FaultKind::Drop)),
    ] {
        let principal = stage.principal(tag, 9.0);
        stage.cloud.simulator().add_fault(fault.for_finding(principal.id()));
        one_investigation(&stage, &principal).await?;
        let calls = stage.calls_about("guardduty", "CreateInvestigation", &principal);
        assert_eq!(calls.len(), 2, "{calls:?}");
    }
    Ok(())
}

pub(crate) async fn a_response_that_never_arrives_keeps_the_slot(scene: &Scene<'_>) -> Outcome {
    let stage = EnginesTest::new(scene).await?;
    stage.set_detective_scenario_for_all("high");
    let principal = stage.principal("a", 9.0);
    let lost =
        ApiFault::new("CreateInvestigation", FaultKind::Drop).after_work().times(100).for_finding(principal.id());
    stage.cloud.simulator().add_fault(lost);
    stage.send(std::slice::from_ref(&principal)).await?;
    let told = stage.wait_for_alerted_case(&principal).await?;
    told.assert_detective_result();
    told.assert_reason_shown();
    assert!(
        matches!(told.not_requested_reason(), NotRequestedReason::Failed { .. }),
        "{:?}",
        told.not_requested_reason()
    );
    assert_eq!(stage.investigations_of(&principal).await?.len(), 1, "GuardDuty has it all the same");
    let slots = stage.budget().await?.slots;
    assert_eq!(slots.len(), 1, "and it counts: {slots:?}");
    Ok(())
}

/// Kills the function at the nth call that fits.
struct Kills {
    at: u32,
    how: ProxyFault,
    fits: Box<dyn Fn(&ProxiedCall) -> bool + Send + Sync>,
    seen: AtomicU32,
}

impl FaultInjector for Kills {
    fn fault_for(&self, call: &ProxiedCall) -> Option<ProxyFault> {
        let fits = call.operation == "UpdateItem" && (self.fits)(call);
        (fits && self.seen.fetch_add(1, Ordering::SeqCst) + 1 == self.at).then_some(self.how)
    }

    fn observe(&self, _: &ProxiedCall, _: Option<ProxyFault>, _: Option<u16>) {}
}

/// The subject of the item that a call writes.
fn written(call: &ProxiedCall) -> String {
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    text(&body["Key"]["subject"], "S")
}

pub(crate) async fn a_function_killed_during_the_request_requests_one_investigation_in_one_slot(
    scene: &Scene<'_>,
) -> Outcome {
    let stage = EnginesTest::new(scene).await?;
    stage.set_detective_scenario_for_all("high");
    for (tag, at, how, creates) in [
        ("a", 1, ProxyFault::KillBefore, 1), // before the slot is taken
        ("b", 1, ProxyFault::KillAfter, 1),  // between taking the slot and asking
        ("c", 2, ProxyFault::KillBefore, 2), // after asking, before the answer is written down
        ("d", 2, ProxyFault::KillAfter, 1),  // after that
    ] {
        killed_once(&stage, tag, creates, at, how, |call, _| written(call) == "guardduty").await?;
    }
    // When the case is to be told of it: Detective's investigation is noted first.
    for (tag, how) in [("e", ProxyFault::KillBefore), ("f", ProxyFault::KillAfter)] {
        let notes = |call: &ProxiedCall, subject: &str| {
            written(call) == subject && String::from_utf8_lossy(&call.body).contains("ASKED")
        };
        killed_once(&stage, tag, 1, 1, how, notes).await?;
    }
    assert_eq!(stage.investigations().await?.len(), 6);
    Ok(())
}

async fn killed_once(
    stage: &EnginesTest<'_>,
    tag: &str,
    creates: usize,
    at: u32,
    how: ProxyFault,
    fits: fn(&ProxiedCall, &str) -> bool,
) -> Outcome {
    let principal = stage.principal(tag, 9.0);
    let subject = principal.subject.clone();
    let fits = Box::new(move |call: &ProxiedCall| fits(call, &subject));
    let kills = Arc::new(Kills { at, how, fits, seen: AtomicU32::default() });
    stage.cloud.proxy().set_fault_injector(kills.clone());
    let told = one_investigation(stage, &principal).await?;
    assert!(kills.seen.load(Ordering::SeqCst) >= at, "{tag}: nothing was killed");
    let history = stage.cloud.history(&told.case.case_id).await?;
    let deaths = history.iter().filter(|event| event.to_string().contains("Runtime.ExitError")).count();
    assert_eq!(deaths, 1, "{tag}: {history:?}");
    let calls = stage.calls_about("guardduty", "CreateInvestigation", &principal);
    assert_eq!(calls.len(), creates, "{tag}: {calls:?}");
    assert_eq!(stage.calls_about("detective", "StartInvestigation", &principal).len(), 1, "{tag}");
    Ok(())
}
