//! Lost responses and killed functions while an investigation is requested: exactly one investigation exists, in one slot.

use crate::results::rated;
use crate::scene::{Outcome, Scene};
use crate::setup::{AlertedCase, BoxError, EnginesTest, TestPrincipal, text};
use gumshoe_alerts::message::NotRequestedReason;
use local_cloud::{FaultInjector, ProxiedCall, ProxyFault};
use serde_json::Value;
use simulator::{ApiFault, Confidence, FaultKind, RiskLevel};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Sends a role's finding and checks that this adds exactly one investigation, in one slot, and that the case has its result.
async fn assert_one_investigation(test: &EnginesTest<'_>, principal: &TestPrincipal) -> Result<AlertedCase, BoxError> {
    let slots = test.budget().await?.slots.len();
    test.set_guardduty_scenario(principal, rated(RiskLevel::High, Confidence::High));
    test.send(std::slice::from_ref(principal)).await?;
    let alerted = test.wait_for_alerted_case(principal).await?;
    alerted.assert_detective_result();
    let there = test.investigations_of(principal).await?;
    assert_eq!(there.len(), 1, "{there:?}");
    assert_eq!(alerted.guardduty_result().investigation_id, text(&there[0], "investigation_id"));
    assert!(!alerted.guardduty_result().is_reused);
    let now = test.budget().await?.slots;
    assert_eq!(now.len(), slots + 1, "{now:?}");
    let own = now.iter().find(|slot| slot.prompt.as_deref() == Some(&principal.prompt())).unwrap();
    assert_eq!(own.investigation_id.as_deref(), Some(alerted.guardduty_result().investigation_id.as_str()));
    Ok(alerted)
}

pub(crate) async fn a_lost_response_is_retried_with_the_same_token(scene: &Scene<'_>) -> Outcome {
    let test = EnginesTest::new(scene).await?;
    test.set_detective_scenario_for_all("high");
    for (tag, fault) in [
        ("a", ApiFault::new("CreateInvestigation", FaultKind::Drop).after_work()),
        ("b", ApiFault::new("CreateInvestigation", FaultKind::Truncate)),
        ("c", ApiFault::new("CreateInvestigation", FaultKind::Drop)),
    ] {
        let principal = test.principal(tag, 9.0);
        test.cloud.simulator().add_fault(fault.for_finding(principal.id()));
        assert_one_investigation(&test, &principal).await?;
        let calls = test.calls_about("guardduty", "CreateInvestigation", &principal);
        assert_eq!(calls.len(), 2, "{calls:?}");
    }
    Ok(())
}

pub(crate) async fn a_response_that_never_arrives_keeps_the_slot(scene: &Scene<'_>) -> Outcome {
    let test = EnginesTest::new(scene).await?;
    test.set_detective_scenario_for_all("high");
    let principal = test.principal("a", 9.0);
    let lost =
        ApiFault::new("CreateInvestigation", FaultKind::Drop).after_work().times(100).for_finding(principal.id());
    test.cloud.simulator().add_fault(lost);
    test.send(std::slice::from_ref(&principal)).await?;
    let alerted = test.wait_for_alerted_case(&principal).await?;
    alerted.assert_detective_result();
    alerted.assert_reason_shown();
    assert!(
        matches!(alerted.not_requested_reason(), NotRequestedReason::Failed { .. }),
        "{:?}",
        alerted.not_requested_reason()
    );
    assert_eq!(test.investigations_of(&principal).await?.len(), 1, "GuardDuty created it although no response arrived");
    let slots = test.budget().await?.slots;
    assert_eq!(slots.len(), 1, "its slot stays taken: {slots:?}");
    Ok(())
}

/// Kills the function at the call number `at` (from 1) of those that match.
struct KillAtCall {
    at: u32,
    fault: ProxyFault,
    fits: Box<dyn Fn(&ProxiedCall) -> bool + Send + Sync>,
    seen: AtomicU32,
}

impl FaultInjector for KillAtCall {
    fn fault_for(&self, call: &ProxiedCall) -> Option<ProxyFault> {
        let fits = call.operation == "UpdateItem" && (self.fits)(call);
        (fits && self.seen.fetch_add(1, Ordering::SeqCst) + 1 == self.at).then_some(self.fault)
    }

    fn observe(&self, _: &ProxiedCall, _: Option<ProxyFault>, _: Option<u16>) {}
}

/// The subject of the item that a call writes.
fn written_subject(call: &ProxiedCall) -> String {
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    text(&body["Key"]["subject"], "S")
}

pub(crate) async fn a_function_killed_during_the_request_requests_one_investigation_in_one_slot(
    scene: &Scene<'_>,
) -> Outcome {
    let test = EnginesTest::new(scene).await?;
    test.set_detective_scenario_for_all("high");
    for (tag, at, fault, creates) in [
        ("a", 1, ProxyFault::KillBefore, 1), // before the slot is taken
        ("b", 1, ProxyFault::KillAfter, 1),  // after the slot is taken, before the request
        ("c", 2, ProxyFault::KillBefore, 2), // after the request, before its ID is recorded
        ("d", 2, ProxyFault::KillAfter, 1),  // after its ID is recorded
    ] {
        killed_once(&test, tag, creates, at, fault, |call, _| written_subject(call) == "guardduty").await?;
    }
    // While the request is recorded in the case. Detective's investigation is recorded before it.
    for (tag, fault) in [("e", ProxyFault::KillBefore), ("f", ProxyFault::KillAfter)] {
        let records = |call: &ProxiedCall, subject: &str| {
            written_subject(call) == subject && String::from_utf8_lossy(&call.body).contains("ASKED")
        };
        killed_once(&test, tag, 1, 1, fault, records).await?;
    }
    assert_eq!(test.investigations().await?.len(), 6);
    Ok(())
}

async fn killed_once(
    test: &EnginesTest<'_>,
    tag: &str,
    creates: usize,
    at: u32,
    fault: ProxyFault,
    fits: fn(&ProxiedCall, &str) -> bool,
) -> Outcome {
    let principal = test.principal(tag, 9.0);
    let subject = principal.subject.clone();
    let fits = Box::new(move |call: &ProxiedCall| fits(call, &subject));
    let kills = Arc::new(KillAtCall { at, fault, fits, seen: AtomicU32::default() });
    test.cloud.proxy().set_fault_injector(kills.clone());
    let alerted = assert_one_investigation(test, &principal).await?;
    assert!(kills.seen.load(Ordering::SeqCst) >= at, "{tag}: nothing was killed");
    let history = test.cloud.history(&alerted.case.case_id).await?;
    let deaths = history.iter().filter(|event| event.to_string().contains("Runtime.ExitError")).count();
    assert_eq!(deaths, 1, "{tag}: {history:?}");
    let calls = test.calls_about("guardduty", "CreateInvestigation", &principal);
    assert_eq!(calls.len(), creates, "{tag}: {calls:?}");
    assert_eq!(test.calls_about("detective", "StartInvestigation", &principal).len(), 1, "{tag}");
    Ok(())
}
