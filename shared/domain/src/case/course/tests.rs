//! Of all combinations of facts.

use super::*;

const COVERAGE: [AccountCoverage; 4] = [
    AccountCoverage::InGraphs,
    AccountCoverage::Outside,
    AccountCoverage::Unknown { may_pass: false },
    AccountCoverage::Unknown { may_pass: true },
];
const UNSEEN: [UnseenActivity; 4] =
    [UnseenActivity::None, UnseenActivity::Later, UnseenActivity::Elsewhere, UnseenActivity::OutOfReach];

fn all() -> impl Iterator<Item = CaseFacts> {
    (0_u32..1 << 9).flat_map(|bits| {
        UNSEEN
            .into_iter()
            .flat_map(move |unseen| COVERAGE.into_iter().map(move |coverage| facts(bits, unseen, coverage)))
    })
}

fn facts(bits: u32, unseen: UnseenActivity, coverage: AccountCoverage) -> CaseFacts {
    let is = |bit: u32| bits & (1 << bit) != 0;
    CaseFacts {
        is_under_way: is(0),
        is_last: is(1),
        is_not_investigated: is(2),
        may_start_again: is(2) && is(3),
        has_second_look_begun: is(4),
        lacks_second_look: is(5),
        is_running: is(6),
        is_guardduty_unasked: is(7),
        // What is quiet may have been found or not; what is not quiet was found, or Detective's severity is High.
        is_quiet: is(8),
        is_empty: is(3) && !is(2),
        unseen,
        coverage,
    }
}

/// Whether the case ends quietly.
fn ends_quietly(facts: CaseFacts) -> bool {
    let course = facts.course();
    course.next == NextMove::Conclude && course.no_result.is_none() && facts.is_quiet
}

#[test]
fn a_case_ends_quietly_only_if_the_investigation_could_have_seen_everything() {
    let mut quiet = 0;
    for facts in all().filter(|facts| facts.is_under_way && ends_quietly(*facts)) {
        quiet += 1;
        assert!(!facts.is_not_investigated && !facts.is_running, "{facts:?}");
        assert_eq!(facts.coverage, AccountCoverage::InGraphs, "{facts:?}");
        assert!(!facts.has_second_look_begun || !facts.lacks_second_look, "{facts:?}");
        // What comes after the second look began opens the next case.
        let later = facts.unseen == UnseenActivity::Later && facts.has_second_look_begun;
        assert!(facts.unseen == UnseenActivity::None || later, "{facts:?}");
    }
    assert!(quiet > 0);
}

#[test]
fn nothing_is_waited_for_when_no_round_follows_or_the_case_has_ended() {
    for facts in all().filter(|facts| facts.is_last || !facts.is_under_way) {
        let next = facts.course().next;
        let goes_round =
            [NextMove::AwaitInvestigation, NextMove::AskGuardDuty, NextMove::InvestigateUnseen].contains(&next);
        assert!(!goes_round, "{facts:?}");
    }
}

#[test]
fn a_second_look_without_a_result_ends_no_case() {
    let pending = |it: &CaseFacts| it.is_under_way && it.has_second_look_begun && it.lacks_second_look;
    for facts in all().filter(|it| pending(it) && !it.is_not_investigated) {
        assert!([NextMove::LeaveToSecondLook, NextMove::RetryCoverage].contains(&facts.course().next), "{facts:?}");
    }
}

#[test]
fn the_step_is_tried_again_only_where_a_quiet_end_hangs_on_what_could_not_be_read() {
    for facts in all() {
        let retries = facts.course().next == NextMove::RetryCoverage;
        assert!(!retries || facts.coverage == AccountCoverage::Unknown { may_pass: true }, "{facts:?}");
        assert!(!retries || (facts.is_quiet && facts.is_under_way), "{facts:?}");
        let read = CaseFacts { coverage: AccountCoverage::InGraphs, ..facts };
        assert!(!retries || ends_quietly(read) || read.course().next == NextMove::LeaveToSecondLook, "{facts:?}");
    }
}

#[test]
fn a_missing_account_explains_a_quiet_or_empty_result_and_no_other() {
    for (is_quiet, is_empty) in [(false, false), (false, true), (true, false), (true, true)] {
        let outside = CaseFacts { is_quiet, is_empty, ..facts(1, UnseenActivity::None, AccountCoverage::Outside) };
        let expected = (is_quiet || is_empty).then_some(NoResult::OutsideGraph);
        assert_eq!(outside.course(), Course { next: NextMove::Conclude, no_result: expected });
    }
}

#[test]
fn a_failed_investigation_is_started_once_more_before_the_verdict() {
    for facts in all().filter(|facts| facts.may_start_again) {
        assert!([NextMove::StartAgain, NextMove::AskGuardDuty].contains(&facts.course().next), "{facts:?}");
    }
    assert!(all().filter(|facts| !facts.may_start_again).all(|facts| facts.course().next != NextMove::StartAgain));
}

#[test]
fn a_running_investigation_is_waited_for_until_the_last_round() {
    let running = facts(0b1_0100_0001, UnseenActivity::None, AccountCoverage::InGraphs);
    assert!(running.is_running && running.is_under_way);
    assert_eq!(running.course(), Course { next: NextMove::AwaitInvestigation, no_result: None });
    let last = CaseFacts { is_last: true, ..running };
    assert_eq!(last.course(), Course { next: NextMove::Conclude, no_result: Some(NoResult::StillRunning) });
}
