//! The sweep: the cases whose second look is due.
//!
//! A scheduled rule asks for it every few minutes. The index of the table says which cases are due, so a message that comes
//! twice, late or not at all does no harm: what one sweep does not do, the next one does.

use crate::app::{App, ENOUGH};
use crate::error::StepError;
use gumshoe_domain::Named;
use gumshoe_domain::error::with_causes;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// How many second looks one sweep begins. With a sweep in five minutes that is 300 an hour: they wait for each other, so that
/// the findings that come meanwhile do not wait for Detective.
const BEGUN_AT_MOST: usize = 25;

/// How many cases it reads for that.
const READ_AT_MOST: usize = 200;

/// How long a second look may be overdue before people are to hear of it.
const LATE: SignedDuration = SignedDuration::from_hours(12);

/// Whether the document asks for a sweep: `{"second_looks": "due"}`, and nothing else. It names no case: whoever sends it
/// brings nothing forward.
pub(crate) fn asks_for_sweep(document: &Value) -> bool {
    document.as_object().is_some_and(|it| it.len() == 1) && document["second_looks"] == "due"
}

/// Begins the second looks that are due. One that fails holds back no other; it is told when the others are done.
pub(crate) async fn sweep(app: &App, deadline: Timestamp, now: &impl Fn() -> Timestamp) -> Result<(), StepError> {
    let due = app.intake.table.due_follow_ups(now(), READ_AT_MOST).await?;
    let (mut begun, mut failed) = (0, None);
    for listed in &due {
        if begun == BEGUN_AT_MOST || deadline.duration_since(now()) < ENOUGH {
            tracing::warn!(due = due.len(), begun, "second looks are left for the next sweep");
            break;
        }
        match app.intake.bring_back(listed, now()).await {
            Ok(started) => begun += usize::from(started),
            Err(error) => {
                tracing::error!(case.sequence = listed.sequence, error.name = error.name(),
                    error.message = %with_causes(&error), "the case's second look cannot begin; the next sweep tries it again");
                failed = Some(error);
            }
        }
    }
    let overdue = app.intake.table.due_follow_ups(now().saturating_sub(LATE).unwrap_or(Timestamp::MIN), 1).await?;
    if !overdue.is_empty() {
        tracing::error!(hours = LATE.as_hours(), "a case waits for its second look for longer than it should");
        app.metrics.count("FollowUpsLate", "Function", "open-case", now());
    }
    failed.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_that_message_asks_for_a_sweep() {
        assert!(asks_for_sweep(&json!({"second_looks": "due"})));
        for other in [
            json!({"second_looks": true}),
            json!({"second_looks": "due", "id": "f1"}),
            json!(["second_looks"]),
            json!("due"),
            json!({}),
        ] {
            assert!(!asks_for_sweep(&other), "{other}");
        }
    }
}
