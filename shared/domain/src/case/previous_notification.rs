//! The last notification about an activity, and whether another investigation is needed after it.

use super::progress::CaseProgress;
use crate::verdict::{AlertCause, VerdictLevel};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The outcome of an alert. Alerts with equal outcomes have the same information.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AlertOutcome {
    /// Why people were notified.
    pub cause: AlertCause,
    /// The verdict's level.
    pub level: VerdictLevel,
    /// Whether there is no result because of a transient failure.
    #[serde(rename = "may_pass")]
    pub is_transient: bool,
}

/// The last notification about an activity, in a case that was opened to investigate the activity again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PreviousNotification {
    /// Until when people are not notified of the same outcome again.
    pub until: Timestamp,
    /// The outcome of the alert.
    pub outcome: AlertOutcome,
}

impl AlertOutcome {
    /// Whether an update is investigated again: the alert was resolved, or a transient failure prevented the investigation. Any other
    /// alert is still valid, and another one would have the same information.
    #[must_use]
    pub fn needs_reinvestigation(self) -> bool {
        match self.cause {
            AlertCause::Resolved => true,
            AlertCause::NotInvestigated => self.is_transient,
            _ => false,
        }
    }
}

/// The outcome of the case's last published alert; `None` before the first.
#[must_use]
pub fn last_alert_outcome(case: &CaseProgress) -> Option<AlertOutcome> {
    let assessed = case.alerted_at.and(case.last_assessment)?;
    // A quiet assessment after an alert: the alert is resolved, or about to be.
    let cause = assessed.alert_cause.unwrap_or(AlertCause::Resolved);
    Some(AlertOutcome { cause, level: assessed.level, is_transient: assessed.is_transient })
}

/// Whether people were notified of the same outcome within the re-alert interval, and no other finding has joined since.
#[must_use]
pub fn is_already_notified(case: &CaseProgress, outcome: AlertOutcome, now: Timestamp) -> bool {
    let same = |before: PreviousNotification| now < before.until && before.outcome == outcome;
    case.last_revision() == 0 && case.joined_count == 1 && case.previous_notification.is_some_and(same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::AssessmentSummary;
    use crate::case::CaseNumber;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hour * 3600).unwrap()
    }

    fn outcome(cause: AlertCause, is_transient: bool) -> AlertOutcome {
        AlertOutcome { cause, level: VerdictLevel::Low, is_transient }
    }

    fn case(cause: Option<AlertCause>, is_transient: bool) -> CaseProgress {
        let assessed =
            AssessmentSummary { is_transient, level: VerdictLevel::Low, ..AssessmentSummary::quiet(1, 0, 1) };
        CaseProgress {
            last_assessment: Some(AssessmentSummary { alert_cause: cause, ..assessed }),
            ..CaseProgress::opened(CaseNumber { sequence: 1, opened_at: at(0) })
        }
    }

    #[test]
    fn only_resolved_alerts_and_transient_failures_are_investigated_again() {
        for (cause, is_transient, again) in [
            (AlertCause::Resolved, false, true),
            (AlertCause::NotInvestigated, true, true),
            (AlertCause::NotInvestigated, false, false),
            (AlertCause::Verdict, false, false),
            (AlertCause::DetectiveDisagrees, false, false),
            (AlertCause::GuardDutyDisagrees, false, false),
        ] {
            assert_eq!(outcome(cause, is_transient).needs_reinvestigation(), again, "{cause:?} {is_transient}");
        }
    }

    #[test]
    fn an_alert_counts_after_it_is_published_and_a_later_quiet_end_resolves_it() {
        let alerted = |case| CaseProgress { alerted_at: Some(at(1)), ..case };
        let failed = case(Some(AlertCause::NotInvestigated), true);
        assert_eq!(last_alert_outcome(&failed), None);
        assert_eq!(last_alert_outcome(&alerted(failed)), Some(outcome(AlertCause::NotInvestigated, true)));
        let quiet = alerted(case(None, false));
        assert_eq!(last_alert_outcome(&quiet), Some(outcome(AlertCause::Resolved, false)));
    }

    #[test]
    fn the_same_outcome_is_not_notified_again_within_the_interval_unless_a_finding_joined() {
        let failed = outcome(AlertCause::NotInvestigated, true);
        let opened = case(None, false);
        let again = CaseProgress {
            previous_notification: Some(PreviousNotification { until: at(24), outcome: failed }),
            ..opened
        };
        assert!(is_already_notified(&again, failed, at(1)));
        assert!(!is_already_notified(&opened, failed, at(1)), "no one was notified");
        assert!(!is_already_notified(&again, failed, at(24)), "the interval is over");
        assert!(!is_already_notified(&again, outcome(AlertCause::NotInvestigated, false), at(1)), "for good now");
        assert!(!is_already_notified(&again, outcome(AlertCause::Verdict, false), at(1)), "another cause");
        let worse = AlertOutcome { level: VerdictLevel::High, ..failed };
        assert!(!is_already_notified(&again, worse, at(1)), "another level");
        assert!(!is_already_notified(&CaseProgress { joined_count: 2, ..again }, failed, at(1)), "something joined");
        assert!(!is_already_notified(&CaseProgress { claimed_revision: 1, ..again }, failed, at(1)), "notified since");
    }

    #[test]
    fn serialized_form_is_stable() {
        let notified = PreviousNotification { until: at(0), outcome: outcome(AlertCause::NotInvestigated, true) };
        let stored = serde_json::json!({
            "until": "2027-01-15T08:00:00Z",
            "outcome": {"cause": "NOT_INVESTIGATED", "level": "LOW", "may_pass": true},
        });
        assert_eq!(serde_json::to_value(notified).unwrap(), stored);
    }
}
