use super::*;
use crate::case::{CaseNumber, PreviousNotification};
use jiff::SignedDuration;

const SIX_HOURS: SignedDuration = SignedDuration::from_hours(6);

fn at(hour: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + hour * 3600).unwrap()
}

fn open() -> CaseProgress {
    CaseProgress::opened(CaseNumber { sequence: 1, opened_at: at(0) })
}

fn evaluation(cause: Option<AlertCause>, is_transient: bool) -> EvaluationOutcome {
    let level = VerdictLevel::Low;
    EvaluationOutcome::Verdict { cause, has_result: !is_transient, level, is_transient, last_activity: Some(at(0)) }
}

/// The assessment of a case an hour after it was opened, up to its write.
fn assess(case: CaseProgress, follow_up: FollowUpRule, evaluation: EvaluationOutcome) -> AssessFlow {
    AssessFlow::begin(at(1), false, follow_up).read(case).evaluated(evaluation)
}

/// Applies the write: returns the case after it, and the outcome.
fn written(assessing: AssessFlow, mut case: CaseProgress) -> (CaseProgress, AssessOutcome) {
    let AssessStep::Write(write) = assessing.step() else { panic!("{assessing:?}") };
    assert!(write.is_satisfied_by(&case), "{write:?}");
    write.apply(&mut case);
    let AssessStep::Done(outcome) = assessing.wrote(true).step() else { panic!("{assessing:?}") };
    (case, outcome)
}

#[test]
fn only_a_case_that_has_not_ended_gets_another_round() {
    for (evaluation, again) in [
        (EvaluationOutcome::Outdated, AssessOutcome::Outdated),
        (EvaluationOutcome::InvestigationRunning, AssessOutcome::Outdated),
        (EvaluationOutcome::InvestigationFailed, AssessOutcome::Failed),
    ] {
        for (status, outcome) in [
            (CaseStatus::Open, again),
            (CaseStatus::Sealed, again),
            (CaseStatus::Watching, AssessOutcome::Watching),
            (CaseStatus::Closed, AssessOutcome::Closed),
        ] {
            let assessing = assess(CaseProgress { status, ..open() }, FollowUpRule::OFF, evaluation);
            assert_eq!(assessing.step(), AssessStep::Done(outcome), "{status:?}");
        }
    }
}

#[test]
fn a_quiet_case_is_watched_and_closed_after_its_follow_up() {
    let follow_up = FollowUpRule::after(SIX_HOURS);
    let (case, outcome) = written(assess(open(), follow_up, evaluation(None, false)), open());
    assert_eq!((case.status, case.watch_until, outcome), (CaseStatus::Watching, Some(at(6)), AssessOutcome::Watching));
    assert_eq!((case.closed_at, case.last_assessment.unwrap().watch_until), (None, Some(at(6))));
    let begun = CaseProgress { status: CaseStatus::Sealed, follow_up_at: Some(at(6)), ..case };
    let (closed, outcome) = written(assess(begun, follow_up, evaluation(None, false)), begun);
    assert_eq!((closed.status, outcome), (CaseStatus::Closed, AssessOutcome::Closed));
}

#[test]
fn without_follow_ups_a_quiet_case_is_closed() {
    let (case, outcome) = written(assess(open(), FollowUpRule::OFF, evaluation(None, false)), open());
    assert_eq!((case.status, case.watch_until, outcome), (CaseStatus::Closed, None, AssessOutcome::Closed));
}

#[test]
fn a_late_execution_does_not_watch_a_case_in_its_follow_up() {
    let late = assess(open(), FollowUpRule::after(SIX_HOURS), evaluation(None, false));
    let AssessStep::Write(write) = late.step() else { panic!("{late:?}") };
    let begun = CaseProgress { status: CaseStatus::Sealed, follow_up_at: Some(at(6)), ..open() };
    assert!(!write.is_satisfied_by(&begun));
    let watched = CaseProgress { status: CaseStatus::Watching, ..open() };
    assert!(!write.is_satisfied_by(&watched));
}

#[test]
fn a_late_execution_leaves_the_follow_up_to_its_own_execution() {
    let begun = CaseProgress { status: CaseStatus::Sealed, follow_up_at: Some(at(6)), ..open() };
    let late = assess(begun, FollowUpRule::after(SIX_HOURS), EvaluationOutcome::FollowUpPending);
    assert_eq!(late.step(), AssessStep::Done(AssessOutcome::Watching));
}

#[test]
fn a_resolved_alert_has_a_follow_up_and_a_valid_alert_has_none() {
    let alerted = CaseProgress { published_revision: 1, alerted_at: Some(at(0)), joined_count: 2, ..open() };
    let alert = AssessmentSummary { alert_cause: Some(AlertCause::Verdict), ..AssessmentSummary::quiet(1, 0, 1) };
    let alerted = CaseProgress { last_assessment: Some(alert), ..alerted };
    let follow_up = FollowUpRule::after(SIX_HOURS);
    let assessed = |cause| assess(alerted, follow_up, evaluation(cause, false)).assessed().unwrap();
    let taken_back = assessed(None);
    assert_eq!((taken_back.alert_cause, taken_back.watch_until), (Some(AlertCause::Resolved), Some(at(6))));
    let repeated = assessed(Some(AlertCause::Verdict));
    assert_eq!((repeated.alert_cause, repeated.watch_until), (Some(AlertCause::Verdict), None));
}

#[test]
fn an_already_notified_outcome_is_closed_without_an_alert() {
    let outcome = AlertOutcome { cause: AlertCause::NotInvestigated, level: VerdictLevel::Low, is_transient: true };
    let again = CaseProgress { previous_notification: Some(PreviousNotification { until: at(24), outcome }), ..open() };
    let follow_up = FollowUpRule::after(SIX_HOURS);
    let failed = evaluation(Some(AlertCause::NotInvestigated), true);
    let (closed, outcome) = written(assess(again, follow_up, failed), again);
    assert_eq!((closed.status, outcome), (CaseStatus::Closed, AssessOutcome::Closed));
    let assessed = closed.last_assessment.unwrap();
    assert_eq!((assessed.alert_cause, assessed.is_already_notified, assessed.watch_until), (None, true, None));
    // The outcome differs.
    let (alerted, outcome) = written(assess(again, follow_up, evaluation(Some(AlertCause::Verdict), false)), again);
    assert_eq!((alerted.status, outcome), (CaseStatus::Open, AssessOutcome::Alert));
    let (quiet, outcome) = written(assess(again, follow_up, evaluation(None, false)), again);
    assert_eq!((quiet.status, outcome), (CaseStatus::Watching, AssessOutcome::Watching));
}
