//! Polling with the real adapters, a simulated Detective and GuardDuty, and a table in memory.

mod guardduty;
mod regions;

use super::*;
use gumshoe_domain::Regions;
use gumshoe_domain::schedule::Schedule;
use gumshoe_runtime::settings;
use simulator::{ApiFault, EndsWhen, FaultKind, Scenario};
use std::time::Duration;
use testkit::Scene;
use testkit::findings::{finding_without_principal, role_finding};

/// The function, with polls after 10, 20 and 25 seconds.
fn app(scene: &Scene) -> App {
    App {
        table: scene.cases.table(),
        detective: scene.detective(),
        guardduty: scene.guardduty(),
        settings: settings::CheckInvestigation {
            table_name: "cases".to_owned(),
            investigation_regions: Regions::only("us-east-1"),
            deadline_minutes: Schedule::new(Duration::from_secs(25)),
        },
    }
}

async fn poll(scene: &Scene, key: &CaseKey, number: u32) -> Result<Output, StepError> {
    handle(&app(scene), Input { case: key.clone(), poll: number, not_investigated: None }).await
}

/// A case whose investigation is running, with that scenario as its result.
async fn investigated(scene: &Scene, scenario: &str, ends: EndsWhen) -> CaseKey {
    scene.simulator.add_scenario(Scenario::named(scenario).unwrap().with_end(ends));
    let key = scene.open_or_join(&role_finding("web", "f1")).await;
    scene.investigate(&key).await;
    key
}

fn running(wait_seconds: u64) -> Output {
    Output::Running { wait_seconds, not_investigated: None }
}

/// The kind of the reason for having no result.
fn why(output: Output) -> String {
    let Output::NoResult { not_investigated } = output else { panic!("{output:?}") };
    not_investigated.error.into()
}

/// Executions that were started before an upgrade send the number as `look`.
#[test]
fn the_number_of_the_poll_is_read_under_both_names() {
    let case = serde_json::json!({"subject": "s", "sequence": 1, "case_id": "c-20260115T124000000Z-1"});
    for name in ["poll", "look"] {
        let input: Input = serde_json::from_value(serde_json::json!({"case": case, name: 3})).unwrap();
        assert_eq!(input.poll, 3, "{name}");
    }
}

#[tokio::test]
async fn an_investigation_is_polled_until_it_has_ended() {
    let scene = Scene::new();
    let key = investigated(&scene, "high", EndsWhen::AfterChecks(2)).await;
    assert_eq!(poll(&scene, &key, 1).await.unwrap(), running(10));
    assert_eq!(poll(&scene, &key, 2).await.unwrap(), running(5));
    assert_eq!(poll(&scene, &key, 3).await.unwrap(), Output::Successful, "also in the last poll");
    assert_eq!(scene.count("GetInvestigation"), 3, "one call for each poll");
    assert_eq!(scene.aws.count("UpdateItem"), 1, "polling writes nothing; the one update is the test's");
}

#[tokio::test]
async fn a_failed_investigation_has_no_result() {
    let scene = Scene::new();
    let key = investigated(&scene, "failed", EndsWhen::AfterChecks(0)).await;
    assert_eq!(why(poll(&scene, &key, 1).await.unwrap()), "InvestigationFailed");
}

#[tokio::test]
async fn the_deadline_ends_the_polling() {
    let scene = Scene::new();
    let key = investigated(&scene, "stuck", EndsWhen::Never).await;
    assert_eq!(poll(&scene, &key, 2).await.unwrap(), running(5));
    assert_eq!(why(poll(&scene, &key, 3).await.unwrap()), "InvestigationDeadline");
}

#[tokio::test]
async fn transient_errors_are_returned_to_the_state_machine() {
    let scene = Scene::new();
    let key = investigated(&scene, "high", EndsWhen::AfterChecks(0)).await;
    for (kind, error) in [
        (FaultKind::Throttle, "DetectiveThrottled"),
        (FaultKind::Internal, "DetectiveUnavailable"),
        (FaultKind::Drop, "DetectiveUnavailable"),
        (FaultKind::Truncate, "DetectiveUnavailable"),
    ] {
        scene.simulator.add_fault(ApiFault::new("GetInvestigation", kind));
        let failed = poll(&scene, &key, 1).await.unwrap_err();
        assert_eq!(failed.error_name(), error, "{kind:?}");
    }
    assert_eq!(poll(&scene, &key, 1).await.unwrap(), Output::Successful);
}

#[tokio::test]
async fn lasting_errors_are_a_result() {
    let scene = Scene::new();
    let key = investigated(&scene, "high", EndsWhen::AfterChecks(0)).await;
    scene.simulator.add_fault(ApiFault::new("GetInvestigation", FaultKind::AccessDenied));
    assert_eq!(why(poll(&scene, &key, 1).await.unwrap()), "DetectiveAccessDenied");
    scene.simulator.set_graph_exists(false);
    assert_eq!(why(poll(&scene, &key, 1).await.unwrap()), "DetectiveNotFound");
}

#[tokio::test]
async fn a_known_reason_is_returned_without_a_call_of_detective() {
    let scene = Scene::new();
    let key = scene.open_or_join(&finding_without_principal("f1")).await;
    let known = NotInvestigated::new("NothingToInvestigate", "no principal");
    let input = Input { case: key.clone(), poll: 1, not_investigated: Some(known.clone()) };
    let output = handle(&app(&scene), input).await.unwrap();
    assert_eq!(output, Output::NoResult { not_investigated: known });
    assert!(scene.simulator.journal().is_empty());
}

#[tokio::test]
async fn a_case_without_an_investigation_is_an_error() {
    let scene = Scene::new();
    let key = scene.open_or_join(&role_finding("web", "f1")).await;
    assert_eq!(poll(&scene, &key, 1).await.unwrap_err().error_name(), "OutOfTurn");
}
