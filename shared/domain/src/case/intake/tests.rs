use super::*;
use crate::assessment::AssessmentSummary;
use crate::case::AlertOutcome;
use crate::finding::Severity;
use crate::verdict::{AlertCause, VerdictLevel};

const HOUR: i64 = 3600;
const DAY: IntakeRules = IntakeRules { realert_after: SignedDuration::from_hours(24), follow_up: FollowUpRule::OFF };

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn state(severity: f64, count: u64) -> FindingState {
    FindingState { severity: Severity::new(severity).unwrap(), count, updated_at: None }
}

fn number(sequence: u32) -> CaseNumber {
    CaseNumber { sequence, opened_at: at(0) }
}

fn case(sequence: u32, status: CaseStatus, alerted_at: Option<Timestamp>) -> CaseProgress {
    let assessed = alerted_at
        .map(|_| AssessmentSummary { alert_cause: Some(AlertCause::Verdict), ..AssessmentSummary::quiet(1, 0, 1) });
    CaseProgress { status, alerted_at, last_assessment: assessed, ..CaseProgress::opened(number(sequence)) }
}

fn seen(severity: f64, count: u64, sequence: u32) -> FindingProgress {
    FindingProgress { state: state(severity, count), case: number(sequence), suppressed_count: 0, version: 1 }
}

fn opens(sequence: u32, second: i64) -> IntakeDecision {
    IntakeDecision::Open(CaseNumber { sequence, opened_at: at(second) })
}

#[test]
fn an_unseen_finding_joins_the_open_case_or_opens_the_next() {
    let decide = |latest: Option<CaseProgress>| decide_intake(state(8.0, 1), at(9), latest, None, DAY);
    assert_eq!(decide(None), opens(1, 9));
    assert_eq!(decide(Some(case(3, CaseStatus::Open, None))), IntakeDecision::Join(number(3)));
    assert_eq!(decide(Some(case(3, CaseStatus::Sealed, None))), opens(4, 9));
    assert_eq!(decide(Some(case(3, CaseStatus::Closed, Some(at(0))))), opens(4, 9));
}

#[test]
fn a_finding_of_the_open_case_is_renewed_or_rises() {
    let case = case(1, CaseStatus::Open, None);
    let known = KnownFinding { finding: seen(5.0, 3, 1), case: Some(case) };
    let decide = |severity, count| decide_intake(state(severity, count), at(0), Some(case), Some(known), DAY);
    assert_eq!(decide(5.0, 3), IntakeDecision::Unchanged(number(1)));
    assert_eq!(decide(5.0, 2), IntakeDecision::Unchanged(number(1)));
    assert_eq!(decide(5.0, 4), IntakeDecision::Renew(number(1)));
    assert_eq!(decide(7.0, 4), IntakeDecision::Join(number(1)));
}

#[test]
fn an_open_case_with_an_expired_cases_number_is_another_case() {
    let opened = CaseProgress::opened(CaseNumber { sequence: 1, opened_at: at(HOUR) });
    let known = KnownFinding { finding: seen(5.0, 3, 1), case: None };
    let decide = |count| decide_intake(state(5.0, count), at(HOUR), Some(opened), Some(known), DAY);
    assert_eq!(decide(4), IntakeDecision::Join(opened.number));
    assert_eq!(decide(3), IntakeDecision::Suppress(SuppressReason::DuplicateDelivery));
}

#[test]
fn an_alerted_finding_is_suppressed_until_it_rises_or_the_interval_ends() {
    let closed = case(1, CaseStatus::Closed, Some(at(0)));
    let known = KnownFinding { finding: seen(5.0, 3, 1), case: Some(closed) };
    let decide = |severity, count, now| decide_intake(state(severity, count), now, Some(closed), Some(known), DAY);
    assert_eq!(decide(5.0, 3, at(HOUR)), IntakeDecision::Suppress(SuppressReason::DuplicateDelivery));
    assert_eq!(decide(5.0, 4, at(HOUR)), IntakeDecision::Suppress(SuppressReason::AlreadyAlerted));
    assert_eq!(decide(4.0, 4, at(HOUR)), IntakeDecision::Suppress(SuppressReason::AlreadyAlerted));
    assert_eq!(decide(7.0, 4, at(HOUR)), opens(2, HOUR));
    assert_eq!(decide(5.0, 4, at(24 * HOUR)), opens(2, 24 * HOUR));
    assert_eq!(decide(5.0, 3, at(24 * HOUR)), IntakeDecision::Suppress(SuppressReason::DuplicateDelivery));
}

#[test]
fn new_activity_after_a_quiet_end_opens_a_case() {
    let closed = case(1, CaseStatus::Closed, None);
    let known = KnownFinding { finding: seen(5.0, 3, 1), case: Some(closed) };
    let decide = |count| decide_intake(state(5.0, count), at(HOUR), Some(closed), Some(known), DAY);
    assert_eq!(decide(3), IntakeDecision::Suppress(SuppressReason::DuplicateDelivery));
    assert_eq!(decide(4), opens(2, HOUR));
    // The case has expired, the finding has not.
    let forgotten = KnownFinding { case: None, ..known };
    assert_eq!(decide_intake(state(5.0, 4), at(HOUR), None, Some(forgotten), DAY), opens(1, HOUR));
}

