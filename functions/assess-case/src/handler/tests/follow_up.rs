//! Follow-up investigations of quiet cases, repeated investigations after a failure, and alerts that were already sent.

use super::*;
use gumshoe_domain::case::{AlertOutcome, FollowUpRule};
use testkit::findings::republished;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn with_follow_ups() -> Fixture {
    let mut fixture = Fixture::new();
    fixture.app.settings.follow_up_hours = FollowUpRule::after(HOUR * 6);
    fixture
}

#[tokio::test]
async fn a_quiet_case_is_closed_only_after_its_follow_up_investigation() {
    let fixture = with_follow_ups();
    let finding = with_activity(role_finding("web", "f1"), fixture.moment - HOUR, fixture.moment - HOUR);
    let key = fixture.investigated(&finding, "quiet").await;
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Watching);
    let case = fixture.scene.cases.case(&key).await;
    let due = case.progress.watch_until.unwrap();
    assert_eq!(case.progress.status, CaseStatus::Watching);
    assert_eq!(due.as_second(), (fixture.moment + HOUR * 5).as_second(), "six hours after the activity");
    assert_eq!(case.assessment.unwrap().watch_until, Some(due));
    assert_eq!(fixture.scene.aws.events(), [], "it has not ended");
    let item = fixture.scene.aws.item(&key.subject, "case#0000000001").unwrap();
    assert!(!item.contains_key("expires_at"), "a watched case never expires");
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Watching, "a retry");

    fixture.scene.cases.begin_follow_up(&key, due).await;
    assert_eq!(
        fixture.assess(input(&key)).await.unwrap().outcome,
        AssessOutcome::Watching,
        "it has an execution of its own"
    );
    assert_eq!(fixture.scene.cases.case(&key).await.progress.status, CaseStatus::Sealed);
    fixture.scene.set_scenario("stuck");
    let second = StartedInvestigation { is_for_follow_up: true, ..fixture.scene.investigate(&key).await };
    fixture.scene.record_investigation(&key, &second).await;
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Watching, "it has not ended");
    assert_eq!(fixture.scene.cases.case(&key).await.progress.status, CaseStatus::Sealed);
    fixture
        .scene
        .simulator
        .add_scenario(Scenario::named("quiet").unwrap().with_end(simulator::EndsWhen::AfterChecks(0)));
    let second = StartedInvestigation { is_for_follow_up: true, ..fixture.scene.investigate(&key).await };
    fixture.scene.record_investigation(&key, &second).await;
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed);
    let closed = fixture.scene.cases.case(&key).await;
    assert_eq!(closed.progress.status, CaseStatus::Closed);
    assert!(closed.assessment.unwrap().is_follow_up);
    assert_eq!(fixture.scene.aws.events().len(), 1);
}

#[tokio::test]
async fn the_result_or_the_failure_of_a_follow_up_is_alerted() {
    for (scenario, why, cause) in
        [("high", None, AlertCause::Verdict), ("quiet", Some("DetectiveThrottled"), AlertCause::NotInvestigated)]
    {
        let fixture = with_follow_ups();
        let key = fixture.investigated(&role_finding("web", "f1"), "quiet").await;
        fixture.assess(input(&key)).await.unwrap();
        fixture.scene.cases.begin_follow_up(&key, fixture.moment).await;
        fixture
            .scene
            .simulator
            .add_scenario(Scenario::named(scenario).unwrap().with_end(simulator::EndsWhen::AfterChecks(0)));
        let second = StartedInvestigation { is_for_follow_up: true, ..fixture.scene.investigate(&key).await };
        fixture.scene.record_investigation(&key, &second).await;
        let not_investigated = why.map(|error| NotInvestigated::new(error, ""));
        let output = fixture.assess(Input { not_investigated, ..input(&key) }).await.unwrap();
        assert_eq!((output.outcome, fixture.cause(&key).await), (AssessOutcome::Alert, Some(cause)));
    }
}

#[tokio::test]
async fn a_failed_investigation_is_repeated_before_it_is_alerted() {
    let fixture = Fixture::new();
    let key = fixture.investigated(&role_finding("web", "f1"), "failed").await;
    let failed = || Input { not_investigated: Some(NotInvestigated::new("InvestigationFailed", "")), ..input(&key) };
    assert_eq!(fixture.assess(failed()).await.unwrap().outcome, AssessOutcome::Failed);
    assert_eq!(fixture.scene.cases.case(&key).await.progress.assessment_count, 0, "nothing is written");
    let again = StartedInvestigation { is_retry_after_failure: true, ..fixture.scene.investigate(&key).await };
    fixture.scene.record_investigation(&key, &again).await;
    let output = fixture.assess(failed()).await.unwrap();
    assert_eq!((output.outcome, output.needs_operator), (AssessOutcome::Alert, false));
}

const FAILED: AlertOutcome =
    AlertOutcome { cause: AlertCause::NotInvestigated, level: VerdictLevel::Low, is_transient: true };

/// A case that was reopened by a finding that was alerted before.
async fn reopened(fixture: &Fixture) -> CaseKey {
    let finding = role_finding("web", "f1");
    let first = fixture.scene.open_or_join(&finding).await;
    fixture.scene.cases.alert(&first, FAILED, fixture.moment).await;
    let second = fixture.scene.open_or_join(&republished(&finding, 7, 1)).await;
    assert_eq!((first.sequence, second.sequence), (1, 2));
    second
}

#[tokio::test]
async fn the_same_failure_within_the_interval_is_not_alerted_again() {
    let fixture = with_follow_ups();
    let key = reopened(&fixture).await;
    let denied = NotInvestigated::new("DetectiveAccessDenied", "");
    let output = fixture.assess(Input { not_investigated: Some(denied), ..input(&key) }).await.unwrap();
    assert_eq!((output.outcome, output.needs_operator), (AssessOutcome::Closed, false));
    let case = fixture.scene.cases.case(&key).await;
    assert_eq!(case.progress.previous_notification.unwrap().outcome, FAILED);
    let assessment = case.assessment.unwrap();
    assert_eq!((assessment.alert_cause, assessment.is_already_notified), (None, true));
    assert_eq!(fixture.scene.aws.published(), []);
}

#[tokio::test]
async fn another_outcome_within_the_interval_is_alerted() {
    let fixture = Fixture::new();
    let key = reopened(&fixture).await;
    fixture
        .scene
        .simulator
        .add_scenario(Scenario::named("high").unwrap().with_end(simulator::EndsWhen::AfterChecks(0)));
    fixture.scene.investigate(&key).await;
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Alert);
    let fixture = Fixture::new();
    let key = reopened(&fixture).await;
    fixture.scene.open_or_join(&role_finding("web", "f2")).await;
    let failed = NotInvestigated::new("InvestigationDeadline", "");
    let output = fixture.assess(Input { not_investigated: Some(failed), ..input(&key) }).await.unwrap();
    assert_eq!(output.outcome, AssessOutcome::Alert, "another finding joined, that was not alerted yet");
}
