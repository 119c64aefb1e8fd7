//! Processes a batch of notifications from the topic.
//!
//! | notification | outcome |
//! | --- | --- |
//! | every configured channel has received it | processed |
//! | this version does not know its type, or the table contradicts it (a revision that was never claimed) | sent to the relay's dead-letter queue immediately, with the cause as an attribute |
//! | a channel, the table or the secret fails | reported as failed: SQS redelivers the message after the visibility timeout, and only the missing channels are tried; after the last attempt the message is sent to the dead-letter queue, with the cause |

use crate::app::App;
use crate::relay::{self, RelayError};
use gumshoe_alerts::Notification;
use gumshoe_aws::dead_letters::FailedMessage;
use gumshoe_domain::error::with_causes;
use gumshoe_runtime::batch::{self, MessageOutcome, QueueMessage, SqsBatchResponse, SqsEvent};
use jiff::Timestamp;

/// Relays a batch until `deadline`. Returns the messages that failed, which SQS redelivers.
pub(crate) async fn handle(
    app: &App,
    event: SqsEvent,
    deadline: Timestamp,
    now: impl Fn() -> Timestamp,
) -> SqsBatchResponse {
    batch::process_each(&event, async |message| {
        let Err(error) = process(app, message, deadline, now()).await else { return MessageOutcome::Processed };
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

async fn process(app: &App, message: QueueMessage<'_>, deadline: Timestamp, now: Timestamp) -> Result<(), String> {
    let body = message.body;
    let notification = match Notification::from_json(body) {
        Ok(notification) => notification,
        Err(error) => return dead_letter(app, message, "NotANotification", &with_causes(&error)).await,
    };
    match relay::relay(app, &notification, body, deadline, now).await {
        Ok(()) => Ok(()),
        Err(RelayError::Failed(why)) => Err(why),
        Err(RelayError::Rejected(reason)) => {
            dead_letter(app, message, reason.error_name(), &format!("the table contradicts the message: {reason}"))
                .await
        }
    }
}

/// Sends a message that no channel will receive to the dead-letter queue.
async fn dead_letter(app: &App, message: QueueMessage<'_>, name: &str, cause: &str) -> Result<(), String> {
    tracing::error!(message.id = message.id, error.name = name, error.message = %cause,
        "rejected message {}: sending it to the dead-letter queue; check who publishes to the topic", message.id);
    app.dead_letters.send(message.body, name, cause).await.map_err(|error| with_causes(&error))
}

#[cfg(test)]
mod tests;
