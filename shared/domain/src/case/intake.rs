//! The decision what an arriving finding does to the subject's cases.

use super::follow_up::FollowUpRule;
use super::previous_notification::{PreviousNotification, last_alert_outcome};
use super::progress::{CaseNumber, CaseProgress, CaseStatus, FindingProgress};
use super::write::{CaseChange, CaseWrite, Change, Condition, IntakeWrite};
use crate::finding::FindingState;
use jiff::{SignedDuration, Timestamp};
use std::fmt;

/// A finding that was seen before, with its case (`None` if the case has expired).
#[derive(Debug, Clone, Copy)]
pub struct KnownFinding {
    /// The state of the finding's record.
    pub finding: FindingProgress,
    /// The finding's case.
    pub case: Option<CaseProgress>,
}

/// The intervals that decide about updates of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IntakeRules {
    /// How long updates of an alerted finding are suppressed.
    pub realert_after: SignedDuration,
    /// When the follow-up of a quiet case is due.
    pub follow_up: FollowUpRule,
}

/// What an arriving finding does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IntakeDecision {
    /// The finding opens the subject's next case.
    Open(CaseNumber),
    /// The finding opens the subject's next case, to be investigated again. People are notified only if the outcome differs.
    Reinvestigate(CaseNumber, PreviousNotification),
    /// The finding joins the open case, or rises to a higher band in it.
    Join(CaseNumber),
    /// The finding joins the watched case, or rises to a higher band in it: the case is open again, and its next execution is the one
    /// after this attempt.
    Reopen(CaseNumber, u32),
    /// The finding belongs to the open case and is updated: its latest state is stored. Or people were notified of it together with
    /// the finding that opened the case.
    Renew(CaseNumber),
    /// The same for the watched case: the case's follow-up is postponed.
    Postpone {
        /// The case.
        number: CaseNumber,
        /// Until when it is watched now.
        until: Timestamp,
        /// Until when it will be watched.
        later: Timestamp,
    },
    /// The same state of the finding is part of the open case already: nothing is written, but the execution is ensured.
    Unchanged(CaseNumber),
    /// The finding has no new information, and is counted.
    Suppress(SuppressReason),
}

/// Why a finding is suppressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SuppressReason {
    /// The same state of the finding was processed before: a repeated delivery. Nothing is written.
    DuplicateDelivery,
    /// The finding was alerted within the re-alert interval, in the same or a higher band.
    AlreadyAlerted,
}

impl fmt::Display for SuppressReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::DuplicateDelivery => "duplicate delivery of this state of the finding",
            Self::AlreadyAlerted => {
                "the finding was already alerted within the re-alert interval in the same severity band"
            }
        })
    }
}

/// Decides what a finding in this state does, given the subject's `latest` case and the `known` record of the finding.
///
/// The decision is idempotent: after it is carried out, the same finding is `Unchanged` or a `DuplicateDelivery`.
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
            // The case was opened by a finding of the same notification: people know this one already.
            Some(case) if case.previous_notification == Some(notified) => renew(&case),
            Some(case) => join_or_reopen(&case),
        },
    }
}

/// Joins an open or watched case.
fn join_or_reopen(case: &CaseProgress) -> IntakeDecision {
    if case.status == CaseStatus::Watching {
        IntakeDecision::Reopen(case.number, case.execution_attempt)
    } else {
        IntakeDecision::Join(case.number)
    }
}

/// Updates a finding of an open or watched case.
fn renew_or_postpone(case: &CaseProgress, finding: FindingState, now: Timestamp, rules: IntakeRules) -> IntakeDecision {
    match case.watch_until.filter(|_| case.status == CaseStatus::Watching) {
        Some(until) => {
            let later = rules.follow_up.postponed(case, until, finding.updated_at, now);
            IntakeDecision::Postpone { number: case.number, until, later }
        }
        None => IntakeDecision::Renew(case.number),
    }
}

/// The case's last notification, or the one before the case was opened if the outcome was the same; `None` if it is older than the
/// re-alert interval.
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
    /// The finding's case after the decision; `None` if it is suppressed.
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

    /// The write that carries the decision out; `None` if nothing is written.
    ///
    /// In a case, and while it is suppressed, a finding keeps its highest severity: a severity that falls and rises again is no new
    /// information.
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
