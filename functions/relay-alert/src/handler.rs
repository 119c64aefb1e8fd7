//! A batch of messages of the topic. What becomes of each:
//! - every channel that is on has it: it is done;
//! - it is none that this version knows, or the table contradicts it (a revision that was never claimed): it goes to the
//!   relay's dead-letter queue at once, with the cause beside it;
//! - a channel, the table or the secret fails: it is reported as failed, comes back after the queue's visibility time-out
//!   for those channels that lack it, and goes to the dead-letter queue, with the cause, when it has failed too often.

use crate::app::App;
use crate::relay::{self, Unrelayed};
use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use gumshoe_alerts::Notification;
use gumshoe_aws::dead_letters::deliveries;
use gumshoe_domain::error::with_causes;
use jiff::Timestamp;

/// Relays a batch until `deadline`. Lambda is told which messages failed.
pub(crate) async fn handle(
    app: &App,
    event: SqsEvent,
    deadline: Timestamp,
    now: impl Fn() -> Timestamp,
) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for message in &event.records {
        if let Err(error) = work(app, message, deadline, now()).await {
            let id = message.message_id.clone().unwrap_or_default();
            let body = message.body.as_deref().unwrap_or_default();
            if app.dead_letters.is_last_try(deliveries(&message.attributes))
                && app.dead_letters.send(body, "NotRelayed", &error).await.is_ok()
            {
                tracing::error!(message.id = %id, error.message = %error,
                    "the message has failed too often and goes to the dead-letter queue");
                continue;
            }
            tracing::error!(message.id = %id, error.message = %error, "the message goes back to the queue");
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            response.batch_item_failures.push(failure);
        }
    }
    response
}

async fn work(app: &App, message: &SqsMessage, deadline: Timestamp, now: Timestamp) -> Result<(), String> {
    let body = message.body.as_deref().unwrap_or_default();
    let notification = match Notification::from_json(body) {
        Ok(notification) => notification,
        Err(error) => return set_aside(app, message, "NotANotification", &with_causes(&error)).await,
    };
    match relay::relay(app, &notification, body, deadline, now).await {
        Ok(()) => Ok(()),
        Err(Unrelayed::Failed(why)) => Err(why),
        Err(Unrelayed::Refused(refusal)) => {
            set_aside(app, message, refusal.name(), &format!("the message is not believed: {refusal}")).await
        }
    }
}

/// Puts a message that no channel will receive into the dead-letter queue.
async fn set_aside(app: &App, message: &SqsMessage, name: &str, cause: &str) -> Result<(), String> {
    tracing::error!(message.id = message.message_id.as_deref().unwrap_or_default(), error.name = name,
        error.message = %cause, "the message is none of Gumshoe's, and goes to the dead-letter queue");
    let body = message.body.as_deref().filter(|body| !body.is_empty()).unwrap_or("(empty)");
    app.dead_letters.send(body, name, cause).await.map_err(|error| with_causes(&error))
}

#[cfg(test)]
mod tests;
