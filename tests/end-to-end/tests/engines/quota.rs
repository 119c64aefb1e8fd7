//! GuardDuty's quotas are never exceeded, and the alert of a case without a slot says so.

use crate::results::rated;
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

/// Opens a case for each principal concurrently and returns how many have GuardDuty's result. Checks that the others name the
/// exhausted quota, and that all have Detective's result.
async fn result_count(
    test: &EnginesTest<'_>,
    principals: &[TestPrincipal],
    full: QuotaExhausted,
) -> Result<usize, BoxError> {
    test.send(principals).await?;
    let mut ids = BTreeSet::new();
    for principal in principals {
        let alerted = test.wait_for_alerted_case(principal).await?;
        alerted.assert_detective_result();
        if let Some(completed) = alerted.alert.guardduty.as_ref().and_then(|it| it.completed()) {
            assert!(ids.insert(completed.investigation_id.clone()), "two cases have the same investigation");
        } else {
            assert_eq!(alerted.not_requested_reason(), &NotRequestedReason::NoSlot { full }, "{}", principal.subject);
            alerted.assert_reason_shown();
        }
    }
    Ok(ids.len())
}

pub(crate) async fn thirty_concurrent_cases_get_ten_slots(scene: &Scene<'_>) -> Outcome {
    let test = EnginesTest::new(scene).await?;
    test.set_detective_scenario_for_all("high");
    let principals = test.principals(30, 9.0);
    assert_eq!(result_count(&test, &principals, QuotaExhausted::Daily { limit: DAILY_QUOTA }).await?, DAILY_QUOTA);
    let (investigations, budget) = (test.investigations().await?, test.budget().await?);
    assert_eq!((investigations.len(), budget.slots.len()), (DAILY_QUOTA, DAILY_QUOTA));
    let there: BTreeSet<&str> = investigations.iter().filter_map(|it| it["investigation_id"].as_str()).collect();
    let recorded: BTreeSet<&str> = budget.slots.iter().filter_map(|it| it.investigation_id.as_deref()).collect();
    assert_eq!(there, recorded);
    let journal = test.cloud.simulator().journal();
    let refused = journal.iter().filter(|it| it.operation == "CreateInvestigation" && it.error.is_some());
    assert_eq!(refused.count(), 0, "no request was rejected by GuardDuty for its quota");
    Ok(())
}

pub(crate) async fn the_last_slots_of_a_day_are_for_critical_findings(scene: &Scene<'_>) -> Outcome {
    let test = EnginesTest::new(scene).await?;
    test.set_detective_scenario_for_all("high");
    let all = test.principals(13, 8.9);
    let reserved = QuotaExhausted::ReservedForCritical { reserved: 3, limit: DAILY_QUOTA };
    let (first, rest) = all.split_at(7);
    assert_eq!(result_count(&test, first, reserved).await?, 7);
    let (refused, critical) = rest.split_at(2);
    assert_eq!(result_count(&test, refused, reserved).await?, 0);
    let mut critical = critical.to_vec();
    critical.iter_mut().for_each(|principal| principal.finding["severity"] = json!(9.0));
    let (last, too_late) = critical.split_at(3);
    assert_eq!(result_count(&test, last, reserved).await?, 3);
    assert_eq!(result_count(&test, too_late, QuotaExhausted::Daily { limit: DAILY_QUOTA }).await?, 0);
    assert_eq!(test.investigations().await?.len(), DAILY_QUOTA);
    Ok(())
}

pub(crate) async fn manually_requested_investigations_count(scene: &Scene<'_>) -> Outcome {
    let test = EnginesTest::new(scene).await?;
    test.set_detective_scenario_for_all("high");
    for number in 0..4 {
        test.request_manually(number).await?;
    }
    let principals = test.principals(9, 9.0);
    assert_eq!(result_count(&test, &principals, QuotaExhausted::Daily { limit: DAILY_QUOTA }).await?, 6);
    assert_eq!(test.investigations().await?.len(), DAILY_QUOTA);
    let budget = test.budget().await?;
    assert_eq!(budget.slots.iter().filter(|slot| slot.token.is_none()).count(), 4);
    assert!(!serde_json::to_string(&budget)?.contains("what happened"), "the prompt of a manual request is not stored");
    Ok(())
}

pub(crate) async fn the_total_quota_is_a_hundred_investigations(scene: &Scene<'_>) -> Outcome {
    let test = EnginesTest::new(scene).await?;
    let simulator = test.cloud.simulator();
    for number in 0..TOTAL_QUOTA {
        test.request_manually(number).await?;
        if number % DAILY_QUOTA == DAILY_QUOTA - 1 {
            simulator.advance_clock(DAY);
        }
    }
    // Move the investigations into the past, so that only the total quota is exhausted.
    simulator.restore(&earlier(&simulator.snapshot()?, SignedDuration::from_hours(12 * 24))?)?;
    simulator.advance_clock(2 * DAY);
    test.set_detective_scenario_for_all("high");
    let principals = test.principals(2, 9.0);
    assert_eq!(result_count(&test, &principals, QuotaExhausted::Total { limit: TOTAL_QUOTA }).await?, 0);
    assert_eq!(test.investigations().await?.len(), TOTAL_QUOTA);
    let now = Timestamp::try_from(SystemTime::now())?;
    let slots = test.budget().await?.slots;
    assert!(
        slots.len() == TOTAL_QUOTA
            && slots.iter().all(|slot| now.duration_since(slot.last_requested_at).as_hours() >= 25)
    );
    Ok(())
}

/// The snapshot with all timestamps moved into the past by that duration.
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
    let test = EnginesTest::new(scene).await?;
    test.set_detective_scenario_for_all("high");
    let now = Timestamp::try_from(SystemTime::now())?;
    // GuardDuty has deleted all of them, and the budget was reconciled two hours ago.
    let requested_at = now - SignedDuration::from_hours(30);
    let slot = |number: usize| QuotaSlot {
        token: Some(format!("gumshoe-{number}")),
        prompt: Some(format!("Investigate finding {number:032x} in account 111122223333")),
        last_requested_at: requested_at,
        request_count: 1,
        investigation_id: Some(format!("00000000-0000-4000-8000-{number:012x}")),
    };
    let reconciled_at = Some(now - SignedDuration::from_hours(2));
    test.put_budget(&QuotaBudget { slots: (0..TOTAL_QUOTA).map(slot).collect(), reconciled_at }).await?;
    let principal = test.principal("a", 5.0);
    test.set_guardduty_scenario(&principal, rated(RiskLevel::Low, Confidence::High));
    test.send(std::slice::from_ref(&principal)).await?;
    assert_eq!(test.wait_for_alerted_case(&principal).await?.guardduty_result().risk_level.to_string(), "Low");
    assert_eq!(test.budget().await?.slots.len(), 1);
    Ok(())
}
