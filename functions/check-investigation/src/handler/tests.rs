//! Looks at investigations, by the real adapters: Detective and GuardDuty simulated, the table in memory.

mod regions;
mod second;

use super::*;
use gumshoe_domain::Regions;
use gumshoe_domain::schedule::Schedule;
use gumshoe_runtime::settings;
use simulator::{Ends, Fault as Fails, FaultKind, Scenario};
use std::time::Duration;
use testkit::Scene;
use testkit::findings::{finding_without_principal, role_finding};

/// The function, whose looks come after 10, 20 and 25 seconds.
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

async fn look(scene: &Scene, key: &CaseKey, look: u32) -> Result<Output, StepError> {
    handle(&app(scene), Input { case: key.clone(), look, not_investigated: None }).await
}

/// A case whose investigation is under way and comes to that scenario.
async fn investigated(scene: &Scene, scenario: &str, ends: Ends) -> CaseKey {
    scene.simulator.add_scenario(Scenario::named(scenario).unwrap().ending(ends));
    let key = scene.open_or_join(&role_finding("web", "f1")).await;
    scene.investigate(&key).await;
    key
}

fn running(wait_seconds: u64) -> Output {
    Output::Running { wait_seconds, not_investigated: None }
}

/// The name of the reason for which there is no result.
fn why(output: Output) -> String {
    let Output::NoResult { not_investigated } = output else { panic!("{output:?}") };
    not_investigated.error.into()
}

#[tokio::test]
async fn it_is_looked_at_until_it_has_ended() {
    let scene = Scene::new();
    let key = investigated(&scene, "high", Ends::AfterChecks(2)).await;
    assert_eq!(look(&scene, &key, 1).await.unwrap(), running(10));
    assert_eq!(look(&scene, &key, 2).await.unwrap(), running(5));
    assert_eq!(look(&scene, &key, 3).await.unwrap(), Output::Successful, "also with the last look");
    assert_eq!(scene.count("GetInvestigation"), 3, "one call a look");
    assert_eq!(scene.aws.count("UpdateItem"), 1, "looking writes nothing; the note was the test's");
}

#[tokio::test]
async fn one_that_failed_has_no_result() {
    let scene = Scene::new();
    let key = investigated(&scene, "failed", Ends::AfterChecks(0)).await;
    assert_eq!(why(look(&scene, &key, 1).await.unwrap()), "InvestigationFailed");
}

#[tokio::test]
async fn the_deadline_ends_the_looking() {
    let scene = Scene::new();
    let key = investigated(&scene, "stuck", Ends::Never).await;
    assert_eq!(look(&scene, &key, 2).await.unwrap(), running(5));
    assert_eq!(why(look(&scene, &key, 3).await.unwrap()), "InvestigationDeadline");
}

#[tokio::test]
async fn what_may_pass_goes_up_to_the_state_machine() {
    let scene = Scene::new();
    let key = investigated(&scene, "high", Ends::AfterChecks(0)).await;
    for (kind, error) in [
        (FaultKind::Throttle, "DetectiveThrottled"),
        (FaultKind::Internal, "DetectiveUnavailable"),
        (FaultKind::Drop, "DetectiveUnavailable"),
        (FaultKind::Truncate, "DetectiveUnavailable"),
    ] {
        scene.simulator.add_fault(Fails::new("GetInvestigation", kind));
        let failed = look(&scene, &key, 1).await.unwrap_err();
        assert_eq!(failed.name(), error, "{kind:?}");
    }
    assert_eq!(look(&scene, &key, 1).await.unwrap(), Output::Successful);
}

#[tokio::test]
async fn what_does_not_pass_is_a_result() {
    let scene = Scene::new();
    let key = investigated(&scene, "high", Ends::AfterChecks(0)).await;
    scene.simulator.add_fault(Fails::new("GetInvestigation", FaultKind::AccessDenied));
    assert_eq!(why(look(&scene, &key, 1).await.unwrap()), "DetectiveAccessDenied");
    scene.simulator.set_graph_exists(false);
    assert_eq!(why(look(&scene, &key, 1).await.unwrap()), "DetectiveNotFound");
}

#[tokio::test]
async fn a_reason_that_is_known_already_is_kept_and_detective_is_not_asked() {
    let scene = Scene::new();
    let key = scene.open_or_join(&finding_without_principal("f1")).await;
    let known = NotInvestigated::new("NothingToInvestigate", "nobody");
    let input = Input { case: key.clone(), look: 1, not_investigated: Some(known.clone()) };
    let output = handle(&app(&scene), input).await.unwrap();
    assert_eq!(output, Output::NoResult { not_investigated: known });
    assert!(scene.simulator.journal().is_empty());
}

#[tokio::test]
async fn a_case_without_an_investigation_is_out_of_turn() {
    let scene = Scene::new();
    let key = scene.open_or_join(&role_finding("web", "f1")).await;
    assert_eq!(look(&scene, &key, 1).await.unwrap_err().name(), "OutOfTurn");
}
