//! Faults of Detective.

use crate::scene::{Outcome, Scene};
use simulator::{ApiFault, FaultKind};

fn fault(scene: &Scene<'_>, operation: &str, kind: FaultKind, times: u32) {
    scene.cloud.simulator().add_fault(ApiFault::new(operation, kind).times(times).with_entity(scene.subject()));
}

pub(crate) async fn five_throttled_calls_in_a_row_are_retried(scene: &Scene<'_>) -> Outcome {
    assert_retried(scene, FaultKind::Throttle, &["StartInvestigation", "GetInvestigation"], 5).await
}

pub(crate) async fn server_errors_are_retried(scene: &Scene<'_>) -> Outcome {
    let operations = ["ListInvestigations", "StartInvestigation", "GetInvestigation", "ListIndicators"];
    assert_retried(scene, FaultKind::Internal, &operations, 3).await
}

/// Makes the first calls of each operation fail that many times, and checks that the case has its result nevertheless.
async fn assert_retried(scene: &Scene<'_>, kind: FaultKind, operations: &[&str], times: u32) -> Outcome {
    scene.set_scenario("high");
    for operation in operations {
        fault(scene, operation, kind, times);
    }
    scene.cloud.send(&[scene.finding("a")]).await?;
    let (case, execution) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert_eq!(execution["status"], "SUCCEEDED");
    let alerts = scene.wait_for_alerts(&case.case_id, 1).await?;
    assert_eq!(alerts.json[0].not_investigated, None);
    for operation in operations {
        let failed = scene.calls_of(operation).iter().filter(|it| it.error.is_some()).count();
        assert_eq!(failed, usize::try_from(times)?, "{operation}");
    }
    let started = scene.calls_of("StartInvestigation").iter().filter(|it| it.status == 200).count();
    assert_eq!(started, 1);
    Ok(())
}

pub(crate) async fn lost_responses_start_no_second_investigation(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("high");
    let lost = ApiFault::new("StartInvestigation", FaultKind::Drop).after_work().with_entity(scene.subject());
    scene.cloud.simulator().add_fault(lost);
    fault(scene, "GetInvestigation", FaultKind::Truncate, 1);
    scene.cloud.send(&[scene.finding("a")]).await?;
    let (case, _) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert_eq!(scene.calls_of("StartInvestigation").len(), 1);
    assert_eq!(case.investigation["reused"], true);
    scene.wait_for_alerts(&case.case_id, 1).await?;
    Ok(())
}

pub(crate) async fn denied_access_is_alerted_and_the_execution_fails(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("high");
    fault(scene, "StartInvestigation", FaultKind::AccessDenied, 100);
    assert_alerted_and_failed(scene, "DetectiveAccessDenied").await?;
    assert_eq!(scene.calls_of("StartInvestigation").len(), 1, "a rejected call must not be retried");
    Ok(())
}

pub(crate) async fn unreadable_indicators_are_alerted(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("high");
    fault(scene, "ListIndicators", FaultKind::AccessDenied, 100);
    assert_alerted_and_failed(scene, "DetectiveAccessDenied").await
}

pub(crate) async fn a_region_without_a_graph_is_alerted(scene: &Scene<'_>) -> Outcome {
    let _restored = WithoutGraph::new(scene);
    assert_alerted_and_failed(scene, "NoBehaviorGraph").await
}

/// Removes the graph until this is dropped, also if an assertion fails.
struct WithoutGraph<'a>(&'a Scene<'a>);

impl<'a> WithoutGraph<'a> {
    fn new(scene: &'a Scene<'a>) -> Self {
        scene.cloud.simulator().set_graph_exists(false);
        Self(scene)
    }
}

impl Drop for WithoutGraph<'_> {
    fn drop(&mut self) {
        self.0.cloud.simulator().set_graph_exists(true);
    }
}

/// Checks that the case is alerted with that error, and that its execution fails with it.
async fn assert_alerted_and_failed(scene: &Scene<'_>, error: &str) -> Outcome {
    scene.cloud.send(&[scene.finding("a")]).await?;
    let (case, execution) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert_eq!(execution["status"], "FAILED", "an operator has to fix this, so the execution must fail");
    assert_eq!(execution["error"], error);
    let alerts = scene.wait_for_alerts(&case.case_id, 1).await?;
    assert_eq!(alerts.json[0].not_investigated.as_ref().map(|it| it.error.as_str()), Some(error));
    assert!(alerts.texts[0].body.contains(error), "{}", alerts.texts[0].body);
    Ok(())
}

pub(crate) async fn a_principal_unknown_to_the_graph_is_alerted(scene: &Scene<'_>) -> Outcome {
    let mut scenario = scene.scenario("high");
    scenario.known_to_graph = false;
    scene.cloud.simulator().add_scenario(scenario);
    scene.cloud.send(&[scene.finding("a")]).await?;
    let (case, execution) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert_eq!(execution["status"], "SUCCEEDED");
    let alerts = scene.wait_for_alerts(&case.case_id, 1).await?;
    assert_eq!(alerts.json[0].not_investigated.as_ref().map(|it| it.error.as_str()), Some("EntityNotInGraph"));
    Ok(())
}

pub(crate) async fn a_principal_that_detective_rejects_is_alerted(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("refused");
    scene.cloud.send(&[scene.finding("a")]).await?;
    let (case, execution) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert_eq!(
        execution["status"], "SUCCEEDED",
        "no operator can fix this, so the execution must succeed: {execution}"
    );
    let alerts = scene.wait_for_alerts(&case.case_id, 1).await?;
    let why = alerts.json[0].not_investigated.as_ref();
    assert_eq!(why.map(|it| it.error.as_str()), Some("InvestigationRefused"));
    assert!(alerts.texts[0].body.contains("Detective does not investigate this principal"), "{}", alerts.texts[0].body);
    assert_eq!(scene.calls_of("StartInvestigation").len(), 1, "a rejected call must not be retried");
    Ok(())
}

/// After a freeze, a function signs its first call with an outdated clock or with expired credentials.
pub(crate) async fn errors_after_a_freeze_are_retried(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("high");
    for (operation, error) in [
        ("ListInvestigations", "ExpiredTokenException"),
        ("StartInvestigation", "InvalidSignatureException"),
        ("GetInvestigation", "RequestExpired"),
    ] {
        let fault = ApiFault::new(operation, FaultKind::Error).error(error).with_entity(scene.subject());
        scene.cloud.simulator().add_fault(fault);
    }
    scene.cloud.send(&[scene.finding("a")]).await?;
    let (case, execution) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert_eq!(execution["status"], "SUCCEEDED");
    assert_eq!(scene.wait_for_alerts(&case.case_id, 1).await?.json[0].not_investigated, None);
    Ok(())
}
