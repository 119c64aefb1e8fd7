//! What GuardDuty allows is never exceeded, and whoever gets no slot is told so.

use crate::results::says;
use crate::scene::{Outcome, Scene};
use crate::setup::{BoxError, EnginesTest, TestPrincipal};
use gumshoe_alerts::message::{NotRequestedReason, QuotaExhausted};
use gumshoe_domain::guardduty::{DAILY_QUOTA, QuotaBudget, QuotaSlot, TOTAL_QUOTA};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use simulator::{Confidence, RiskLevel, Snapshot};
use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

/// A day of virtual time.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Has cases opened, all at once, and gives how many have GuardDuty's result; the others say that no slot was left. All
/// have Detective's.
async fn with_result(
    stage: &EnginesTest<'_>,
    principals: &[TestPrincipal],
    full: QuotaExhausted,
) -> Result<usize, BoxError> {
    stage.send(principals).await?;
    let mut asked = BTreeSet::new();
    for principal in principals {
        let told = stage.wait_for_alerted_case(principal).await?;
        told.assert_detective_result();
        if let Some(completed) = told.alert.guardduty.as_ref().and_then(|it| it.completed()) {
            assert!(asked.insert(completed.investigation_id.clone()), "each has its own");
        } else {
            assert_eq!(told.not_requested_reason(), &NotRequestedReason::NoSlot { full }, "{}", principal.subject);
            told.assert_reason_shown();
        }
    }
    Ok(asked.len())
}

pub(crate) async fn thirty_concurrent_cases_get_ten_slots(scene: &Scene<'_>) -> Outcome {
    let stage = EnginesTest::new(scene).await?;
    stage.set_detective_scenario_for_all("high");
    let principals = stage.principals(30, 9.0);
    assert_eq!(with_result(&stage, &principals, QuotaExhausted::Daily { limit: DAILY_QUOTA }).await?, DAILY_QUOTA);
    let (investigations, budget) = (stage.investigations().await?, stage.budget().await?);
    assert_eq!((investigations.len(), budget.slots.len()), (DAILY_QUOTA, DAILY_QUOTA));
    let there: BTreeSet<&str> = investigations.iter().filter_map(|it| it["investigation_id"].as_str()).collect();
    let noted: BTreeSet<&str> = budget.slots.iter().filter_map(|it| it.investigation_id.as_deref()).collect();
    assert_eq!(there, noted);
    let journal = stage.cloud.simulator().journal();
    let refused = journal.iter().filter(|it| it.operation == "CreateInvestigation" && it.error.is_some());
    assert_eq!(refused.count(), 0, "nobody asks whom GuardDuty would have to refuse");
    Ok(())
}

pub(crate) async fn the_last_slots_of_a_day_are_for_critical_findings(scene: &Scene<'_>) -> Outcome {
    let stage = EnginesTest::new(scene).await?;
    stage.set_detective_scenario_for_all("high");
    let all = stage.principals(13, 8.9);
    let kept = QuotaExhausted::ReservedForCritical { reserved: 3, limit: DAILY_QUOTA };
    let (first, rest) = all.split_at(7);
    assert_eq!(with_result(&stage, first, kept).await?, 7);
    let (refused, critical) = rest.split_at(2);
    assert_eq!(with_result(&stage, refused, kept).await?, 0);
    let mut critical = critical.to_vec();
    critical.iter_mut().for_each(|principal| principal.finding["severity"] = json!(9.0));
    let (last, too_late) = critical.split_at(3);
    assert_eq!(with_result(&stage, last, kept).await?, 3);
    assert_eq!(with_result(&stage, too_late, QuotaExhausted::Daily { limit: DAILY_QUOTA }).await?, 0);
    assert_eq!(stage.investigations().await?.len(), DAILY_QUOTA);
    Ok(())
}

