//! Checks all combinations of facts.

use super::*;

const COVERAGE: [CoverageKind; 4] = [
    CoverageKind::InGraphs,
    CoverageKind::Outside,
    CoverageKind::Unknown { is_transient: false },
    CoverageKind::Unknown { is_transient: true },
];
const UNCOVERED: [UncoveredActivity; 4] = [
    UncoveredActivity::None,
    UncoveredActivity::AfterInvestigation,
    UncoveredActivity::RegionNotInvestigated,
    UncoveredActivity::RegionNotListed,
];

fn all() -> impl Iterator<Item = CaseFacts> {
    (0_u32..1 << 9).flat_map(|bits| {
        UNCOVERED
            .into_iter()
            .flat_map(move |uncovered| COVERAGE.into_iter().map(move |coverage| facts(bits, uncovered, coverage)))
    })
}

fn facts(bits: u32, uncovered: UncoveredActivity, coverage: CoverageKind) -> CaseFacts {
    let is = |bit: u32| bits & (1 << bit) != 0;
    CaseFacts {
        is_active: is(0),
        is_last: is(1),
        is_not_investigated: is(2),
        can_restart_investigation: is(2) && is(3),
        has_follow_up_begun: is(4),
        is_follow_up_missing: is(5),
        is_running: is(6),
        is_guardduty_request_missing: is(7),
        // A quiet case may have indicators or not; another case has indicators, or Detective's severity is High.
        is_quiet: is(8),
        is_empty: is(3) && !is(2),
        uncovered,
        coverage,
    }
}

/// Whether the case ends quietly.
fn ends_quietly(facts: CaseFacts) -> bool {
    let decision = facts.decide();
    decision.action == CaseAction::Conclude && decision.no_result_reason.is_none() && facts.is_quiet
}

#[test]
fn a_case_ends_quietly_only_if_the_investigation_could_have_seen_everything() {
    let mut quiet = 0;
    for facts in all().filter(|facts| facts.is_active && ends_quietly(*facts)) {
        quiet += 1;
        assert!(!facts.is_not_investigated && !facts.is_running, "{facts:?}");
        assert_eq!(facts.coverage, CoverageKind::InGraphs, "{facts:?}");
        assert!(!facts.has_follow_up_begun || !facts.is_follow_up_missing, "{facts:?}");
        // Activity after the follow-up began opens the next case.
        let later = facts.uncovered == UncoveredActivity::AfterInvestigation && facts.has_follow_up_begun;
        assert!(facts.uncovered == UncoveredActivity::None || later, "{facts:?}");
    }
    assert!(quiet > 0);
}

#[test]
fn no_round_is_requested_in_the_last_round_or_after_the_end() {
    for facts in all().filter(|facts| facts.is_last || !facts.is_active) {
        let next = facts.decide().action;
        let has_another_round =
            [CaseAction::WaitForInvestigation, CaseAction::RequestGuardDuty, CaseAction::InvestigateUncovered]
                .contains(&next);
        assert!(!has_another_round, "{facts:?}");
    }
}

#[test]
fn a_follow_up_without_a_result_does_not_end_the_case() {
    let pending = |it: &CaseFacts| it.is_active && it.has_follow_up_begun && it.is_follow_up_missing;
    for facts in all().filter(|it| pending(it) && !it.is_not_investigated) {
        assert!(
            [CaseAction::DeferToFollowUp, CaseAction::RetryCoverageRead].contains(&facts.decide().action),
            "{facts:?}"
        );
    }
}

#[test]
fn the_step_is_retried_only_if_a_quiet_end_depends_on_the_unread_membership() {
    for facts in all() {
        let retries = facts.decide().action == CaseAction::RetryCoverageRead;
        assert!(!retries || facts.coverage == CoverageKind::Unknown { is_transient: true }, "{facts:?}");
        assert!(!retries || (facts.is_quiet && facts.is_active), "{facts:?}");
        let read = CaseFacts { coverage: CoverageKind::InGraphs, ..facts };
        assert!(!retries || ends_quietly(read) || read.decide().action == CaseAction::DeferToFollowUp, "{facts:?}");
    }
}

#[test]
fn a_missing_account_explains_a_quiet_or_empty_result_and_no_other() {
    for (is_quiet, is_empty) in [(false, false), (false, true), (true, false), (true, true)] {
        let outside = CaseFacts { is_quiet, is_empty, ..facts(1, UncoveredActivity::None, CoverageKind::Outside) };
        let expected = (is_quiet || is_empty).then_some(NoResultReason::OutsideGraph);
        assert_eq!(outside.decide(), CaseDecision { action: CaseAction::Conclude, no_result_reason: expected });
    }
}

#[test]
fn a_failed_investigation_is_started_once_more_before_the_verdict() {
    for facts in all().filter(|facts| facts.can_restart_investigation) {
        assert!(
            [CaseAction::RestartInvestigation, CaseAction::RequestGuardDuty].contains(&facts.decide().action),
            "{facts:?}"
        );
    }
    assert!(
        all()
            .filter(|facts| !facts.can_restart_investigation)
            .all(|facts| facts.decide().action != CaseAction::RestartInvestigation)
    );
}

#[test]
fn a_running_investigation_is_waited_for_until_the_last_round() {
    let running = facts(0b1_0100_0001, UncoveredActivity::None, CoverageKind::InGraphs);
    assert!(running.is_running && running.is_active);
    assert_eq!(running.decide(), CaseDecision { action: CaseAction::WaitForInvestigation, no_result_reason: None });
    let last = CaseFacts { is_last: true, ..running };
    assert_eq!(
        last.decide(),
        CaseDecision { action: CaseAction::Conclude, no_result_reason: Some(NoResultReason::StillRunning) }
    );
}
