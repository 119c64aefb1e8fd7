use super::*;
use crate::case::{CaseNumber, Notified};
use jiff::SignedDuration;

const SIX_HOURS: SignedDuration = SignedDuration::from_hours(6);

fn at(hour: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + hour * 3600).unwrap()
}

fn open() -> CaseProgress {
    CaseProgress::opened(CaseNumber { sequence: 1, opened_at: at(0) })
}

fn weighed(cause: Option<AlertCause>, may_pass: bool) -> Weighed {
    let level = VerdictLevel::Low;
    Weighed::Verdict { cause, has_result: !may_pass, level, may_pass, last_activity: Some(at(0)) }
}

/// The assessment of a case an hour after it was opened, up to what it writes.
fn assess(case: CaseProgress, second_look: SecondLook, weighed: Weighed) -> Assessing {
    Assessing::begin(at(1), false, second_look).read(case).weighed(weighed)
}

/// What is written goes through: the case then, and how the state machine goes on.
fn written(assessing: Assessing, mut case: CaseProgress) -> (CaseProgress, Outcome) {
    let AssessingStep::Write(write) = assessing.step() else { panic!("{assessing:?}") };
    assert!(write.holds(&case), "{write:?}");
    write.apply(&mut case);
    let AssessingStep::Done(outcome) = assessing.wrote(true).step() else { panic!("{assessing:?}") };
    (case, outcome)
}

#[test]
fn only_a_case_that_has_not_ended_goes_round_again() {
    for (weighed, again) in [
        (Weighed::Outdated, Outcome::Outdated),
        (Weighed::Running, Outcome::Outdated),
        (Weighed::Failed, Outcome::Failed),
    ] {
        for (status, outcome) in [
            (CaseStatus::Open, again),
            (CaseStatus::Sealed, again),
            (CaseStatus::Watching, Outcome::Watching),
            (CaseStatus::Closed, Outcome::Closed),
        ] {
            let assessing = assess(CaseProgress { status, ..open() }, SecondLook::OFF, weighed);
            assert_eq!(assessing.step(), AssessingStep::Done(outcome), "{status:?}");
        }
    }
}

#[test]
fn a_quiet_case_is_watched_and_after_its_second_look_closed() {
    let look = SecondLook::after(SIX_HOURS);
    let (case, outcome) = written(assess(open(), look, weighed(None, false)), open());
    assert_eq!((case.status, case.watch_until, outcome), (CaseStatus::Watching, Some(at(6)), Outcome::Watching));
    assert_eq!((case.closed_at, case.assessed.unwrap().watch_until), (None, Some(at(6))));
    let begun = CaseProgress { status: CaseStatus::Sealed, second_look_at: Some(at(6)), ..case };
    let (closed, outcome) = written(assess(begun, look, weighed(None, false)), begun);
    assert_eq!((closed.status, outcome), (CaseStatus::Closed, Outcome::Closed));
}

#[test]
fn without_second_looks_a_quiet_case_is_closed() {
    let (case, outcome) = written(assess(open(), SecondLook::OFF, weighed(None, false)), open());
    assert_eq!((case.status, case.watch_until, outcome), (CaseStatus::Closed, None, Outcome::Closed));
}

#[test]
fn a_case_whose_second_look_has_begun_is_not_watched_by_whoever_is_late() {
    let late = assess(open(), SecondLook::after(SIX_HOURS), weighed(None, false));
    let AssessingStep::Write(write) = late.step() else { panic!("{late:?}") };
    let begun = CaseProgress { status: CaseStatus::Sealed, second_look_at: Some(at(6)), ..open() };
    assert!(!write.holds(&begun));
    let watched = CaseProgress { status: CaseStatus::Watching, ..open() };
    assert!(!write.holds(&watched));
}

#[test]
fn an_execution_that_is_late_leaves_the_second_look_to_the_one_that_has_it() {
    let begun = CaseProgress { status: CaseStatus::Sealed, second_look_at: Some(at(6)), ..open() };
    let late = assess(begun, SecondLook::after(SIX_HOURS), Weighed::SecondLookPending);
    assert_eq!(late.step(), AssessingStep::Done(Outcome::Watching));
}

#[test]
fn an_alert_that_is_taken_back_is_looked_at_again_and_one_that_stands_is_not() {
    let told = CaseProgress { published_revision: 1, alerted_at: Some(at(0)), joined: 2, ..open() };
    let alert = Assessed { cause: Some(AlertCause::Verdict), ..Assessed::quiet(1, 0, 1) };
    let told = CaseProgress { assessed: Some(alert), ..told };
    let look = SecondLook::after(SIX_HOURS);
    let assessed = |cause| assess(told, look, weighed(cause, false)).assessed().unwrap();
    let taken_back = assessed(None);
    assert_eq!((taken_back.cause, taken_back.watch_until), (Some(AlertCause::Resolved), Some(at(6))));
    let stands = assessed(Some(AlertCause::Verdict));
    assert_eq!((stands.cause, stands.watch_until), (Some(AlertCause::Verdict), None));
}

#[test]
fn what_people_were_notified_of_already_is_closed_for_good_without_an_alert() {
    let outcome = AlertOutcome { cause: AlertCause::NotInvestigated, level: VerdictLevel::Low, may_pass: true };
    let again = CaseProgress { notified_before: Some(Notified { until: at(24), outcome }), ..open() };
    let look = SecondLook::after(SIX_HOURS);
    let failed = weighed(Some(AlertCause::NotInvestigated), true);
    let (closed, outcome) = written(assess(again, look, failed), again);
    assert_eq!((closed.status, outcome), (CaseStatus::Closed, Outcome::Closed));
    let assessed = closed.assessed.unwrap();
    assert_eq!((assessed.cause, assessed.already_notified, assessed.watch_until), (None, true, None));
    // It comes to something else.
    let (told, outcome) = written(assess(again, look, weighed(Some(AlertCause::Verdict), false)), again);
    assert_eq!((told.status, outcome), (CaseStatus::Open, Outcome::Alert));
    let (quiet, outcome) = written(assess(again, look, weighed(None, false)), again);
    assert_eq!((quiet.status, outcome), (CaseStatus::Watching, Outcome::Watching));
}
