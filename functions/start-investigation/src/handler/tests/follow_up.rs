//! Follow-up investigations, and investigations that ended as FAILED.

use super::*;

#[tokio::test]
async fn a_follow_up_starts_a_new_investigation_and_reuses_none() {
    let scene = Scene::new();
    let app = app(&scene, InvestigationPolicy::Off);
    let key = recent_case(&scene).await;
    let first = start(&app, &key).await.unwrap().investigation_id;
    scene.cases.start_watching(&key, now()).await;
    let begun = now() + HOUR * 6;
    scene.cases.begin_follow_up(&key, begun).await;
    let later = || begun + HOUR / 60;
    scene.simulator.advance_clock(Duration::from_secs(6 * 3600 + 60));
    let second = handle(&app, Input { case: key.clone() }, later).await.unwrap();
    assert_eq!(second.reused, Some(false));
    assert_ne!(second.investigation_id, first);
    let noted = scene.cases.case(&key).await.investigation.unwrap();
    assert!(noted.is_for_follow_up && noted.scope.covers(now() - HOUR, now()), "{noted:?}");
    let again = handle(&app, Input { case: key.clone() }, later).await.unwrap();
    assert_eq!(again.investigation_id, second.investigation_id);
    assert_eq!(scene.count("StartInvestigation"), 2);
}

#[tokio::test]
async fn a_follow_up_whose_start_response_was_lost_is_found_by_a_retry() {
    let scene = Scene::new();
    let app = app(&scene, InvestigationPolicy::Off);
    let key = recent_case(&scene).await;
    scene.cases.start_watching(&key, now()).await;
    scene.cases.begin_follow_up(&key, now()).await;
    scene.simulator.add_fault(ApiFault::new("StartInvestigation", FaultKind::Drop).after_work());
    assert_eq!(name_of(start(&app, &key).await), "DetectiveUnavailable");
    start(&app, &key).await.unwrap();
    assert_eq!(scene.count("StartInvestigation"), 1);
}

#[tokio::test]
async fn a_failed_investigation_is_started_once_more() {
    let scene = Scene::new();
    scene.simulator.add_scenario(Scenario::named("failed").unwrap().with_end(EndsWhen::AfterChecks(0)));
    let app = app(&scene, InvestigationPolicy::Off);
    let key = recent_case(&scene).await;
    let first = start(&app, &key).await.unwrap().investigation_id;
    let second = start(&app, &key).await.unwrap().investigation_id;
    assert_ne!(first, second);
    let noted = scene.cases.case(&key).await.investigation.unwrap();
    assert!(noted.is_retry_after_failure);
    assert_eq!(start(&app, &key).await.unwrap().investigation_id, second, "no third is started");
    assert_eq!(scene.count("StartInvestigation"), 2);
}
