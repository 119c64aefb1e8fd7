//! Starting investigations with the real adapters, a simulated Detective and GuardDuty, and a table in memory.

mod follow_up;
mod guardduty;
mod regions;
mod rejected_requests;

use super::*;
use gumshoe_domain::Regions;
use gumshoe_domain::guardduty::InvestigationPolicy;
use gumshoe_domain::schedule::Schedule;
use gumshoe_runtime::settings;
use jiff::SignedDuration;
use simulator::{ApiFault, EndsWhen, FaultKind, Scenario};
use std::time::Duration;
use testkit::findings::{ACCOUNT, finding_without_principal, role_finding, with_account, with_activity};
use testkit::{CallFault, Scene, now};

const MEMBER: &str = "444455556666";
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// The function with that policy for GuardDuty investigations.
fn app(scene: &Scene, when: InvestigationPolicy) -> App {
    app_in(scene, when, Regions::only("us-east-1"))
}

/// The function with these Regions.
fn app_in(scene: &Scene, when: InvestigationPolicy, regions: Regions) -> App {
    App {
        table: scene.cases.table(),
        detective: scene.detective_in(&regions),
        guardduty: scene.guardduty_in(&regions),
        settings: settings::StartInvestigation {
            table_name: "cases".to_owned(),
            investigation_regions: regions,
            graph_arn: None,
            scope_hours: SignedDuration::from_hours(24),
            deadline_minutes: Schedule::new(Duration::from_secs(7200)),
            guard_duty_investigations: when,
            guard_duty_slots_for_critical: 3,
            archive_quiet_investigations: false,
        },
    }
}

async fn start(app: &App, key: &CaseKey) -> Result<Output, StepError> {
    handle(app, Input { case: key.clone() }, now).await
}

fn name_of(result: Result<Output, StepError>) -> &'static str {
    result.unwrap_err().error_name()
}

/// An investigation of the role that another client started, from and to these times before now.
async fn start_externally(scene: &Scene, role: &str, from: SignedDuration, to: SignedDuration) -> String {
    let entity = format!("arn:aws:iam::{ACCOUNT}:role/{role}");
    let whole = |ago: SignedDuration| Timestamp::from_second((now() - ago).as_second()).unwrap();
    let scope = Scope { start: whole(from), end: whole(to) };
    scene.detective().start(&scene.graph_arn(), &entity, scope).await.unwrap()
}

/// A case with a finding whose activity was within the last hour.
async fn recent_case(scene: &Scene) -> CaseKey {
    scene.open_or_join(&with_activity(role_finding("web", "f1"), now() - HOUR, now() - HOUR / 2)).await
}

#[tokio::test]
async fn an_investigation_is_started_and_recorded_and_found_by_a_second_call() {
    let scene = Scene::new();
    let app = app(&scene, InvestigationPolicy::Off);
    let key = scene.open_or_join(&role_finding("web", "f1")).await;
    let first = start(&app, &key).await.unwrap();
    let noted = scene.cases.case(&key).await.investigation.unwrap();
    assert_eq!(
        serde_json::to_value(&first).unwrap(),
        serde_json::json!({"outcome": "STARTED", "wait_seconds": 10, "investigation_id": noted.id, "reused": false})
    );
    assert_eq!((noted.graph_arn, noted.is_reused), (scene.graph_arn(), false));
    let again = start(&app, &key).await.unwrap();
    assert_eq!(again.investigation_id, first.investigation_id);
    assert_eq!(scene.count("StartInvestigation"), 1);
}

#[tokio::test]
async fn a_recent_investigation_that_covers_the_activity_is_reused() {
    let scene = Scene::new();
    let key = recent_case(&scene).await;
    let id = start_externally(&scene, "web", HOUR * 5, HOUR / 4).await;
    let output = start(&app(&scene, InvestigationPolicy::Off), &key).await.unwrap();
    assert_eq!((output.investigation_id.as_ref(), output.reused), (Some(&id), Some(true)));
    let noted = scene.cases.case(&key).await.investigation.unwrap();
    assert_eq!((noted.id, noted.is_reused), (id, true));
    assert_eq!(scene.count("StartInvestigation"), 1, "the other's");
}

