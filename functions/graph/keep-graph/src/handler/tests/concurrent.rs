//! Two concurrent runs, of which one records notified issues between the other's reading of the graph and its decision.

use super::*;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};

/// The messages that were logged.
#[derive(Clone, Default)]
struct LoggedMessages(Arc<Mutex<Vec<String>>>);

impl Subscriber for LoggedMessages {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("keep_graph")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

impl Visit for LoggedMessages {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.0.lock().unwrap().push(format!("{value:?}"));
        }
    }
}

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
async fn issues_of_repeated_reading_are_logged_and_counted() {
    let scene = scene_with_member().await;
    // tracing decides once whether a line is enabled, perhaps in a thread without a subscriber, and again when a subscriber is created. So
    // the line is used once, and then the subscriber of the test is created.
    let _first = tracing::subscriber::set_default(LoggedMessages::default());
    set_status(&scene.simulator, SimulatedStatus::AcceptedButDisabled);
    scene.plan().await;
    set_status(&scene.simulator, SimulatedStatus::Enabled);
    scene.plan().await;
    let logged = LoggedMessages::default();
    let _second = tracing::subscriber::set_default(logged.clone());
    // The second run has a thread of its own, so its lines are not among these.
    run_overtaken(&scene, &[SimulatedStatus::AcceptedButDisabled]).await.unwrap();
    let messages = logged.0.lock().unwrap().clone();
    let issues = messages.iter().filter(|it| *it == "graph issue").count();
    assert_eq!(issues, 1, "only the slower run's second reading has the issue: {messages:?}");
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
