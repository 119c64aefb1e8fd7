//! What becomes of a finding that arrives.

use super::notified::{PreviousNotification, last_alert_outcome};
use super::progress::{CaseNumber, CaseProgress, CaseStatus, FindingProgress};
use super::second_look::FollowUpRule;
use super::write::{CaseChange, CaseWrite, Change, Condition, IntakeWrite};
use crate::finding::FindingState;
use jiff::{SignedDuration, Timestamp};
use std::fmt;

/// A finding that was seen before, with the case that it is part of (nothing when the table has forgotten the case).
#[derive(Debug, Clone, Copy)]
pub struct KnownFinding {
    /// How far it has come.
    pub finding: FindingProgress,
    /// The case that it is part of.
    pub case: Option<CaseProgress>,
}

/// The intervals that decide about a finding that comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IntakeRules {
    /// For how long a finding that people were alerted of notifies nobody when it comes again.
    pub realert_after: SignedDuration,
    /// When quiet cases are looked at again.
    pub follow_up: FollowUpRule,
}

/// What becomes of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IntakeDecision {
    /// It opens the subject's next case.
    Open(CaseNumber),
    /// It opens the subject's next case, to be investigated again: people are notified only if it comes to something else.
    Reinvestigate(CaseNumber, PreviousNotification),
    /// It joins the open case, or climbs into a higher band within it.
    Join(CaseNumber),
    /// It joins the case that is watched, or climbs within it: the case is open again, and its next execution is the one after
    /// this attempt.
    Reopen(CaseNumber, u32),
    /// It is part of the open case already: its latest state is noted. Or it was notified of together with what opened the
    /// case again.
    Renew(CaseNumber),
    /// The same for the case that is watched: its second look is postponed.
    Postpone {
        /// The case.
        number: CaseNumber,
        /// Until when it is watched.
        until: Timestamp,
        /// Until when it is to be watched.
        later: Timestamp,
    },
    /// The very same state of it is part of the open case already: nothing to write, but its execution is made sure of.
    Unchanged(CaseNumber),
    /// It says nothing new, and is counted.
    Suppress(SuppressReason),
}

/// Why a finding says nothing new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SuppressReason {
    /// The very same state of it was worked before: a repeated delivery. Nothing to write.
    DuplicateDelivery,
    /// It was alerted within the re-alert interval, in the same band or a higher one.
    AlreadyAlerted,
}

impl fmt::Display for SuppressReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::DuplicateDelivery => "this state of the finding was delivered before",
            Self::AlreadyAlerted => "the finding was alerted within the re-alert interval in the same severity band",
        })
    }
}

/// Decides what becomes of a finding in this state, given the subject's `latest` case and what is `known` of the finding.
///
/// Deciding twice changes nothing: once the decision is carried out, the same finding is `Present` or `Delivered`.
#[must_use]
pub fn decide_intake(
    finding: FindingState,
    now: Timestamp,
    latest: Option<CaseProgress>,
    known: Option<KnownFinding>,
    rules: IntakeRules,
) -> IntakeDecision {
    let open_or_watched = latest.filter(|case| matches!(case.status, CaseStatus::Open | CaseStatus::Watching));
    let next =
        || CaseNumber { sequence: latest.map_or(1, |case| case.number.sequence.saturating_add(1)), opened_at: now };
    let open_or_join = || open_or_watched.map_or_else(|| IntakeDecision::Open(next()), |case| join_or_reopen(&case));
    let Some(known) = known else { return open_or_join() };
    let worse = finding.is_worse_than(known.finding.state);
    let newer = finding.is_newer_than(known.finding.state);
    let renew = |case: &CaseProgress| renew_or_postpone(case, finding, now, rules);
    if let Some(case) = open_or_watched.filter(|case| case.number == known.finding.case) {
        return match (worse, newer) {
            (true, _) => join_or_reopen(&case),
            (false, true) => renew(&case),
            (false, false) => IntakeDecision::Unchanged(case.number),
        };
    }
    if worse {
        return open_or_join();
    }
    if !newer {
        return IntakeDecision::Suppress(SuppressReason::DuplicateDelivery);
    }
    match known.case.and_then(|case| last_notified(&case, now, rules.realert_after)) {
        None => open_or_join(),
        Some(notified) if !notified.outcome.needs_reinvestigation() => {
            IntakeDecision::Suppress(SuppressReason::AlreadyAlerted)
        }
        Some(notified) => match open_or_watched {
            None => IntakeDecision::Reinvestigate(next(), notified),
            // What it was notified of together with opened the case: nothing has joined that people do not know.
            Some(case) if case.previous_notification == Some(notified) => renew(&case),
            Some(case) => join_or_reopen(&case),
        },
    }
}