#[tokio::test]
async fn an_unsuitable_investigation_is_not_reused() {
    for (role, scenario, to, why) in [
        ("web", "quiet", HOUR, "it ended before the activity"),
        ("web", "failed", HOUR / 4, "it failed"),
        ("other", "quiet", HOUR / 4, "it is of another role"),
    ] {
        let scene = Scene::new();
        scene.simulator.add_scenario(Scenario::named(scenario).unwrap().with_end(EndsWhen::AfterChecks(0)));
        let key = recent_case(&scene).await;
        let id = start_externally(&scene, role, HOUR * 5, to).await;
        let output = start(&app(&scene, InvestigationPolicy::Off), &key).await.unwrap();
        assert_eq!(output.reused, Some(false), "{why}");
        assert_ne!(output.investigation_id, Some(id), "{why}");
    }
}

#[tokio::test]
async fn an_investigation_that_runs_longer_than_the_deadline_is_not_reused() {
    let scene = Scene::new();
    scene.set_scenario("stuck");
    start_externally(&scene, "web", HOUR * 5, HOUR / 4).await;
    let app = app(&scene, InvestigationPolicy::Off);
    let key = recent_case(&scene).await;
    let later = || now() + HOUR * 3;
    scene.simulator.advance_clock(Duration::from_secs(3 * 3600));
    let output = handle(&app, Input { case: key.clone() }, later).await.unwrap();
    assert_eq!(output.reused, Some(false));
}

#[tokio::test]
async fn a_started_but_unrecorded_investigation_is_found_by_a_retry() {
    let scene = Scene::new();
    let app = app(&scene, InvestigationPolicy::Off);
    let key = recent_case(&scene).await;
    scene.aws.fail_next_write_of("investigation", CallFault::Unavailable);
    assert_eq!(name_of(start(&app, &key).await), "TableUnavailable");
    assert_eq!(scene.cases.case(&key).await.investigation, None);
    let output = start(&app, &key).await.unwrap();
    assert_eq!(output.reused, Some(true));
    assert_eq!(scene.count("StartInvestigation"), 1);
    assert_eq!(scene.cases.case(&key).await.investigation.map(|it| it.id), output.investigation_id);
}

#[tokio::test]
async fn an_investigation_whose_start_response_was_lost_is_found_by_a_retry() {
    let scene = Scene::new();
    let app = app(&scene, InvestigationPolicy::Off);
    let key = recent_case(&scene).await;
    scene.simulator.add_fault(ApiFault::new("StartInvestigation", FaultKind::Drop).after_work());
    assert_eq!(name_of(start(&app, &key).await), "DetectiveUnavailable");
    assert_eq!(start(&app, &key).await.unwrap().reused, Some(true));
    assert_eq!(scene.count("StartInvestigation"), 1);
}

#[tokio::test]
async fn activity_outside_the_recorded_scope_needs_another_investigation() {
    let scene = Scene::new();
    let app = app(&scene, InvestigationPolicy::Off);
    let key = recent_case(&scene).await;
    let first = start(&app, &key).await.unwrap().investigation_id;
    let later = now() + HOUR;
    scene.open_or_join(&with_activity(role_finding("web", "f2"), now(), later)).await;
    scene.simulator.advance_clock(Duration::from_secs(2 * 3600));
    let second = handle(&app, Input { case: key.clone() }, || later + HOUR).await.unwrap();
    assert_eq!(second.reused, Some(false));
    assert_ne!(second.investigation_id, first);
}

