//! Rejected requests, clock skew, and archived investigations.

use super::*;
use gumshoe_domain::investigation::InvestigationState;

/// The reason for a finding of the last hour whose investigation Detective rejects.
async fn rejection(scene: &Scene, account: &str) -> NotInvestigated {
    scene.set_scenario("refused");
    let finding = with_account(role_finding("web", "f1"), account);
    let key = scene.open_or_join(&finding).await;
    let output = start(&app(scene, InvestigationPolicy::Off), &key).await.unwrap();
    assert!(matches!(output.outcome, Outcome::NothingStarted));
    output.not_investigated.unwrap()
}

#[tokio::test]
async fn a_rejected_principal_is_a_result_that_needs_no_operator() {
    let why = rejection(&Scene::new(), ACCOUNT).await;
    assert_eq!(why.error.as_str(), "InvestigationRefused");
    assert!(why.cause.contains("ValidationException"), "{}", why.cause);
    assert!(!why.needs_operator());
    let outside = rejection(&Scene::new(), MEMBER).await;
    assert_eq!(
        outside.error.as_str(),
        "AccountNotInGraph",
        "the account is the reason, whichever error Detective returns"
    );
}

#[tokio::test]
async fn errors_after_a_freeze_are_left_to_the_state_machine_to_retry() {
    for error in ["ExpiredTokenException", "InvalidSignatureException", "RequestExpired"] {
        let scene = Scene::new();
        let app = app(&scene, InvestigationPolicy::Off);
        let key = scene.open_or_join(&role_finding("web", "f1")).await;
        for operation in ["ListInvestigations", "StartInvestigation"] {
            scene.simulator.add_fault(ApiFault::new(operation, FaultKind::Error).error(error));
            assert_eq!(name_of(start(&app, &key).await), "DetectiveUnavailable", "{operation}: {error}");
        }
        assert!(start(&app, &key).await.unwrap().investigation_id.is_some(), "{error}");
    }
}

#[tokio::test]
async fn a_clock_ahead_of_detectives_does_not_make_a_scope_in_the_future() {
    let scene = Scene::new();
    let key = recent_case(&scene).await;
    let before = Timestamp::from_second(now().as_second()).unwrap();
    let ahead = || now() + HOUR / 15;
    let output = handle(&app(&scene, InvestigationPolicy::Off), Input { case: key.clone() }, ahead).await.unwrap();
    assert_eq!(output.reused, Some(false), "{:?}", output.not_investigated);
    let scope = scene.cases.case(&key).await.investigation.unwrap().scope;
    assert!(scope.end >= before && scope.end <= now(), "it ends at the time of Detective's response: {scope:?}");
    // The simulator rejects a scope that ends in the future.
    let future = Scope { start: now() - HOUR * 4, end: now() + HOUR };
    let entity = format!("arn:aws:iam::{ACCOUNT}:role/web");
    let error = scene.detective().start(&scene.graph_arn(), &entity, future).await.unwrap_err();
    assert_eq!(error.error_name(), "InvestigationRefused");
}

#[tokio::test]
async fn an_archived_investigation_is_reused_if_the_stack_archives() {
    for archives_quiet in [false, true] {
        let scene = Scene::new();
        let key = recent_case(&scene).await;
        let id = start_externally(&scene, "web", HOUR * 5, HOUR / 4).await;
        scene.detective().set_state(&scene.graph_arn(), &id, InvestigationState::Archived).await.unwrap();
        let mut app = app(&scene, InvestigationPolicy::Off);
        app.settings.archive_quiet_investigations = archives_quiet;
        let output = start(&app, &key).await.unwrap();
        assert_eq!(output.reused, Some(archives_quiet));
        assert_eq!(output.investigation_id == Some(id), archives_quiet);
    }
}

#[tokio::test]
async fn the_newest_suitable_investigation_is_reused_active_or_archived() {
    let scene = Scene::new();
    let key = recent_case(&scene).await;
    start_externally(&scene, "web", HOUR * 5, HOUR / 4).await;
    scene.simulator.advance_clock(Duration::from_secs(1));
    let newest = start_externally(&scene, "web", HOUR * 5, HOUR / 4).await;
    scene.detective().set_state(&scene.graph_arn(), &newest, InvestigationState::Archived).await.unwrap();
    let mut app = app(&scene, InvestigationPolicy::Off);
    app.settings.archive_quiet_investigations = true;
    assert_eq!(start(&app, &key).await.unwrap().investigation_id, Some(newest));
}