/// Joins a case that takes findings.
fn join_or_reopen(case: &CaseProgress) -> IntakeDecision {
    if case.status == CaseStatus::Watching {
        IntakeDecision::Reopen(case.number, case.execution_attempt)
    } else {
        IntakeDecision::Join(case.number)
    }
}

/// Comes again in a case that takes findings.
fn renew_or_postpone(case: &CaseProgress, finding: FindingState, now: Timestamp, rules: IntakeRules) -> IntakeDecision {
    match case.watch_until.filter(|_| case.status == CaseStatus::Watching) {
        Some(until) => {
            let later = rules.follow_up.postponed(case, until, finding.updated_at, now);
            IntakeDecision::Postpone { number: case.number, until, later }
        }
        None => IntakeDecision::Renew(case.number),
    }
}

/// What people were last notified of by the case, or before it was opened where it came to the same; nothing where that is
/// longer ago than the re-alert interval.
fn last_notified(case: &CaseProgress, now: Timestamp, realert_after: SignedDuration) -> Option<PreviousNotification> {
    let by_the_case = case.alerted_at.zip(last_alert_outcome(case)).map(|(at, outcome)| PreviousNotification {
        until: at.saturating_add(realert_after).unwrap_or(Timestamp::MAX),
        outcome,
    });
    let carried =
        || case.previous_notification.filter(|_| case.last_assessment.is_some_and(|it| it.is_already_notified));
    by_the_case.or_else(carried).filter(|notified| now < notified.until)
}

impl IntakeDecision {
    /// The case that the finding is part of then; nothing where it is suppressed.
    #[must_use]
    pub fn case(self) -> Option<CaseNumber> {
        match self {
            Self::Open(number)
            | Self::Reinvestigate(number, _)
            | Self::Join(number)
            | Self::Reopen(number, _)
            | Self::Renew(number)
            | Self::Postpone { number, .. }
            | Self::Unchanged(number) => Some(number),
            Self::Suppress(_) => None,
        }
    }

    /// The write that carries it out; nothing where there is nothing to write.
    ///
    /// Within a case, and while it is suppressed, a finding keeps the highest severity that it had: sinking and climbing
    /// back is no news.
    #[must_use]
    pub fn write(self, finding: FindingState, known: Option<FindingProgress>) -> Option<IntakeWrite> {
        let joins = |change| CaseWrite::new([Condition::IsOpen], [change]);
        let (case, number, suppressed_now) = match self {
            Self::Open(number) => (CaseChange::Open(CaseProgress::opened(number)), number, 0),
            Self::Reinvestigate(number, notified) => {
                let case = CaseProgress { previous_notification: Some(notified), ..CaseProgress::opened(number) };
                (CaseChange::Open(case), number, 0)
            }
            Self::Join(number) => (CaseChange::Update(number, joins(Change::Join)), number, 0),
            Self::Reopen(number, attempt) => {
                let conditions = [Condition::IsWatching, Condition::Attempt(attempt)];
                let changes = [Change::Join, Change::Reopen, Change::StartNewRun(attempt.saturating_add(1))];
                (CaseChange::Update(number, CaseWrite::new(conditions, changes)), number, 0)
            }
            Self::Renew(number) => (CaseChange::Update(number, joins(Change::Renew)), number, 0),
            Self::Postpone { number, until, later } => {
                let conditions = [Condition::IsWatching, Condition::WatchUntil(until)];
                let write = CaseWrite::new(conditions, [Change::Renew, Change::Watch(later)]);
                (CaseChange::Update(number, write), number, 0)
            }
            Self::Suppress(SuppressReason::AlreadyAlerted) => (CaseChange::Unchanged, known?.case, 1),
            Self::Unchanged(_) | Self::Suppress(SuppressReason::DuplicateDelivery) => return None,
        };
        let severity = known
            .filter(|known| known.case == number && known.state.severity > finding.severity)
            .map_or(finding.severity, |known| known.state.severity);
        Some(IntakeWrite {
            case,
            finding: FindingProgress {
                state: FindingState { severity, ..finding },
                case: number,
                suppressed_count: known.map_or(0, |known| known.suppressed_count) + suppressed_now,
                version: known.map_or(0, |known| known.version) + 1,
            },
            expected_version: known.map(|known| known.version),
        })
    }
}

#[cfg(test)]
mod tests;
