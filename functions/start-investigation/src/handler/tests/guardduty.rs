//! GuardDuty's investigation in addition to Detective's, within its budget.

use super::*;
use gumshoe_domain::guardduty::{CreateResult, NotRequestedReason, QuotaBudget, QuotaExhausted};
use testkit::findings::with_severity;

/// GuardDuty's finding ids have 32 hexadecimal digits; for others no investigation is requested.
const ID: &str = "1ab2c3d4e5f6a7b8c9d0e1f2a3b4c5d6";

async fn budget(scene: &Scene) -> QuotaBudget {
    scene.cases.table().budget().await.unwrap().unwrap().1
}

async fn guardduty_state(scene: &Scene, key: &CaseKey) -> GuardDutyRequestState {
    scene.cases.case(key).await.guardduty.unwrap()
}

/// Creates that many investigations outside Gumshoe.
async fn create_investigations_manually(scene: &Scene, count: usize) {
    let detector = scene.enable_analyst().await;
    for number in 0..count {
        let (created, why) = scene.guardduty().create(&detector, "What happened?", &format!("manual {number}")).await;
        assert!(matches!(created, CreateResult::Created(_)), "{why:?}");
    }
}

#[tokio::test]
async fn guardduty_is_requested_once_and_uses_one_slot() {
    let scene = Scene::new();
    scene.enable_analyst().await;
    let app = app(&scene, InvestigationPolicy::High);
    let key = scene.open_or_join(&role_finding("web", ID)).await;
    let first = start(&app, &key).await.unwrap();
    assert!(first.investigation_id.is_some());
    let open = guardduty_state(&scene, &key).await.investigation().unwrap().clone();
    assert_eq!(first.guardduty_investigation_id.as_ref(), Some(&open.id));
    assert_eq!(start(&app, &key).await.unwrap().guardduty_investigation_id, Some(open.id.clone()));
    assert_eq!(scene.count("CreateInvestigation"), 1);
    let slots = budget(&scene).await.slots;
    assert_eq!(slots.iter().map(|slot| slot.investigation_id.clone()).collect::<Vec<_>>(), [Some(open.id)]);
}

#[tokio::test]
async fn the_policy_decides_which_cases_are_requested() {
    for (when, finding, asked) in [
        (InvestigationPolicy::Off, role_finding("web", ID), false),
        (InvestigationPolicy::High, with_severity(role_finding("web", ID), 5.0), false),
        (InvestigationPolicy::All, with_severity(role_finding("web", ID), 5.0), true),
        (InvestigationPolicy::Uninvestigable, role_finding("web", ID), false),
        (InvestigationPolicy::Uninvestigable, finding_without_principal(ID), true),
    ] {
        let scene = Scene::new();
        scene.enable_analyst().await;
        let key = scene.open_or_join(&finding).await;
        let output = start(&app(&scene, when), &key).await.unwrap();
        assert_eq!(output.guardduty_investigation_id.is_some(), asked, "{when}");
        assert_eq!(scene.cases.case(&key).await.guardduty.is_some(), asked, "{when}");
        assert!(matches!(output.outcome, Outcome::Started), "{when}");
    }
}

#[tokio::test]
async fn without_a_free_slot_no_investigation_is_requested_and_the_reason_is_recorded() {
    for (manual_count, severity, full) in [
        (10, 9.5, Some(QuotaExhausted::Daily { limit: 10 })),
        (7, 8.0, Some(QuotaExhausted::ReservedForCritical { reserved: 3, limit: 10 })),
        (7, 9.5, None), // the last slots are reserved for Critical findings
        (6, 8.0, None),
    ] {
        let scene = Scene::new();
        create_investigations_manually(&scene, manual_count).await;
        let key = scene.open_or_join(&with_severity(role_finding("web", ID), severity)).await;
        let output = start(&app(&scene, InvestigationPolicy::High), &key).await.unwrap();
        assert!(output.investigation_id.is_some(), "Detective's goes ahead");
        let refused = full.map(|full| GuardDutyRequestState::NotRequested(NotRequestedReason::NoSlot { full }));
        let state = guardduty_state(&scene, &key).await;
        assert_eq!(state.investigation().is_none().then_some(state), refused, "{manual_count} of severity {severity}");
        assert_eq!(scene.count("CreateInvestigation"), manual_count + usize::from(refused.is_none()));
    }
}

