//! GuardDuty's investigation in addition to Detective's.

use super::*;
use gumshoe_domain::guardduty::{BudgetWrite, QuotaBudget, QuotaSlot};
use simulator::{FindingScenario, GuardDutyOutcome};
use testkit::now;

const ID: &str = "1ab2c3d4e5f6a7b8c9d0e1f2a3b4c5d6";

/// A case with a finished Detective investigation and a requested GuardDuty investigation, and the latter's id.
async fn with_both(scene: &Scene, ends: EndsWhen, outcome: GuardDutyOutcome) -> (CaseKey, String) {
    scene.simulator.add_finding_scenario(FindingScenario { ends, outcome, ..FindingScenario::default() });
    let key = investigated(scene, "high", EndsWhen::AfterChecks(0)).await;
    let open = scene.request_guardduty(&key, ID).await;
    (key, open.id)
}

fn slot(investigation_id: &str) -> QuotaSlot {
    QuotaSlot {
        token: None,
        prompt: None,
        last_requested_at: now(),
        request_count: 1,
        investigation_id: Some(investigation_id.to_owned()),
    }
}

async fn slots(scene: &Scene) -> Vec<QuotaSlot> {
    scene.cases.table().budget().await.unwrap().unwrap().1.slots
}

async fn reserve_slots(scene: &Scene, slots: Vec<QuotaSlot>) {
    let expected = scene.cases.table().budget().await.unwrap().map(|(version, _)| version);
    let budget = QuotaBudget { slots, reconciled_at: None };
    assert!(scene.cases.table().write_budget(&BudgetWrite { expected_version: expected, budget }).await.unwrap());
}

#[tokio::test]
async fn a_result_of_detective_waits_for_guardduty_up_to_the_deadline() {
    let scene = Scene::new();
    let (key, id) = with_both(&scene, EndsWhen::Manually, GuardDutyOutcome::Completed).await;
    assert_eq!(poll(&scene, &key, 1).await.unwrap(), running(10));
    assert_eq!(poll(&scene, &key, 3).await.unwrap(), Output::Successful, "the deadline applies to both");
    scene.simulator.end_guardduty_investigation(&id, GuardDutyOutcome::Completed).unwrap();
    assert_eq!(poll(&scene, &key, 1).await.unwrap(), Output::Successful);
}

#[tokio::test]
async fn a_known_reason_is_passed_on_while_guardduty_runs() {
    let scene = Scene::new();
    let (key, _) = with_both(&scene, EndsWhen::Never, GuardDutyOutcome::Completed).await;
    scene.simulator.add_fault(ApiFault::new("GetInvestigation", FaultKind::AccessDenied));
    let Output::Running { wait_seconds: 10, not_investigated: Some(why) } = poll(&scene, &key, 1).await.unwrap() else {
        panic!()
    };
    assert_eq!(why.error.as_str(), "DetectiveAccessDenied");
    let input = Input { case: key, poll: 2, not_investigated: Some(why.clone()) };
    let output = handle(&app(&scene), input).await.unwrap();
    assert_eq!(output, Output::Running { wait_seconds: 5, not_investigated: Some(why) });
    assert_eq!(
        scene
            .simulator
            .journal()
            .iter()
            .filter(|it| it.service == "detective" && it.operation == "GetInvestigation")
            .count(),
        1
    );
}

#[tokio::test]
async fn throttling_of_detective_is_ignored_while_guardduty_is_polled_again() {
    let scene = Scene::new();
    let (key, id) = with_both(&scene, EndsWhen::Manually, GuardDutyOutcome::Completed).await;
    scene.simulator.add_fault(ApiFault::new("GetInvestigation", FaultKind::Throttle).times(2));
    assert_eq!(poll(&scene, &key, 1).await.unwrap(), running(10));
    scene.simulator.end_guardduty_investigation(&id, GuardDutyOutcome::Completed).unwrap();
    assert_eq!(poll(&scene, &key, 2).await.unwrap_err().error_name(), "DetectiveThrottled");
}

#[tokio::test]
async fn a_failed_guardduty_investigation_releases_its_slot() {
    let scene = Scene::new();
    let (key, id) = with_both(&scene, EndsWhen::AfterChecks(0), GuardDutyOutcome::Failed).await;
    reserve_slots(&scene, vec![slot(&id), slot("another")]).await;
    assert_eq!(poll(&scene, &key, 1).await.unwrap(), Output::Successful);
    let left: Vec<_> = slots(&scene).await.into_iter().filter_map(|slot| slot.investigation_id).collect();
    assert_eq!(left, ["another"]);
    let written = scene.aws.count("UpdateItem");
    assert_eq!(poll(&scene, &key, 2).await.unwrap(), Output::Successful);
    assert_eq!(scene.aws.count("UpdateItem"), written, "the slot was released before");
}

#[tokio::test]
async fn a_slot_is_released_despite_a_concurrent_write_of_the_budget() {
    let scene = Scene::new();
    let (key, id) = with_both(&scene, EndsWhen::AfterChecks(0), GuardDutyOutcome::Failed).await;
    reserve_slots(&scene, vec![slot(&id)]).await;
    let (table, taken) = (scene.cases.table(), vec![slot(&id), slot("of another case")]);
    scene.aws.before_next_write_of("budget", move || async move {
        let expected = table.budget().await.unwrap().map(|(version, _)| version);
        let budget = QuotaBudget { slots: taken, reconciled_at: None };
        assert!(table.write_budget(&BudgetWrite { expected_version: expected, budget }).await.unwrap());
    });
    assert_eq!(poll(&scene, &key, 1).await.unwrap(), Output::Successful);
    let left: Vec<_> = slots(&scene).await.into_iter().filter_map(|slot| slot.investigation_id).collect();
    assert_eq!(left, ["of another case"]);
}

#[tokio::test]
async fn a_transient_error_counts_as_running_and_a_denied_call_as_ended() {
    let scene = Scene::new();
    let (key, _) = with_both(&scene, EndsWhen::AfterChecks(0), GuardDutyOutcome::Completed).await;
    // The SDK retries GuardDuty's calls: three attempts.
    scene.simulator.add_fault(ApiFault::new("guardduty:GetInvestigation", FaultKind::Internal).times(3));
    assert_eq!(poll(&scene, &key, 1).await.unwrap(), running(10));
    scene.simulator.add_fault(ApiFault::new("guardduty:GetInvestigation", FaultKind::AccessDenied));
    assert_eq!(poll(&scene, &key, 1).await.unwrap(), Output::Successful);
}

#[tokio::test]
async fn a_case_with_a_guardduty_investigation_only_ends_with_it() {
    let scene = Scene::new();
    scene
        .simulator
        .add_finding_scenario(FindingScenario { ends: EndsWhen::AfterChecks(1), ..FindingScenario::default() });
    let key = scene.open_or_join(&finding_without_principal(ID)).await;
    scene.request_guardduty(&key, ID).await;
    let no_principal = NotInvestigated::new("NothingToInvestigate", "no principal");
    for (number, expected) in [
        (1, Output::Running { wait_seconds: 10, not_investigated: Some(no_principal.clone()) }),
        (2, Output::NoResult { not_investigated: no_principal.clone() }),
    ] {
        let input = Input { case: key.clone(), poll: number, not_investigated: Some(no_principal.clone()) };
        assert_eq!(handle(&app(&scene), input).await.unwrap(), expected);
    }
}
