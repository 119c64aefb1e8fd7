//! The sweep: starts the follow-up investigations that are due.
//!
//! A scheduled rule requests it every few minutes. The table's index has the due cases, so a request that arrives twice, late or not at
//! all does no harm: the next sweep does what one does not.

use crate::app::{App, MIN_TIME_PER_MESSAGE};
use crate::error::OpenCaseError;
use gumshoe_domain::ErrorName;
use gumshoe_domain::error::with_causes;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// The number of follow-ups that one sweep starts. With a sweep every five minutes that is 300 per hour, so that new findings do not wait
/// for Detective behind them.
const MAX_STARTED_PER_SWEEP: usize = 25;

/// The number of due cases that one sweep reads.
const MAX_READ_PER_SWEEP: usize = 200;

/// How long a follow-up may be overdue before an alarm notifies the operator.
const OVERDUE_AFTER: SignedDuration = SignedDuration::from_hours(12);

/// Whether the document is a sweep request: `{"second_looks": "due"}`, and nothing else. It names no case, so its sender cannot start a
/// follow-up early.
pub(crate) fn is_sweep_request(document: &Value) -> bool {
    document.as_object().is_some_and(|it| it.len() == 1) && document["second_looks"] == "due"
}

/// Starts the follow-ups that are due. If one fails, the others are started all the same, and its error is returned afterwards.
pub(crate) async fn sweep(app: &App, deadline: Timestamp, now: &impl Fn() -> Timestamp) -> Result<(), OpenCaseError> {
    let due = app.intake.table.due_follow_ups(now(), MAX_READ_PER_SWEEP).await?;
    let (mut started_count, mut last_error) = (0, None);
    for due_case in &due {
        if started_count == MAX_STARTED_PER_SWEEP || deadline.duration_since(now()) < MIN_TIME_PER_MESSAGE {
            tracing::warn!(
                due = due.len(),
                started = started_count,
                "deferred the other follow-up investigations that are due to the next sweep"
            );
            break;
        }
        match app.intake.start_follow_up(due_case, now()).await {
            Ok(started) => started_count += usize::from(started),
            Err(error) => {
                tracing::warn!(case.subject = due_case.subject, case.sequence = due_case.sequence, error.name = error.error_name(),
                    error.message = %with_causes(&error),
                    "could not start the follow-up investigation of a case; the next sweep tries again");
                last_error = Some(error);
            }
        }
    }
    let overdue =
        app.intake.table.due_follow_ups(now().saturating_sub(OVERDUE_AFTER).unwrap_or(Timestamp::MIN), 1).await?;
    if let Some(case) = overdue.first() {
        tracing::error!(
            case.subject,
            case.sequence,
            overdue_hours = OVERDUE_AFTER.as_hours(),
            "the follow-up investigation of a case is overdue; see docs/OPERATIONS.md"
        );
        app.metrics.count("FollowUpsLate", "Function", "open-case", now());
    }
    last_error.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_exact_document_is_a_sweep_request() {
        assert!(is_sweep_request(&json!({"second_looks": "due"})));
        for other in [
            json!({"second_looks": true}),
            json!({"second_looks": "due", "id": "f1"}),
            json!(["second_looks"]),
            json!("due"),
            json!({}),
        ] {
            assert!(!is_sweep_request(&other), "{other}");
        }
    }
}
