//! What becomes of a finding that arrives.

use super::progress::{CaseNumber, CaseProgress, CaseStatus, FindingProgress};
use super::write::{CaseSide, CaseWrite, Change, Condition, IntakeWrite};
use crate::finding::FindingState;
use jiff::{SignedDuration, Timestamp};
use std::fmt;

/// A finding that was seen before, with the case that it is part of (nothing when the table has forgotten the case).
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// How far it has come.
    pub finding: FindingProgress,
    /// The case that it is part of.
    pub case: Option<CaseProgress>,
}

/// What becomes of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Intake {
    /// It opens the subject's next case.
    Open(CaseNumber),
    /// It joins the open case, or climbs into a higher band within it.
    Join(CaseNumber),
    /// It is part of the open case already: its latest state is noted.
    Refresh(CaseNumber),
    /// The very same state of it is part of the open case already: nothing to write, but its execution is made sure of.
    Present(CaseNumber),
    /// It says nothing new, and is counted.
    Suppress(Suppression),
}

/// Why a finding says nothing new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Suppression {
    /// The very same state of it was worked before: a repeated delivery. Nothing to write.
    Delivered,
    /// It was alerted within the re-alert interval, in the same band or a higher one.
    Alerted,
}

impl fmt::Display for Suppression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Delivered => "this state of the finding was delivered before",
            Self::Alerted => "the finding was alerted within the re-alert interval in the same severity band",
        })
    }
}

/// Decides what becomes of a finding in this state, given the subject's `latest` case and what is `known` of the finding.
///
/// Deciding twice changes nothing: once the decision is carried out, the same finding is `Present` or `Delivered`.
#[must_use]
pub fn receive(
    finding: FindingState,
    now: Timestamp,
    latest: Option<CaseProgress>,
    known: Option<Known>,
    realert_after: SignedDuration,
) -> Intake {
    let open = latest.filter(|case| case.status == CaseStatus::Open).map(|case| case.number);
    let enter = || match open {
        Some(number) => Intake::Join(number),
        None => {
            let sequence = latest.map_or(1, |case| case.number.sequence.saturating_add(1));
            Intake::Open(CaseNumber { sequence, opened_at: now })
        }
    };
    let Some(known) = known else { return enter() };
    let worse = finding.is_worse_than(known.finding.state);
    let newer = finding.is_newer_than(known.finding.state);
    if let Some(number) = open.filter(|number| *number == known.finding.case) {
        return match (worse, newer) {
            (true, _) => Intake::Join(number),
            (false, true) => Intake::Refresh(number),
            (false, false) => Intake::Present(number),
        };
    }
    if worse {
        return enter();
    }
    if !newer {
        return Intake::Suppress(Suppression::Delivered);
    }
    let alerted_at = known.case.and_then(|case| case.alerted_at);
    let alerted = alerted_at.is_some_and(|at| now.duration_since(at) < realert_after);
    if alerted { Intake::Suppress(Suppression::Alerted) } else { enter() }
}