pub(crate) async fn manually_requested_investigations_count(scene: &Scene<'_>) -> Outcome {
    let stage = EnginesTest::new(scene).await?;
    stage.set_detective_scenario_for_all("high");
    for number in 0..4 {
        stage.request_manually(number).await?;
    }
    let principals = stage.principals(9, 9.0);
    assert_eq!(with_result(&stage, &principals, QuotaExhausted::Daily { limit: DAILY_QUOTA }).await?, 6);
    assert_eq!(stage.investigations().await?.len(), DAILY_QUOTA);
    let budget = stage.budget().await?;
    assert_eq!(budget.slots.iter().filter(|slot| slot.token.is_none()).count(), 4);
    assert!(!serde_json::to_string(&budget)?.contains("what happened"), "what people ask is not kept");
    Ok(())
}

pub(crate) async fn the_total_quota_is_a_hundred_investigations(scene: &Scene<'_>) -> Outcome {
    let stage = EnginesTest::new(scene).await?;
    let simulator = stage.cloud.simulator();
    for number in 0..TOTAL_QUOTA {
        stage.request_manually(number).await?;
        if number % DAILY_QUOTA == DAILY_QUOTA - 1 {
            simulator.advance_clock(DAY);
        }
    }
    // Those ten days are over.
    simulator.restore(&earlier(&simulator.snapshot()?, SignedDuration::from_hours(12 * 24))?)?;
    simulator.advance_clock(2 * DAY);
    stage.set_detective_scenario_for_all("high");
    let principals = stage.principals(2, 9.0);
    assert_eq!(with_result(&stage, &principals, QuotaExhausted::Total { limit: TOTAL_QUOTA }).await?, 0);
    assert_eq!(stage.investigations().await?.len(), TOTAL_QUOTA);
    let now = Timestamp::try_from(SystemTime::now())?;
    let slots = stage.budget().await?.slots;
    assert!(
        slots.len() == TOTAL_QUOTA
            && slots.iter().all(|slot| now.duration_since(slot.last_requested_at).as_hours() >= 25)
    );
    Ok(())
}

/// A snapshot with all its times so much earlier.
fn earlier(snapshot: &Snapshot, by: SignedDuration) -> Result<Snapshot, BoxError> {
    let mut json = snapshot.json().clone();
    let moved = |time: &Value| -> Result<Value, BoxError> {
        let time: Timestamp = time.as_str().unwrap().parse()?;
        Ok(json!((time - by).to_string()))
    };
    json["clock"] = moved(&json["clock"])?;
    for (_, investigation) in json["guardduty"]["investigations"]["all"].as_object_mut().unwrap() {
        for name in ["created", "seen_running"] {
            investigation[name] = moved(&investigation[name])?;
        }
    }
    Ok(Snapshot::from_json(json.to_string().as_bytes())?)
}

pub(crate) async fn slots_of_deleted_investigations_are_free(scene: &Scene<'_>) -> Outcome {
    let stage = EnginesTest::new(scene).await?;
    stage.set_detective_scenario_for_all("high");
    let now = Timestamp::try_from(SystemTime::now())?;
    // GuardDuty has forgotten all of them, and nobody has looked for two hours.
    let at = now - SignedDuration::from_hours(30);
    let slot = |number: usize| QuotaSlot {
        token: Some(format!("gumshoe-{number}")),
        prompt: Some(format!("Investigate finding {number:032x} in account 111122223333")),
        last_requested_at: at,
        request_count: 1,
        investigation_id: Some(format!("00000000-0000-4000-8000-{number:012x}")),
    };
    let corrected_at = Some(now - SignedDuration::from_hours(2));
    stage.put_budget(&QuotaBudget { slots: (0..TOTAL_QUOTA).map(slot).collect(), reconciled_at: corrected_at }).await?;
    let principal = stage.principal("a", 5.0);
    stage.set_guardduty_scenario(&principal, says(RiskLevel::Low, Confidence::High));
    stage.send(std::slice::from_ref(&principal)).await?;
    assert_eq!(stage.wait_for_alerted_case(&principal).await?.guardduty_result().risk_level.to_string(), "Low");
    assert_eq!(stage.budget().await?.slots.len(), 1);
    Ok(())
}
