//! Failed executions of a case, from Step Functions' events, and the decision to restart them.

use super::progress::CaseProgress;
use super::record::CaseKey;
use serde_json::Value;

/// The most executions in a row that are started without a new finding, the first included. Each retries for minutes before it
/// fails; after the last, an operator must fix the cause.
const MAX_ATTEMPTS_WITHOUT_FINDING: u32 = 3;

/// An execution that failed or timed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedExecution {
    /// The case, from the execution's input.
    pub key: CaseKey,
    /// The attempt; `None` if the execution was started manually under another name.
    pub attempt: Option<u32>,
}

/// What to do about an execution that failed or timed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestartDecision {
    /// Nothing: the case has ended, or has another execution.
    None,
    /// Count this attempt as failed, and start the next.
    Restart {
        /// The number of the failed attempt.
        failed_attempt: u32,
    },
    /// Too many have failed in a row.
    GiveUp,
}

impl FailedExecution {
    /// Parses the event; `None` if the document is not such an event.
    ///
    /// Source: Step Functions Developer Guide, "Automating Step Functions event delivery with EventBridge".
    #[must_use]
    pub fn from_json(document: &Value) -> Option<Self> {
        if document.get("detail-type")?.as_str()? != "Step Functions Execution Status Change" {
            return None;
        }
        let detail = document.get("detail")?;
        let key: CaseKey = serde_json::from_str(detail.get("input")?.as_str()?).ok()?;
        let attempt = key.attempt_of(detail.get("name")?.as_str()?);
        Some(Self { key, attempt })
    }
}

/// Decides about a failed attempt, given the case. The decision is idempotent: after it is carried out, the case has another
/// execution.
#[must_use]
pub fn decide_restart(failed_attempt: Option<u32>, case: &CaseProgress) -> RestartDecision {
    // A watched case needs no execution, even if its last one failed afterwards.
    if !case.status.is_active() || failed_attempt != Some(case.execution_attempt) {
        RestartDecision::None
    } else if case.execution_attempt.saturating_sub(case.first_attempt_of_run) + 1 >= MAX_ATTEMPTS_WITHOUT_FINDING {
        RestartDecision::GiveUp
    } else {
        RestartDecision::Restart { failed_attempt: case.execution_attempt }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{CaseNumber, CaseStatus};
    use jiff::Timestamp;
    use serde_json::json;

    fn case(status: CaseStatus, execution_attempt: u32) -> CaseProgress {
        let number = CaseNumber { sequence: 1, opened_at: Timestamp::UNIX_EPOCH };
        CaseProgress { status, execution_attempt, ..CaseProgress::opened(number) }
    }

    #[test]
    fn the_event_names_the_case_and_the_attempt() {
        let key = CaseKey::new("s", case(CaseStatus::Open, 1).number);
        let ended = |name: &str| {
            let input = serde_json::to_string(&key).unwrap();
            let event = json!({"detail-type": "Step Functions Execution Status Change", "source": "aws.states",
                "detail": {"name": name, "status": "FAILED", "input": input}});
            FailedExecution::from_json(&event).unwrap()
        };
        assert_eq!(ended(&key.case_id), FailedExecution { key: key.clone(), attempt: Some(1) });
        assert_eq!(ended(&key.execution_name(2)).attempt, Some(2));
        assert_eq!(ended("by-hand").attempt, None);
    }

    #[test]
    fn an_unfinished_case_gets_the_next_execution_until_too_many_have_failed() {
        let of = |status, attempt| decide_restart(Some(attempt), &case(status, attempt));
        assert_eq!(of(CaseStatus::Open, 1), RestartDecision::Restart { failed_attempt: 1 });
        assert_eq!(of(CaseStatus::Sealed, 2), RestartDecision::Restart { failed_attempt: 2 });
        assert_eq!(of(CaseStatus::Open, 3), RestartDecision::GiveUp);
        assert_eq!(of(CaseStatus::Closed, 1), RestartDecision::None);
        assert_eq!(of(CaseStatus::Watching, 1), RestartDecision::None);
    }

    #[test]
    fn successful_executions_do_not_count_as_failures() {
        let of = |attempt| {
            let follow_up = CaseProgress { first_attempt_of_run: 3, ..case(CaseStatus::Sealed, attempt) };
            decide_restart(Some(attempt), &follow_up)
        };
        assert_eq!(of(3), RestartDecision::Restart { failed_attempt: 3 });
        assert_eq!(of(4), RestartDecision::Restart { failed_attempt: 4 });
        assert_eq!(of(5), RestartDecision::GiveUp);
    }

    #[test]
    fn repeated_or_foreign_failure_event_is_ignored() {
        let second = case(CaseStatus::Open, 2);
        assert_eq!(decide_restart(Some(1), &second), RestartDecision::None);
        assert_eq!(decide_restart(None, &second), RestartDecision::None);
    }

    #[test]
    fn other_events_are_not_parsed() {
        for event in [json!({}), json!({"detail-type": "GuardDuty Finding", "detail": {"input": "{}", "name": "n"}})] {
            assert_eq!(FailedExecution::from_json(&event), None);
        }
        let unreadable = json!({"detail-type": "Step Functions Execution Status Change",
            "detail": {"input": "not ours", "name": "n"}});
        assert_eq!(FailedExecution::from_json(&unreadable), None);
    }
}
