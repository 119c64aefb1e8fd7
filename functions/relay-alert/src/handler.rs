//! A batch of messages of the topic. What becomes of each:
//! - every channel that is on has it: it is done;
//! - it is none that this version knows, or the table contradicts it (a revision that was never claimed): it goes to the
//!   relay's dead-letter queue at once, with the cause beside it;
//! - a channel, the table or the secret fails: it is reported as failed, comes back after the queue's visibility time-out
//!   for those channels that lack it, and goes to the dead-letter queue, with the cause, when it has failed too often.

use crate::app::App;
use crate::relay::{self, Unrelayed};
use gumshoe_alerts::Notification;
use gumshoe_aws::dead_letters::FailedMessage;
use gumshoe_domain::error::with_causes;
use gumshoe_runtime::batch::{self, MessageOutcome, QueueMessage, SqsBatchResponse, SqsEvent};
use jiff::Timestamp;

/// Relays a batch until `deadline`. Lambda is told which messages failed.
pub(crate) async fn handle(
    app: &App,
    event: SqsEvent,
    deadline: Timestamp,
    now: impl Fn() -> Timestamp,
) -> SqsBatchResponse {
    batch::process_each(&event, async |message| {
        let Err(error) = work(app, message, deadline, now()).await else { return MessageOutcome::Processed };
        let QueueMessage { id: message_id, body, receive_count, .. } = message;
        let failed = FailedMessage {
            message_id,
            body,
            receive_count,
            error_name: None,
            cause: &error,
            dead_letter_error: "NotRelayed",
            dead_letter_cause: &error,
        };
        if app.dead_letters.send_if_attempts_exhausted(failed).await {
            MessageOutcome::Processed
        } else {
            MessageOutcome::Retry
        }
    })
    .await
}

async fn work(app: &App, message: QueueMessage<'_>, deadline: Timestamp, now: Timestamp) -> Result<(), String> {
    let body = message.body;
    let notification = match Notification::from_json(body) {
        Ok(notification) => notification,
        Err(error) => return set_aside(app, message, "NotANotification", &with_causes(&error)).await,
    };
    match relay::relay(app, &notification, body, deadline, now).await {
        Ok(()) => Ok(()),
        Err(Unrelayed::Failed(why)) => Err(why),
        Err(Unrelayed::Refused(refusal)) => {
            set_aside(app, message, refusal.error_name(), &format!("the message is not believed: {refusal}")).await
        }
    }
}

/// Puts a message that no channel will receive into the dead-letter queue.
async fn set_aside(app: &App, message: QueueMessage<'_>, name: &str, cause: &str) -> Result<(), String> {
    tracing::error!(message.id = message.id, error.name = name,
        error.message = %cause, "the message is none of Gumshoe's, and goes to the dead-letter queue");
    app.dead_letters.send(message.body, name, cause).await.map_err(|error| with_causes(&error))
}

#[cfg(test)]
mod tests;
