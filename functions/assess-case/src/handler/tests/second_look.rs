//! Quiet cases are watched and looked at again; what failed is started once more; what was notified already is not again.

use super::*;
use gumshoe_domain::case::{AlertOutcome, FollowUpRule};
use testkit::findings::republished;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn looking_again() -> Stage {
    let mut stage = Stage::new();
    stage.app.settings.follow_up_hours = FollowUpRule::after(HOUR * 6);
    stage
}

#[tokio::test]
async fn a_quiet_case_is_watched_and_closed_by_the_investigation_of_its_second_look_only() {
    let stage = looking_again();
    let finding = with_activity(role_finding("web", "f1"), stage.moment - HOUR, stage.moment - HOUR);
    let key = stage.investigated(&finding, "quiet").await;
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Watching);
    let case = stage.scene.cases.case(&key).await;
    let due = case.progress.watch_until.unwrap();
    assert_eq!(case.progress.status, CaseStatus::Watching);
    assert_eq!(due.as_second(), (stage.moment + HOUR * 5).as_second(), "six hours after the activity");
    assert_eq!(case.assessment.unwrap().watch_until, Some(due));
    assert_eq!(stage.scene.aws.events(), [], "it has not ended");
    let item = stage.scene.aws.item(&key.subject, "case#0000000001").unwrap();
    assert!(!item.contains_key("expires_at"), "a watched case never expires");
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Watching, "a retry");

    stage.scene.cases.begin_second_look(&key, due).await;
    assert_eq!(
        stage.assess(input(&key)).await.unwrap().outcome,
        AssessOutcome::Watching,
        "it has an execution of its own"
    );
    assert_eq!(stage.scene.cases.case(&key).await.progress.status, CaseStatus::Sealed);
    stage.scene.set_scenario("stuck");
    let second = StartedInvestigation { is_for_follow_up: true, ..stage.scene.investigate(&key).await };
    stage.scene.record_investigation(&key, &second).await;
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Watching, "it has not ended");
    assert_eq!(stage.scene.cases.case(&key).await.progress.status, CaseStatus::Sealed);
    stage.scene.simulator.add_scenario(Scenario::named("quiet").unwrap().ending(simulator::Ends::AfterChecks(0)));
    let second = StartedInvestigation { is_for_follow_up: true, ..stage.scene.investigate(&key).await };
    stage.scene.record_investigation(&key, &second).await;
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed);
    let closed = stage.scene.cases.case(&key).await;
    assert_eq!(closed.progress.status, CaseStatus::Closed);
    assert!(closed.assessment.unwrap().is_follow_up);
    assert_eq!(stage.scene.aws.events().len(), 1);
}

#[tokio::test]
async fn what_the_second_look_finds_is_alerted_and_what_keeps_it_from_looking_too() {
    for (scenario, why, cause) in
        [("high", None, AlertCause::Verdict), ("quiet", Some("DetectiveThrottled"), AlertCause::NotInvestigated)]
    {
        let stage = looking_again();
        let key = stage.investigated(&role_finding("web", "f1"), "quiet").await;
        stage.assess(input(&key)).await.unwrap();
        stage.scene.cases.begin_second_look(&key, stage.moment).await;
        stage.scene.simulator.add_scenario(Scenario::named(scenario).unwrap().ending(simulator::Ends::AfterChecks(0)));
        let second = StartedInvestigation { is_for_follow_up: true, ..stage.scene.investigate(&key).await };
        stage.scene.record_investigation(&key, &second).await;
        let not_investigated = why.map(|error| NotInvestigated::new(error, ""));
        let output = stage.assess(Input { not_investigated, ..input(&key) }).await.unwrap();
        assert_eq!((output.outcome, stage.cause(&key).await), (AssessOutcome::Alert, Some(cause)));
    }
}

#[tokio::test]
async fn an_investigation_that_failed_is_started_once_more_before_that_is_told() {
    let stage = Stage::new();
    let key = stage.investigated(&role_finding("web", "f1"), "failed").await;
    let failed = || Input { not_investigated: Some(NotInvestigated::new("InvestigationFailed", "")), ..input(&key) };
    assert_eq!(stage.assess(failed()).await.unwrap().outcome, AssessOutcome::Failed);
    assert_eq!(stage.scene.cases.case(&key).await.progress.assessment_count, 0, "nothing is written");
    let again = StartedInvestigation { is_retry_after_failure: true, ..stage.scene.investigate(&key).await };
    stage.scene.record_investigation(&key, &again).await;
    let output = stage.assess(failed()).await.unwrap();
    assert_eq!((output.outcome, output.needs_operator), (AssessOutcome::Alert, false));
}

const FAILED: AlertOutcome =
    AlertOutcome { cause: AlertCause::NotInvestigated, level: VerdictLevel::Low, is_transient: true };

/// A case that was opened again by a finding that people were alerted of before.
async fn opened_again(stage: &Stage) -> CaseKey {
    let finding = role_finding("web", "f1");
    let first = stage.scene.open_or_join(&finding).await;
    stage.scene.cases.alert(&first, FAILED, stage.moment).await;
    let second = stage.scene.open_or_join(&republished(&finding, 7, 1)).await;
    assert_eq!((first.sequence, second.sequence), (1, 2));
    second
}

#[tokio::test]
async fn the_same_failure_within_the_interval_notifies_nobody() {
    let stage = looking_again();
    let key = opened_again(&stage).await;
    let denied = NotInvestigated::new("DetectiveAccessDenied", "");
    let output = stage.assess(Input { not_investigated: Some(denied), ..input(&key) }).await.unwrap();
    assert_eq!((output.outcome, output.needs_operator), (AssessOutcome::Closed, false));
    let case = stage.scene.cases.case(&key).await;
    assert_eq!(case.progress.previous_notification.unwrap().outcome, FAILED);
    let assessment = case.assessment.unwrap();
    assert_eq!((assessment.alert_cause, assessment.is_already_notified), (None, true));
    assert_eq!(stage.scene.aws.published(), []);
}

#[tokio::test]
async fn another_outcome_within_the_interval_notifies_people() {
    let stage = Stage::new();
    let key = opened_again(&stage).await;
    stage.scene.simulator.add_scenario(Scenario::named("high").unwrap().ending(simulator::Ends::AfterChecks(0)));
    stage.scene.investigate(&key).await;
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Alert);
    let stage = Stage::new();
    let key = opened_again(&stage).await;
    stage.scene.open_or_join(&role_finding("web", "f2")).await;
    let failed = NotInvestigated::new("InvestigationDeadline", "");
    let output = stage.assess(Input { not_investigated: Some(failed), ..input(&key) }).await.unwrap();
    assert_eq!(output.outcome, AssessOutcome::Alert, "another finding joined, of which nobody was notified");
}
