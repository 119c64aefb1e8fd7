//! Two concurrent runs, of which one records notified issues between the other's reading of the graph and its decision.

use super::*;
use std::sync::Arc;

/// A graph with one member, about which people have not been notified of anything.
async fn scene_with_member() -> Scene {
    let scene = Scene::new(&document_with(&listed_accounts(1..=1)));
    scene.apply().await;
    set_status(&scene.simulator, SimulatedStatus::Enabled);
    assert!(scene.plan().await.health.issues.is_empty());
    scene
}

fn set_status(simulator: &simulator::Simulator, status: SimulatedStatus) {
    let reason = (status == SimulatedStatus::AcceptedButDisabled).then_some(DisabledReason::VolumeTooHigh);
    simulator.set_member(own_graph(), &id(1), status, reason).unwrap();
}

/// Starts a run. Each time that it has read the graph, the member gets the next status and a second run does all of its work; then
/// the first run decides.
async fn run_overtaken(scene: &Scene, statuses: &[SimulatedStatus]) -> Result<RunReport, RunError> {
    let readings = |simulator: &simulator::Simulator| {
        simulator.journal().iter().filter(|entry| entry.operation == "ListMembers").count()
    };
    let mut earlier = readings(&scene.simulator);
    for status in statuses.iter().copied() {
        let (simulator, journal) = (Arc::clone(&scene.simulator), Arc::clone(&scene.simulator));
        let second_app = scene.second_app();
        scene.aws.before_next(
            move |call| call.operation == "GetItem" && readings(&journal) > earlier,
            move || async move {
                set_status(&simulator, status);
                handle(&second_app, json!({}), Timestamp::MAX, scene::now).await.unwrap();
            },
        );
        earlier += 2; // one of each run
    }
    let run = scene.run(json!({})).await;
    assert_eq!(scene.aws.unused_rule_count(), 0, "the second run took place");
    run
}

#[tokio::test]
async fn issue_notified_by_second_run_stays_recorded_after_slower_run() {
    let scene = scene_with_member().await;
    let output = run_overtaken(&scene, &[SimulatedStatus::AcceptedButDisabled]).await.unwrap();
    assert_eq!(scene.published().len(), 1, "the second run published a notice");
    assert_eq!(output.health.issues.len(), 1, "the slower run read the graph again");
    scene.plan().await;
    assert_eq!(scene.published().len(), 1, "the issue is still recorded as notified");
}

#[tokio::test]
async fn issue_resolved_before_second_run_is_not_notified_by_slower_run() {
    let scene = scene_with_member().await;
    set_status(&scene.simulator, SimulatedStatus::AcceptedButDisabled);
    scene.plan().await;
    assert_eq!(scene.published().len(), 1);
    let output = run_overtaken(&scene, &[SimulatedStatus::Enabled]).await.unwrap();
    assert!(output.health.issues.is_empty(), "{:?}", output.health);
    assert_eq!(scene.published().len(), 1, "the issue was notified once and is resolved");
    set_status(&scene.simulator, SimulatedStatus::AcceptedButDisabled);
    scene.plan().await;
    assert_eq!(scene.published().len(), 2, "it came back");
}

#[tokio::test]
async fn run_overtaken_at_each_reading_fails_and_is_retried() {
    let scene = scene_with_member().await;
    let statuses =
        [SimulatedStatus::AcceptedButDisabled, SimulatedStatus::Enabled, SimulatedStatus::AcceptedButDisabled];
    let error = run_overtaken(&scene, &statuses).await.unwrap_err();
    assert_eq!(error.error_name(), "GraphUnfinished");
    assert_eq!(scene.published().len(), 2, "the other runs notified people each time that the issue appeared");
    scene.plan().await;
    assert_eq!(scene.published().len(), 2);
}
