//! Findings that arrive while a case is assessed, and the last round.

use super::*;
use testkit::findings::republished;
use testkit::{AwsCall, sets_attribute};

fn reads_findings(call: &AwsCall) -> bool {
    call.operation == "Query" && call.json()["FilterExpression"].is_string()
}

#[tokio::test]
async fn a_finding_that_joins_or_repeats_meanwhile_keeps_a_quiet_case_open() {
    let joins = role_finding("web", "f2");
    let repeats = republished(&role_finding("web", "f1"), 7, 1);
    for finding in [joins, repeats] {
        let fixture = Fixture::new();
        let key = fixture.investigated(&role_finding("web", "f1"), "quiet").await;
        let (cases, moment, came) = (fixture.scene.cases.clone(), fixture.moment, finding.clone());
        fixture.scene.aws.before_next_write_of("assessment", move || async move {
            cases.open_or_join(&came, moment).await;
        });
        assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Changed, "{finding}");
        let case = fixture.scene.cases.case(&key).await;
        assert_eq!((case.progress.status, case.progress.assessment_count), (CaseStatus::Open, 0), "{finding}");
        assert_eq!(fixture.scene.aws.events(), [], "{finding}");
        assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed, "{finding}");
    }
}

#[tokio::test]
async fn a_finding_that_joins_after_the_case_was_read_is_scored_but_not_counted_as_seen() {
    let fixture = Fixture::new();
    let key = fixture.investigated(&role_finding("web", "f1"), "quiet").await;
    let (cases, moment) = (fixture.scene.cases.clone(), fixture.moment);
    fixture.scene.aws.before_next(reads_findings, move || async move {
        cases.open_or_join(&role_finding("web", "f2"), moment).await;
    });
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Changed);
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed);
    assert_eq!(fixture.scene.cases.case(&key).await.assessment.unwrap().joined_count, 2);
}

#[tokio::test]
async fn a_finding_that_joins_before_an_alert_is_assessed_in_the_next_round() {
    let fixture = Fixture::new();
    let key = fixture.investigated(&role_finding("web", "f1"), "high").await;
    let (cases, moment) = (fixture.scene.cases.clone(), fixture.moment);
    fixture.scene.aws.before_next_write_of("assessment", move || async move {
        cases.open_or_join(&role_finding("web", "f2"), moment).await;
    });
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Alert);
    let case = fixture.scene.cases.case(&key).await;
    assert_eq!(
        (case.progress.joined_count, case.assessment.unwrap().joined_count),
        (2, 1),
        "send-alert sees the difference"
    );
}

#[tokio::test]
async fn an_assessment_is_repeated_after_a_concurrent_alert() {
    let fixture = Fixture::new();
    let key = fixture.investigated(&role_finding("web", "f1"), "high").await;
    let (table, claimed) = (fixture.scene.cases.table(), key.clone());
    fixture.scene.aws.before_next_write_of("assessment", move || async move {
        use gumshoe_domain::case::{CaseWrite, Change};
        assert!(table.write(&claimed, &CaseWrite::new([], [Change::Claim(1)]), None).await.unwrap());
    });
    assert_eq!(
        fixture.assess(input(&key)).await.unwrap().outcome,
        AssessOutcome::Changed,
        "revision 1 may have been published"
    );
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Alert);
    assert_eq!(fixture.scene.cases.case(&key).await.assessment.unwrap().revision, 2);
}

#[tokio::test]
async fn the_last_round_seals_the_case_before_it_reads_the_findings() {
    let fixture = Fixture::new();
    let key = fixture.investigated(&role_finding("web", "f1"), "high").await;
    let (cases, moment, sealed) = (fixture.scene.cases.clone(), fixture.moment, key.clone());
    fixture.scene.aws.before_next(reads_findings, move || async move {
        let next = cases.open_or_join(&role_finding("web", "f2"), moment).await;
        assert_eq!((next.sequence, sealed.sequence), (2, 1), "it opens the next case");
    });
    let last = Input { is_last_round: true, ..input(&key) };
    assert_eq!(fixture.assess(last).await.unwrap().outcome, AssessOutcome::Alert);
    let case = fixture.scene.cases.case(&key).await;
    assert_eq!((case.progress.status, case.progress.joined_count), (CaseStatus::Sealed, 1));
    assert_eq!(fixture.scene.aws.unused_rule_count(), 0);
}

#[tokio::test]
async fn a_quiet_last_round_closes_the_case() {
    let fixture = Fixture::new();
    let key = fixture.investigated(&role_finding("web", "f1"), "quiet").await;
    let last = || Input { is_last_round: true, ..input(&key) };
    assert_eq!(fixture.assess(last()).await.unwrap().outcome, AssessOutcome::Closed);
    assert_eq!(
        fixture.assess(last()).await.unwrap().outcome,
        AssessOutcome::Closed,
        "sealing a closed case changes nothing"
    );
    assert_eq!(fixture.scene.cases.case(&key).await.progress.status, CaseStatus::Closed);
}

#[tokio::test]
async fn an_obsolete_alert_is_resolved_once() {
    let fixture = Fixture::new();
    let key = fixture.investigated(&role_finding("web", "f1"), "quiet").await;
    let why = Some(NotInvestigated::new("InvestigationDeadline", ""));
    assert_eq!(
        fixture.assess(Input { not_investigated: why, ..input(&key) }).await.unwrap().outcome,
        AssessOutcome::Alert
    );
    let table = fixture.scene.cases.table();
    let published = gumshoe_domain::case::flows::record_published_write(1, fixture.moment);
    assert!(table.write(&key, &published, None).await.unwrap());
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Alert);
    let case = fixture.scene.cases.case(&key).await;
    assert_eq!(case.assessment.unwrap().alert_cause, Some(AlertCause::Resolved));
    assert_eq!(
        fixture.assess(input(&key)).await.unwrap().outcome,
        AssessOutcome::Alert,
        "not published yet, under revision 2"
    );
    assert_eq!(fixture.scene.cases.case(&key).await.progress.assessment_count, 3);
    let calls = fixture.scene.aws.calls();
    assert_eq!(calls.iter().filter(|call| sets_attribute(call, "assessment")).count(), 3);
}