#[test]
fn a_sealed_case_suppresses_only_what_it_has_alerted() {
    let decide = |alerted_at, severity| {
        let sealed = case(1, CaseStatus::Sealed, alerted_at);
        let known = KnownFinding { finding: seen(5.0, 3, 1), case: Some(sealed) };
        decide_intake(state(severity, 4), at(HOUR), Some(sealed), Some(known), DAY)
    };
    assert_eq!(decide(Some(at(0)), 5.0), IntakeDecision::Suppress(SuppressReason::AlreadyAlerted));
    assert_eq!(decide(None, 5.0), opens(2, HOUR));
    assert_eq!(decide(Some(at(0)), 9.0), opens(2, HOUR));
}

#[test]
fn joins_and_renewals_need_an_open_case() {
    let known = seen(5.0, 3, 1);
    for intake in [IntakeDecision::Join(number(1)), IntakeDecision::Renew(number(1))] {
        let write = intake.write(state(5.0, 4), Some(known)).unwrap();
        let CaseChange::Update(_, case_side) = &write.case else { panic!("{write:?}") };
        assert!(case_side.is_satisfied_by(&case(1, CaseStatus::Open, None)));
        assert!(!case_side.is_satisfied_by(&case(1, CaseStatus::Closed, None)));
        assert_eq!((write.expected_version, write.finding.version, write.finding.state.count), (Some(1), 2, 4));
    }
}

#[test]
fn within_a_case_the_highest_severity_is_kept() {
    let kept =
        |intake: IntakeDecision| intake.write(state(4.0, 4), Some(seen(8.0, 3, 1))).unwrap().finding.state.severity;
    assert!(kept(IntakeDecision::Renew(number(1))).value() > 7.9);
    assert!(kept(IntakeDecision::Suppress(SuppressReason::AlreadyAlerted)).value() > 7.9);
    assert!(kept(IntakeDecision::Open(number(2))).value() < 4.1, "another case begins with the current severity");
}

/// A closed case that was alerted at time 0 with this cause.
fn alerted(sequence: u32, cause: Option<AlertCause>, is_transient: bool) -> CaseProgress {
    let assessed = AssessmentSummary { alert_cause: cause, is_transient, ..AssessmentSummary::quiet(1, 0, 1) };
    CaseProgress { last_assessment: Some(assessed), ..case(sequence, CaseStatus::Closed, Some(at(0))) }
}

fn notified(cause: AlertCause, is_transient: bool) -> PreviousNotification {
    let outcome = AlertOutcome { cause, level: VerdictLevel::Informational, is_transient };
    PreviousNotification { until: at(24 * HOUR), outcome }
}

#[test]
fn a_resolved_alert_or_a_transient_failure_is_followed_by_another_investigation() {
    let decide = |closed, count, now| {
        decide_intake(
            state(5.0, count),
            now,
            Some(closed),
            Some(KnownFinding { finding: seen(5.0, 3, 1), case: Some(closed) }),
            DAY,
        )
    };
    let next = CaseNumber { sequence: 2, opened_at: at(HOUR) };
    for (cause, is_transient, expected) in [
        (Some(AlertCause::Resolved), false, AlertCause::Resolved),
        (None, false, AlertCause::Resolved),
        (Some(AlertCause::NotInvestigated), true, AlertCause::NotInvestigated),
    ] {
        let closed = alerted(1, cause, is_transient);
        assert_eq!(
            decide(closed, 4, at(HOUR)),
            IntakeDecision::Reinvestigate(next, notified(expected, is_transient)),
            "{cause:?}"
        );
        assert_eq!(decide(closed, 3, at(HOUR)), IntakeDecision::Suppress(SuppressReason::DuplicateDelivery));
        assert_eq!(decide(closed, 4, at(24 * HOUR)), opens(2, 24 * HOUR), "the interval has ended");
    }
    for cause in [AlertCause::NotInvestigated, AlertCause::Verdict, AlertCause::DetectiveDisagrees] {
        let closed = alerted(1, Some(cause), false);
        assert_eq!(decide(closed, 4, at(HOUR)), IntakeDecision::Suppress(SuppressReason::AlreadyAlerted), "{cause:?}");
    }
}

#[test]
fn findings_of_one_notification_open_one_case() {
    let failed = notified(AlertCause::NotInvestigated, true);
    let first = alerted(1, Some(AlertCause::NotInvestigated), true);
    let known = KnownFinding { finding: seen(5.0, 3, 1), case: Some(first) };
    let again = CaseProgress { previous_notification: Some(failed), ..CaseProgress::opened(number(2)) };
    let decide = |latest| decide_intake(state(5.0, 4), at(HOUR), Some(latest), Some(known), DAY);
    assert_eq!(decide(again), IntakeDecision::Renew(number(2)));
    let other = CaseProgress { previous_notification: None, ..again };
    assert_eq!(decide(other), IntakeDecision::Join(number(2)), "another finding opened it");
}

