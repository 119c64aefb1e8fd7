//! A batch of messages: each is worked by itself, and one that fails neither holds back nor repeats the others.
//!
//! What becomes of a message:
//! - worked, left alone or suppressed: it is done;
//! - the end of an execution that failed: the next is started, if its case has not ended;
//! - not a finding: it will never be one, so it goes to the dead-letter queue at once, with the cause beside it;
//! - a failure that may pass (the table, Step Functions, the dead-letter queue itself): it is reported as failed, comes
//!   back after the queue's visibility time-out, and ends in the dead-letter queue when it has failed too often.

use crate::intake::Intake;
use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use gumshoe_aws::dead_letters::DeadLetters;
use gumshoe_aws::error::with_causes;
use gumshoe_aws::{Named, StepError};
use gumshoe_domain::admission::Admission;
use gumshoe_domain::case::EndedExecution;
use gumshoe_domain::{Finding, FindingError};
use jiff::{SignedDuration, Timestamp};

/// Everything that open-case works with.
pub(crate) struct OpenCase {
    pub(crate) intake: Intake,
    pub(crate) dead_letters: DeadLetters,
    pub(crate) admission: Admission,
}

/// What one message may take if every call is as slow as it may be. With less time left, the rest of a batch goes back to
/// the queue instead of failing with the function.
const ENOUGH: SignedDuration = SignedDuration::from_secs(60);

/// Works a batch until `deadline`. Lambda is told which messages failed.
pub(crate) async fn handle(
    app: &OpenCase,
    event: SqsEvent,
    deadline: Timestamp,
    now: impl Fn() -> Timestamp,
) -> Result<SqsBatchResponse, StepError> {
    let mut failures = Vec::new();
    for message in &event.records {
        let id = message.message_id.clone().unwrap_or_default();
        if deadline.duration_since(now()) < ENOUGH {
            tracing::warn!(message.id = %id, "no time is left for the message; it goes back to the queue");
            failures.push(failed(id));
            continue;
        }
        if let Err(error) = work(app, message, now()).await {
            tracing::error!(message.id = %id, error.name = error.name(), error.message = %with_causes(&error),
                "the message goes back to the queue");
            failures.push(failed(id));
        }
    }
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failures;
    Ok(response)
}

fn failed(message_id: String) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = message_id;
    failure
}

async fn work(app: &OpenCase, message: &SqsMessage, now: Timestamp) -> Result<(), StepError> {
    let body = message.body.as_deref().unwrap_or_default();
    let document: serde_json::Value = match serde_json::from_str(body) {
        Ok(document) => document,
        Err(error) => return set_aside(app, message, body, &FindingError::NotJson(error)).await,
    };
    if let Some(ended) = EndedExecution::from_json(&document) {
        return app.intake.succeed(&ended).await;
    }
    match Finding::from_json(&document) {
        Ok(finding) => take(app, &finding, now).await,
        Err(error) => set_aside(app, message, body, &error).await,
    }
}

async fn take(app: &OpenCase, finding: &Finding, now: Timestamp) -> Result<(), StepError> {
    if let Some(reason) = app.admission.leaves_alone(finding) {
        tracing::info!(finding.id = %finding.id, %reason, "the finding is left alone");
        return Ok(());
    }
    app.intake.receive(finding, now).await
}

async fn set_aside(app: &OpenCase, message: &SqsMessage, body: &str, error: &FindingError) -> Result<(), StepError> {
    let name = match error {
        FindingError::NotJson(_) => "NotJson",
        FindingError::OtherEvent => "OtherEvent",
        FindingError::NotAFinding { .. } => "NotAFinding",
    };
    // The cause names a path and what belongs there, never what was found: attackers may have written that.
    let cause = with_causes(error);
    tracing::error!(message.id = message.message_id.as_deref().unwrap_or_default(), error.name = name,
        error.message = %cause, "the message is no finding and goes to the dead-letter queue");
    app.dead_letters.send(if body.is_empty() { "(empty)" } else { body }, name, &cause).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
