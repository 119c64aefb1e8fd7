//! Detective's list of active investigations.

use super::*;
use gumshoe_domain::investigation::InvestigationState::{self, Active, Archived};
use simulator::{Fault as Fails, FaultKind};

/// A deployment that archives, and a case whose investigation has come to that scenario.
async fn archiving(scenario: &str) -> (Stage, CaseKey) {
    let mut stage = Stage::new();
    stage.app.settings.archive_quiet_investigations = true;
    let key = stage.investigated(&role_finding("web", "f1"), scenario).await;
    (stage, key)
}

async fn open(stage: &Stage, key: &CaseKey) -> StartedInvestigation {
    stage.scene.cases.case(key).await.investigation.unwrap()
}

async fn state(stage: &Stage, key: &CaseKey) -> InvestigationState {
    let StartedInvestigation { id, graph_arn, .. } = open(stage, key).await;
    stage.scene.detective().investigation(&graph_arn, &id).await.unwrap().state.unwrap()
}

#[tokio::test]
async fn the_investigation_of_a_quiet_case_is_archived_where_that_is_wanted() {
    let (stage, key) = archiving("quiet").await;
    assert_eq!(state(&stage, &key).await, Active);
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed);
    assert_eq!(state(&stage, &key).await, Archived);

    let stage = Stage::new();
    let key = stage.investigated(&role_finding("web", "f1"), "quiet").await;
    stage.assess(input(&key)).await.unwrap();
    assert_eq!((state(&stage, &key).await, stage.scene.count("UpdateInvestigationState")), (Active, 0), "not wanted");
}

#[tokio::test]
async fn the_investigation_of_an_alert_stays_active_or_becomes_so_again() {
    let (stage, key) = archiving("high").await;
    stage.assess(input(&key)).await.unwrap();
    assert_eq!((state(&stage, &key).await, stage.scene.count("UpdateInvestigationState")), (Active, 0));
    let StartedInvestigation { id, graph_arn, .. } = open(&stage, &key).await;
    stage.scene.detective().set_state(&graph_arn, &id, Archived).await.unwrap();
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Alert);
    assert_eq!(state(&stage, &key).await, Active, "the alert's link leads there");
}

#[tokio::test]
async fn an_investigation_that_somebody_else_started_is_not_archived() {
    let (stage, key) = archiving("quiet").await;
    let open = StartedInvestigation { is_reused: true, ..open(&stage, &key).await };
    stage.scene.record_investigation(&key, &open).await;
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed);
    assert_eq!(state(&stage, &key).await, Active);
}

#[tokio::test]
async fn a_case_that_goes_round_again_archives_nothing() {
    let (stage, key) = archiving("quiet").await;
    let (cases, moment) = (stage.scene.cases.clone(), stage.moment);
    stage.scene.aws.before_next_write_of("assessment", move || async move {
        cases.open_or_join(&role_finding("web", "f2"), moment).await;
    });
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Changed);
    assert_eq!(state(&stage, &key).await, Active);
}

#[tokio::test]
async fn an_archive_that_fails_changes_nothing_about_the_case() {
    for kind in [FaultKind::AccessDenied, FaultKind::Throttle, FaultKind::Drop] {
        let (stage, key) = archiving("quiet").await;
        stage.scene.simulator.add_fault(Fails::new("UpdateInvestigationState", kind));
        assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed, "{kind:?}");
        assert_eq!(stage.scene.aws.events().len(), 1, "{kind:?}");
    }
}