#[test]
fn the_previous_notification_is_inherited_until_the_interval_ends() {
    let failed = notified(AlertCause::NotInvestigated, true);
    let ended = |already_notified| CaseProgress {
        last_assessment: Some(AssessmentSummary {
            is_already_notified: already_notified,
            ..AssessmentSummary::quiet(1, 0, 1)
        }),
        previous_notification: Some(failed),
        ..case(2, CaseStatus::Closed, None)
    };
    let decide = |case: CaseProgress, now| {
        decide_intake(
            state(5.0, 4),
            now,
            Some(case),
            Some(KnownFinding { finding: seen(5.0, 3, 2), case: Some(case) }),
            DAY,
        )
    };
    let next = CaseNumber { sequence: 3, opened_at: at(HOUR) };
    assert_eq!(decide(ended(true), at(HOUR)), IntakeDecision::Reinvestigate(next, failed));
    assert_eq!(decide(ended(true), at(24 * HOUR)), opens(3, 24 * HOUR));
    assert_eq!(decide(ended(false), at(HOUR)), opens(3, HOUR), "it ended quietly with another outcome");
}

fn watching(until: Timestamp) -> CaseProgress {
    CaseProgress { watch_until: Some(until), execution_attempt: 2, ..case(1, CaseStatus::Watching, None) }
}

const SIX_HOURS: IntakeRules = IntakeRules { follow_up: FollowUpRule::after(SignedDuration::from_hours(6)), ..DAY };

#[test]
fn a_finding_that_joins_a_watched_case_reopens_it_with_its_next_execution() {
    let case = watching(at(6 * HOUR));
    let known = KnownFinding { finding: seen(5.0, 3, 1), case: Some(case) };
    let decide = |severity, known| decide_intake(state(severity, 3), at(HOUR), Some(case), known, SIX_HOURS);
    assert_eq!(decide(8.0, Some(known)), IntakeDecision::Reopen(number(1), 2), "it rises");
    let intake = decide(5.0, None);
    assert_eq!(intake, IntakeDecision::Reopen(number(1), 2), "another finding");
    let CaseChange::Update(_, write) = intake.write(state(5.0, 3), None).unwrap().case else { panic!("{intake:?}") };
    for (other, why) in [
        (CaseProgress { status: CaseStatus::Open, ..case }, "a concurrent invocation reopened it"),
        (CaseProgress { execution_attempt: 3, ..case }, "it is watched again after that"),
        (CaseProgress { status: CaseStatus::Sealed, ..case }, "its follow-up has begun"),
    ] {
        assert!(!write.is_satisfied_by(&other), "{why}");
    }
    let mut reopened = case;
    assert!(write.is_satisfied_by(&reopened));
    write.apply(&mut reopened);
    assert_eq!((reopened.status, reopened.watch_until, reopened.joined_count), (CaseStatus::Open, None, 2));
    assert_eq!((reopened.execution_attempt, reopened.first_attempt_of_run, reopened.follow_up_at), (3, 3, None));
}

#[test]
fn an_update_in_a_watched_case_postpones_its_follow_up() {
    let case = watching(at(6 * HOUR));
    let known = KnownFinding { finding: seen(5.0, 3, 1), case: Some(case) };
    let decide = |count, hour| decide_intake(state(5.0, count), at(hour * HOUR), Some(case), Some(known), SIX_HOURS);
    assert_eq!(decide(3, 5), IntakeDecision::Unchanged(number(1)));
    let (until, later) = (at(6 * HOUR), at(11 * HOUR));
    let intake = decide(4, 5);
    assert_eq!(intake, IntakeDecision::Postpone { number: number(1), until, later });
    let CaseChange::Update(_, write) = intake.write(state(5.0, 4), Some(known.finding)).unwrap().case else { panic!() };
    assert!(!write.is_satisfied_by(&watching(at(7 * HOUR))), "a concurrent invocation postponed it");
    assert!(!write.is_satisfied_by(&CaseProgress { status: CaseStatus::Sealed, ..case }), "its follow-up has begun");
    let mut postponed = case;
    write.apply(&mut postponed);
    assert_eq!(
        (postponed.status, postponed.watch_until, postponed.renewed_count),
        (CaseStatus::Watching, Some(later), 1)
    );
    let at_most = at(24 * HOUR);
    assert_eq!(decide(4, 23), IntakeDecision::Postpone { number: number(1), until, later: at_most });
}

#[test]
fn a_case_in_its_follow_up_accepts_no_finding() {
    let begun = CaseProgress { follow_up_at: Some(at(HOUR)), ..case(1, CaseStatus::Sealed, None) };
    let known = KnownFinding { finding: seen(5.0, 3, 1), case: Some(begun) };
    let decide = |severity, known| decide_intake(state(severity, 4), at(HOUR), Some(begun), known, SIX_HOURS);
    assert_eq!(decide(5.0, None), opens(2, HOUR));
    assert_eq!(decide(5.0, Some(known)), opens(2, HOUR));
    assert_eq!(decide(9.0, Some(known)), opens(2, HOUR));
}
