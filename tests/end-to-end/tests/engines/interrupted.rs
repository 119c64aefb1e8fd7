//! Answers that are lost and functions that die on the way to an investigation: there is one, in one slot.

use crate::results::says;
use crate::scene::{Outcome, Scene};
use crate::stage::{Actor, Anything, Stage, Told, text};
use gumshoe_alerts::message::NotRequestedReason;
use local_cloud::{FaultInjector, ProxiedCall, ProxyFault};
use serde_json::Value;
use simulator::{ApiFault, Confidence, FaultKind, RiskLevel};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Sends a role's finding, after which there is one investigation more, in one slot more, which the case has.
async fn one_investigation(stage: &Stage<'_>, actor: &Actor) -> Result<Told, Anything> {
    let slots = stage.budget().await?.slots.len();
    stage.guardduty_says(actor, says(RiskLevel::High, Confidence::High));
    stage.send(std::slice::from_ref(actor)).await?;
    let told = stage.told(actor).await?;
    told.has_detectives_result();
    let there = stage.investigations_of(actor).await?;
    assert_eq!(there.len(), 1, "{there:?}");
    assert_eq!(told.completed().investigation_id, text(&there[0], "investigation_id"));
    assert!(!told.completed().is_reused);
    let now = stage.budget().await?.slots;
    assert_eq!(now.len(), slots + 1, "{now:?}");
    let own = now.iter().find(|slot| slot.prompt.as_deref() == Some(&actor.prompt())).unwrap();
    assert_eq!(own.investigation_id.as_deref(), Some(told.completed().investigation_id.as_str()));
    Ok(told)
}

pub(crate) async fn a_lost_answer_is_asked_for_under_the_same_token(scene: &Scene<'_>) -> Outcome {
    let stage = Stage::set(scene).await?;
    stage.detective_finds_of_all("high");
    for (tag, fault) in [
        ("a", ApiFault::new("CreateInvestigation", FaultKind::Drop).after_work()),
        ("b", ApiFault::new("CreateInvestigation", FaultKind::Truncate)),
        ("c", ApiFault::new("CreateInvestigation", FaultKind::Drop)),
    ] {
        let actor = stage.actor(tag, 9.0);
        stage.cloud.simulator().add_fault(fault.for_finding(actor.id()));
        one_investigation(&stage, &actor).await?;
        let calls = stage.asked_of("guardduty", "CreateInvestigation", &actor);
        assert_eq!(calls.len(), 2, "{calls:?}");
    }
    Ok(())
}

pub(crate) async fn an_answer_that_never_comes_keeps_the_slot(scene: &Scene<'_>) -> Outcome {
    let stage = Stage::set(scene).await?;
    stage.detective_finds_of_all("high");
    let actor = stage.actor("a", 9.0);
    let lost = ApiFault::new("CreateInvestigation", FaultKind::Drop).after_work().times(100).for_finding(actor.id());
    stage.cloud.simulator().add_fault(lost);
    stage.send(std::slice::from_ref(&actor)).await?;
    let told = stage.told(&actor).await?;
    told.has_detectives_result();
    told.says_why();
    assert!(matches!(told.not_asked(), NotRequestedReason::Failed { .. }), "{:?}", told.not_asked());
    assert_eq!(stage.investigations_of(&actor).await?.len(), 1, "GuardDuty has it all the same");
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

pub(crate) async fn a_function_killed_while_asking_asks_for_one_investigation_in_one_slot(
    scene: &Scene<'_>,
) -> Outcome {
    let stage = Stage::set(scene).await?;
    stage.detective_finds_of_all("high");
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
    stage: &Stage<'_>,
    tag: &str,
    creates: usize,
    at: u32,
    how: ProxyFault,
    fits: fn(&ProxiedCall, &str) -> bool,
) -> Outcome {
    let actor = stage.actor(tag, 9.0);
    let subject = actor.subject.clone();
    let fits = Box::new(move |call: &ProxiedCall| fits(call, &subject));
    let kills = Arc::new(Kills { at, how, fits, seen: AtomicU32::default() });
    stage.cloud.proxy().set_fault_injector(kills.clone());
    let told = one_investigation(stage, &actor).await?;
    assert!(kills.seen.load(Ordering::SeqCst) >= at, "{tag}: nothing was killed");
    let history = stage.cloud.history(&told.case.case_id).await?;
    let deaths = history.iter().filter(|event| event.to_string().contains("Runtime.ExitError")).count();
    assert_eq!(deaths, 1, "{tag}: {history:?}");
    let calls = stage.asked_of("guardduty", "CreateInvestigation", &actor);
    assert_eq!(calls.len(), creates, "{tag}: {calls:?}");
    assert_eq!(stage.asked_of("detective", "StartInvestigation", &actor).len(), 1, "{tag}");
    Ok(())
}
