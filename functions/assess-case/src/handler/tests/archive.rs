//! Archiving of investigations in Detective.

use super::*;
use gumshoe_domain::investigation::InvestigationState::{self, Active, Archived};
use simulator::{ApiFault, FaultKind};

/// A deployment that archives, and a case whose investigation has that scenario as its result.
async fn archiving(scenario: &str) -> (Fixture, CaseKey) {
    let mut fixture = Fixture::new();
    fixture.app.settings.archive_quiet_investigations = true;
    let key = fixture.investigated(&role_finding("web", "f1"), scenario).await;
    (fixture, key)
}

async fn open(fixture: &Fixture, key: &CaseKey) -> StartedInvestigation {
    fixture.scene.cases.case(key).await.investigation.unwrap()
}

async fn state(fixture: &Fixture, key: &CaseKey) -> InvestigationState {
    let StartedInvestigation { id, graph_arn, .. } = open(fixture, key).await;
    fixture.scene.detective().investigation(&graph_arn, &id).await.unwrap().state.unwrap()
}

#[tokio::test]
async fn the_investigation_of_a_quiet_case_is_archived_if_configured() {
    let (fixture, key) = archiving("quiet").await;
    assert_eq!(state(&fixture, &key).await, Active);
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed);
    assert_eq!(state(&fixture, &key).await, Archived);

    let fixture = Fixture::new();
    let key = fixture.investigated(&role_finding("web", "f1"), "quiet").await;
    fixture.assess(input(&key)).await.unwrap();
    assert_eq!(
        (state(&fixture, &key).await, fixture.scene.count("UpdateInvestigationState")),
        (Active, 0),
        "not wanted"
    );
}

#[tokio::test]
async fn the_investigation_of_an_alerted_case_is_active() {
    let (fixture, key) = archiving("high").await;
    fixture.assess(input(&key)).await.unwrap();
    assert_eq!((state(&fixture, &key).await, fixture.scene.count("UpdateInvestigationState")), (Active, 0));
    let StartedInvestigation { id, graph_arn, .. } = open(&fixture, &key).await;
    fixture.scene.detective().set_state(&graph_arn, &id, Archived).await.unwrap();
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Alert);
    assert_eq!(state(&fixture, &key).await, Active, "the alert links to it");
}

#[tokio::test]
async fn an_investigation_of_another_client_is_not_archived() {
    let (fixture, key) = archiving("quiet").await;
    let open = StartedInvestigation { is_reused: true, ..open(&fixture, &key).await };
    fixture.scene.record_investigation(&key, &open).await;
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed);
    assert_eq!(state(&fixture, &key).await, Active);
}

#[tokio::test]
async fn a_case_with_another_round_archives_nothing() {
    let (fixture, key) = archiving("quiet").await;
    let (cases, moment) = (fixture.scene.cases.clone(), fixture.moment);
    fixture.scene.aws.before_next_write_of("assessment", move || async move {
        cases.open_or_join(&role_finding("web", "f2"), moment).await;
    });
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Changed);
    assert_eq!(state(&fixture, &key).await, Active);
}

#[tokio::test]
async fn a_failed_archive_does_not_change_the_case() {
    for kind in [FaultKind::AccessDenied, FaultKind::Throttle, FaultKind::Drop] {
        let (fixture, key) = archiving("quiet").await;
        fixture.scene.simulator.add_fault(ApiFault::new("UpdateInvestigationState", kind));
        assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed, "{kind:?}");
        assert_eq!(fixture.scene.aws.events().len(), 1, "{kind:?}");
    }
}