#[tokio::test]
async fn guardduty_is_requested_once_although_detective_is_retried() {
    let scene = Scene::new();
    scene.enable_analyst().await;
    let app = app(&scene, InvestigationPolicy::High);
    let key = scene.open_or_join(&role_finding("web", ID)).await;
    scene.simulator.add_fault(ApiFault::new("StartInvestigation", FaultKind::Throttle));
    assert_eq!(name_of(start(&app, &key).await), "DetectiveThrottled");
    let noted = guardduty_state(&scene, &key).await;
    let output = start(&app, &key).await.unwrap();
    assert_eq!(output.guardduty_investigation_id.as_ref(), noted.investigation().map(|open| &open.id));
    assert_eq!(scene.count("CreateInvestigation"), 1);
}

#[tokio::test]
async fn an_unrecorded_investigation_is_found_by_its_slot() {
    let scene = Scene::new();
    scene.enable_analyst().await;
    let app = app(&scene, InvestigationPolicy::High);
    let key = scene.open_or_join(&role_finding("web", ID)).await;
    scene.aws.fail_next_write_of("guardduty", CallFault::Unavailable);
    assert_eq!(name_of(start(&app, &key).await), "TableUnavailable");
    let output = start(&app, &key).await.unwrap();
    assert_eq!(output.guardduty_investigation_id.as_ref(), budget(&scene).await.slots[0].investigation_id.as_ref());
    assert_eq!(scene.count("CreateInvestigation"), 1);
}

#[tokio::test]
async fn of_two_concurrent_cases_one_gets_the_last_slot() {
    let scene = Scene::new();
    create_investigations_manually(&scene, 9).await;
    let key = scene.open_or_join(&with_severity(role_finding("web", ID), 9.5)).await;
    let faster = with_severity(role_finding("other", "2ab2c3d4e5f6a7b8c9d0e1f2a3b4c5d6"), 9.5);
    let faster = scene.open_or_join(&faster).await;
    let (app_of_faster, key_of_faster) = (app(&scene, InvestigationPolicy::High), faster.clone());
    scene.aws.before_next_write_of("budget", move || async move {
        start(&app_of_faster, &key_of_faster).await.unwrap();
    });
    start(&app(&scene, InvestigationPolicy::High), &key).await.unwrap();
    assert!(guardduty_state(&scene, &faster).await.investigation().is_some());
    let full = QuotaExhausted::Daily { limit: 10 };
    assert_eq!(
        guardduty_state(&scene, &key).await,
        GuardDutyRequestState::NotRequested(NotRequestedReason::NoSlot { full })
    );
    assert_eq!(scene.count("CreateInvestigation"), 10, "GuardDuty is not asked for what it would refuse");
    assert_eq!(budget(&scene).await.slots.len(), 10);
}

#[tokio::test]
async fn a_failed_guardduty_request_does_not_delay_the_case() {
    let scene = Scene::new();
    let key = scene.open_or_join(&role_finding("web", ID)).await;
    let output = start(&app(&scene, InvestigationPolicy::High), &key).await.unwrap();
    assert!(output.investigation_id.is_some());
    assert_eq!(
        guardduty_state(&scene, &key).await,
        GuardDutyRequestState::NotRequested(NotRequestedReason::FeatureDisabled)
    );
    scene.enable_analyst().await;
    let output = start(&app(&scene, InvestigationPolicy::High), &key).await.unwrap();
    assert!(output.guardduty_investigation_id.is_some(), "a retry requests it again");
}

#[tokio::test]
async fn a_rejected_request_releases_its_slot() {
    let scene = Scene::new();
    scene.enable_analyst().await;
    let key = scene.open_or_join(&role_finding("web", ID)).await;
    scene.simulator.add_fault(ApiFault::new("CreateInvestigation", FaultKind::AccessDenied));
    start(&app(&scene, InvestigationPolicy::High), &key).await.unwrap();
    assert!(matches!(
        guardduty_state(&scene, &key).await,
        GuardDutyRequestState::NotRequested(NotRequestedReason::Refused { .. })
    ));
    assert_eq!(budget(&scene).await.slots, []);
}