#[tokio::test]
async fn a_lasting_rejection_of_detective_is_a_result() {
    for (fault, error) in [
        (ApiFault::new("StartInvestigation", FaultKind::AccessDenied), "DetectiveAccessDenied"),
        (ApiFault::new("StartInvestigation", FaultKind::Error).error("ValidationException"), "InvestigationRefused"),
    ] {
        let scene = Scene::new();
        let key = scene.open_or_join(&role_finding("web", "f1")).await;
        scene.simulator.add_fault(fault);
        let output = start(&app(&scene, InvestigationPolicy::Off), &key).await.unwrap();
        assert!(matches!(output.outcome, Outcome::NothingStarted), "{error}");
        assert_eq!(output.not_investigated.unwrap().error.as_str(), error);
        assert_eq!(scene.cases.case(&key).await.investigation, None, "{error}");
    }
    let scene = Scene::new();
    scene.simulator.set_graph_exists(false);
    let key = scene.open_or_join(&role_finding("web", "f1")).await;
    let output = start(&app(&scene, InvestigationPolicy::Off), &key).await.unwrap();
    assert_eq!(output.not_investigated.unwrap().error.as_str(), "NoBehaviorGraph");
}

#[tokio::test]
async fn a_transient_failure_is_an_error_for_the_state_machine_to_retry() {
    for (operation, kind, error) in [
        ("ListGraphs", FaultKind::Throttle, "DetectiveThrottled"),
        ("ListInvestigations", FaultKind::Internal, "DetectiveUnavailable"),
        ("StartInvestigation", FaultKind::Throttle, "DetectiveThrottled"),
        ("StartInvestigation", FaultKind::Drop, "DetectiveUnavailable"),
    ] {
        let scene = Scene::new();
        let app = app(&scene, InvestigationPolicy::Off);
        let key = scene.open_or_join(&role_finding("web", "f1")).await;
        scene.simulator.add_fault(ApiFault::new(operation, kind));
        assert_eq!(name_of(start(&app, &key).await), error, "{operation}");
        assert!(start(&app, &key).await.unwrap().investigation_id.is_some(), "{operation}");
    }
}

#[tokio::test]
async fn an_account_outside_the_graph_is_the_reason_for_an_unknown_principal() {
    let scene = Scene::new();
    scene.simulator.add_scenario(Scenario { known_to_graph: false, ..Scenario::default() });
    let app = app(&scene, InvestigationPolicy::Off);
    let outside = scene.open_or_join(&with_account(role_finding("web", "f1"), MEMBER)).await;
    let why = start(&app, &outside).await.unwrap().not_investigated.unwrap();
    assert_eq!(why.error.as_str(), "AccountNotInGraph");
    assert_eq!(why.outside_graph.unwrap().account_id, MEMBER);
    let inside = scene.open_or_join(&role_finding("web", "f2")).await;
    let why = start(&app, &inside).await.unwrap().not_investigated.unwrap();
    assert_eq!((why.error.as_str(), why.outside_graph), ("EntityNotInGraph", None));
}

#[tokio::test]
async fn an_unreadable_membership_is_not_given_as_the_reason() {
    let scene = Scene::new();
    scene.simulator.add_scenario(Scenario { known_to_graph: false, ..Scenario::default() });
    scene.simulator.add_fault(ApiFault::new("GetMembers", FaultKind::AccessDenied));
    let key = scene.open_or_join(&with_account(role_finding("web", "f1"), MEMBER)).await;
    let why = start(&app(&scene, InvestigationPolicy::Off), &key).await.unwrap().not_investigated.unwrap();
    assert_eq!(why.error.as_str(), "EntityNotInGraph");
}

#[tokio::test]
async fn a_finding_without_a_principal_is_not_investigated() {
    let scene = Scene::new();
    let key = scene.open_or_join(&finding_without_principal("f1")).await;
    let output = start(&app(&scene, InvestigationPolicy::Off), &key).await.unwrap();
    assert!(matches!(output.outcome, Outcome::NothingStarted));
    assert_eq!(output.not_investigated.unwrap().error.as_str(), "NothingToInvestigate");
    assert!(scene.simulator.journal().is_empty(), "no service was called");
}

#[tokio::test]
async fn an_expired_case_is_an_error() {
    let (scene, other) = (Scene::new(), Scene::new());
    let key = other.open_or_join(&role_finding("web", "f1")).await;
    assert_eq!(name_of(start(&app(&scene, InvestigationPolicy::Off), &key).await), "NoSuchCase");
}
