//! Findings that come while a case is assessed, and the last round.

use super::*;
use testkit::findings::republished;
use testkit::{AwsCall, sets_attribute};

fn reads_findings(call: &AwsCall) -> bool {
    call.operation == "Query" && call.json()["FilterExpression"].is_string()
}

#[tokio::test]
async fn a_finding_that_joins_or_comes_again_in_between_keeps_a_quiet_case_open() {
    let joins = role_finding("web", "f2");
    let comes_again = republished(&role_finding("web", "f1"), 7, 1);
    for finding in [joins, comes_again] {
        let stage = Stage::new();
        let key = stage.investigated(&role_finding("web", "f1"), "quiet").await;
        let (cases, moment, came) = (stage.scene.cases.clone(), stage.moment, finding.clone());
        stage.scene.aws.before_next_write_of("assessment", move || async move {
            cases.open_or_join(&came, moment).await;
        });
        assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Changed, "{finding}");
        let case = stage.scene.cases.case(&key).await;
        assert_eq!((case.progress.status, case.progress.assessment_count), (CaseStatus::Open, 0), "{finding}");
        assert_eq!(stage.scene.aws.events(), [], "{finding}");
        assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed, "{finding}");
    }
}

#[tokio::test]
async fn a_finding_that_joins_after_the_case_was_read_is_weighed_but_not_taken_for_seen() {
    let stage = Stage::new();
    let key = stage.investigated(&role_finding("web", "f1"), "quiet").await;
    let (cases, moment) = (stage.scene.cases.clone(), stage.moment);
    stage.scene.aws.before_next(reads_findings, move || async move {
        cases.open_or_join(&role_finding("web", "f2"), moment).await;
    });
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Changed);
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed);
    assert_eq!(stage.scene.cases.case(&key).await.assessment.unwrap().joined_count, 2);
}

#[tokio::test]
async fn a_finding_that_joins_before_an_alert_is_left_to_the_next_round() {
    let stage = Stage::new();
    let key = stage.investigated(&role_finding("web", "f1"), "high").await;
    let (cases, moment) = (stage.scene.cases.clone(), stage.moment);
    stage.scene.aws.before_next_write_of("assessment", move || async move {
        cases.open_or_join(&role_finding("web", "f2"), moment).await;
    });
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Alert);
    let case = stage.scene.cases.case(&key).await;
    assert_eq!(
        (case.progress.joined_count, case.assessment.unwrap().joined_count),
        (2, 1),
        "send-alert sees the difference"
    );
}

#[tokio::test]
async fn an_assessment_that_others_have_alerted_meanwhile_is_made_anew() {
    let stage = Stage::new();
    let key = stage.investigated(&role_finding("web", "f1"), "high").await;
    let (table, claimed) = (stage.scene.cases.table(), key.clone());
    stage.scene.aws.before_next_write_of("assessment", move || async move {
        use gumshoe_domain::case::{CaseWrite, Change};
        assert!(table.write(&claimed, &CaseWrite::new([], [Change::Claim(1)]), None).await.unwrap());
    });
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Changed, "revision 1 may be out");
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Alert);
    assert_eq!(stage.scene.cases.case(&key).await.assessment.unwrap().revision, 2);
}

#[tokio::test]
async fn the_last_round_seals_the_case_before_it_reads_it() {
    let stage = Stage::new();
    let key = stage.investigated(&role_finding("web", "f1"), "high").await;
    let (cases, moment, sealed) = (stage.scene.cases.clone(), stage.moment, key.clone());
    stage.scene.aws.before_next(reads_findings, move || async move {
        let next = cases.open_or_join(&role_finding("web", "f2"), moment).await;
        assert_eq!((next.sequence, sealed.sequence), (2, 1), "it opens the next case");
    });
    let last = Input { last_round: true, ..input(&key) };
    assert_eq!(stage.assess(last).await.unwrap().outcome, AssessOutcome::Alert);
    let case = stage.scene.cases.case(&key).await;
    assert_eq!((case.progress.status, case.progress.joined_count), (CaseStatus::Sealed, 1));
    assert_eq!(stage.scene.aws.unused_rule_count(), 0);
}

#[tokio::test]
async fn a_quiet_last_round_ends_the_case() {
    let stage = Stage::new();
    let key = stage.investigated(&role_finding("web", "f1"), "quiet").await;
    let last = || Input { last_round: true, ..input(&key) };
    assert_eq!(stage.assess(last()).await.unwrap().outcome, AssessOutcome::Closed);
    assert_eq!(
        stage.assess(last()).await.unwrap().outcome,
        AssessOutcome::Closed,
        "sealing what has ended changes nothing"
    );
    assert_eq!(stage.scene.cases.case(&key).await.progress.status, CaseStatus::Closed);
}

#[tokio::test]
async fn an_alert_that_no_longer_stands_is_taken_back_once() {
    let stage = Stage::new();
    let key = stage.investigated(&role_finding("web", "f1"), "quiet").await;
    let why = Some(NotInvestigated::new("InvestigationDeadline", ""));
    assert_eq!(
        stage.assess(Input { not_investigated: why, ..input(&key) }).await.unwrap().outcome,
        AssessOutcome::Alert
    );
    let table = stage.scene.cases.table();
    let published = gumshoe_domain::case::flows::record_published_write(1, stage.moment);
    assert!(table.write(&key, &published, None).await.unwrap());
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Alert);
    let case = stage.scene.cases.case(&key).await;
    assert_eq!(case.assessment.unwrap().alert_cause, Some(AlertCause::Resolved));
    assert_eq!(
        stage.assess(input(&key)).await.unwrap().outcome,
        AssessOutcome::Alert,
        "not published yet, under revision 2"
    );
    assert_eq!(stage.scene.cases.case(&key).await.progress.assessment_count, 3);
    let calls = stage.scene.aws.calls();
    assert_eq!(calls.iter().filter(|call| sets_attribute(call, "assessment")).count(), 3);
}