impl Intake {
    /// The write that carries it out; nothing where there is nothing to write.
    ///
    /// Within a case, and while it is suppressed, a finding keeps the highest severity that it had: sinking and climbing
    /// back is no news.
    #[must_use]
    pub fn write(self, finding: FindingState, known: Option<FindingProgress>) -> Option<IntakeWrite> {
        let joins = |change| CaseWrite::new([Condition::IsOpen], [change]);
        let (case, number, suppressed_now) = match self {
            Self::Open(number) => (CaseSide::Open(CaseProgress::opened(number)), number, 0),
            Self::Join(number) => (CaseSide::Update(number, joins(Change::Join)), number, 0),
            Self::Refresh(number) => (CaseSide::Update(number, joins(Change::Renew)), number, 0),
            Self::Suppress(Suppression::Alerted) => (CaseSide::Untouched, known?.case, 1),
            Self::Present(_) | Self::Suppress(Suppression::Delivered) => return None,
        };
        let severity = known
            .filter(|known| known.case == number && known.state.severity > finding.severity)
            .map_or(finding.severity, |known| known.state.severity);
        Some(IntakeWrite {
            case,
            finding: FindingProgress {
                state: FindingState { severity, ..finding },
                case: number,
                suppressed: known.map_or(0, |known| known.suppressed) + suppressed_now,
                version: known.map_or(0, |known| known.version) + 1,
            },
            expected: known.map(|known| known.version),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;

    const HOUR: i64 = 3600;
    const DAY: SignedDuration = SignedDuration::from_hours(24);

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
        CaseProgress { status, alerted_at, ..CaseProgress::opened(number(sequence)) }
    }

    fn seen(severity: f64, count: u64, sequence: u32) -> FindingProgress {
        FindingProgress { state: state(severity, count), case: number(sequence), suppressed: 0, version: 1 }
    }

    fn opens(sequence: u32, second: i64) -> Intake {
        Intake::Open(CaseNumber { sequence, opened_at: at(second) })
    }

    #[test]
    fn an_unseen_finding_joins_the_open_case_or_opens_the_next() {
        let decide = |latest: Option<CaseProgress>| receive(state(8.0, 1), at(9), latest, None, DAY);
        assert_eq!(decide(None), opens(1, 9));
        assert_eq!(decide(Some(case(3, CaseStatus::Open, None))), Intake::Join(number(3)));
        assert_eq!(decide(Some(case(3, CaseStatus::Sealed, None))), opens(4, 9));
        assert_eq!(decide(Some(case(3, CaseStatus::Closed, Some(at(0))))), opens(4, 9));
    }

    #[test]
    fn in_its_open_case_it_is_refreshed_or_climbs() {
        let case = case(1, CaseStatus::Open, None);
        let known = Known { finding: seen(5.0, 3, 1), case: Some(case) };
        let decide = |severity, count| receive(state(severity, count), at(0), Some(case), Some(known), DAY);
        assert_eq!(decide(5.0, 3), Intake::Present(number(1)));
        assert_eq!(decide(5.0, 2), Intake::Present(number(1)));
        assert_eq!(decide(5.0, 4), Intake::Refresh(number(1)));
        assert_eq!(decide(7.0, 4), Intake::Join(number(1)));
    }

    #[test]
    fn an_open_case_that_bears_a_forgotten_ones_number_is_another() {
        let opened = CaseProgress::opened(CaseNumber { sequence: 1, opened_at: at(HOUR) });
        let known = Known { finding: seen(5.0, 3, 1), case: None };
        let decide = |count| receive(state(5.0, count), at(HOUR), Some(opened), Some(known), DAY);
        assert_eq!(decide(4), Intake::Join(opened.number));
        assert_eq!(decide(3), Intake::Suppress(Suppression::Delivered));
    }

    #[test]
    fn after_its_alert_it_is_suppressed_until_it_climbs_or_the_interval_is_over() {
        let closed = case(1, CaseStatus::Closed, Some(at(0)));
        let known = Known { finding: seen(5.0, 3, 1), case: Some(closed) };
        let decide = |severity, count, now| receive(state(severity, count), now, Some(closed), Some(known), DAY);
        assert_eq!(decide(5.0, 3, at(HOUR)), Intake::Suppress(Suppression::Delivered));
        assert_eq!(decide(5.0, 4, at(HOUR)), Intake::Suppress(Suppression::Alerted));
        assert_eq!(decide(4.0, 4, at(HOUR)), Intake::Suppress(Suppression::Alerted));
        assert_eq!(decide(7.0, 4, at(HOUR)), opens(2, HOUR));
        assert_eq!(decide(5.0, 4, at(24 * HOUR)), opens(2, 24 * HOUR));
        assert_eq!(decide(5.0, 3, at(24 * HOUR)), Intake::Suppress(Suppression::Delivered));
    }

    #[test]
    fn after_a_quiet_end_new_activity_is_looked_at_again() {
        let closed = case(1, CaseStatus::Closed, None);
        let known = Known { finding: seen(5.0, 3, 1), case: Some(closed) };
        let decide = |count| receive(state(5.0, count), at(HOUR), Some(closed), Some(known), DAY);
        assert_eq!(decide(3), Intake::Suppress(Suppression::Delivered));
        assert_eq!(decide(4), opens(2, HOUR));
        // The table has forgotten the case, not the finding.
        let forgotten = Known { case: None, ..known };
        assert_eq!(receive(state(5.0, 4), at(HOUR), None, Some(forgotten), DAY), opens(1, HOUR));
    }

    #[test]
    fn a_sealed_case_suppresses_only_what_it_has_alerted() {
        let decide = |alerted_at, severity| {
            let sealed = case(1, CaseStatus::Sealed, alerted_at);
            let known = Known { finding: seen(5.0, 3, 1), case: Some(sealed) };
            receive(state(severity, 4), at(HOUR), Some(sealed), Some(known), DAY)
        };
        assert_eq!(decide(Some(at(0)), 5.0), Intake::Suppress(Suppression::Alerted));
        assert_eq!(decide(None, 5.0), opens(2, HOUR));
        assert_eq!(decide(Some(at(0)), 9.0), opens(2, HOUR));
    }

    #[test]
    fn what_joins_or_is_renewed_needs_a_case_that_is_still_open() {
        let known = seen(5.0, 3, 1);
        for intake in [Intake::Join(number(1)), Intake::Refresh(number(1))] {
            let write = intake.write(state(5.0, 4), Some(known)).unwrap();
            let CaseSide::Update(_, case_side) = &write.case else { panic!("{write:?}") };
            assert!(case_side.holds(&case(1, CaseStatus::Open, None)));
            assert!(!case_side.holds(&case(1, CaseStatus::Closed, None)));
            assert_eq!((write.expected, write.finding.version, write.finding.state.count), (Some(1), 2, 4));
        }
    }

    #[test]
    fn within_a_case_the_highest_severity_is_kept() {
        let kept = |intake: Intake| intake.write(state(4.0, 4), Some(seen(8.0, 3, 1))).unwrap().finding.state.severity;
        assert!(kept(Intake::Refresh(number(1))).value() > 7.9);
        assert!(kept(Intake::Suppress(Suppression::Alerted)).value() > 7.9);
        assert!(kept(Intake::Open(number(2))).value() < 4.1, "another case begins with what there is now");
    }
}
