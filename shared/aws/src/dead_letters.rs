//! Amazon SQS: the dead-letter queue.

use crate::error::ApiCallError;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::MessageAttributeValue;
use gumshoe_domain::error::with_causes;
use gumshoe_domain::text::one_line;

/// Replaces an empty body: SQS accepts none.
const EMPTY_BODY_PLACEHOLDER: &str = "(empty)";

/// A message whose processing failed in this delivery.
#[derive(Debug, Clone, Copy)]
pub struct FailedMessage<'a> {
    /// SQS's id of the message.
    pub message_id: &'a str,
    /// The message's body.
    pub body: &'a str,
    /// The number of the delivery, from 1 (`ApproximateReceiveCount`).
    pub receive_count: u32,
    /// The error's name in the log, if it has one.
    pub error_name: Option<&'static str>,
    /// The error's message in the log.
    pub cause: &'a str,
    /// The value of the dead-letter message's attribute `error`.
    pub dead_letter_error: &'a str,
    /// The value of the dead-letter message's attribute `cause`.
    pub dead_letter_cause: &'a str,
}

/// The dead-letter queue of a function.
#[derive(Debug, Clone)]
pub struct DeadLetters {
    client: Client,
    queue_url: String,
    max_receive_count: u32,
}

impl DeadLetters {
    /// The queue with that URL. `max_receive_count`: the number of deliveries after which the source queue moves a message to it.
    #[must_use]
    pub fn new(client: Client, queue_url: String, max_receive_count: u32) -> Self {
        Self { client, queue_url, max_receive_count }
    }

    /// Sends the message to the dead-letter queue, with its cause, if this was its last delivery, and returns whether it is there. If not, the
    /// caller has to report the message as failed. After the last delivery SQS moves it as well, but without the cause. Logs the outcome.
    pub async fn send_if_attempts_exhausted(&self, failed: FailedMessage<'_>) -> bool {
        let FailedMessage { message_id, body, error_name, cause, .. } = failed;
        if failed.receive_count < self.max_receive_count {
            tracing::warn!(message.id = message_id, error.name = error_name, error.message = %cause,
                "processing failed; SQS delivers the message again");
            return false;
        }
        match self.send(body, failed.dead_letter_error, failed.dead_letter_cause).await {
            Ok(()) => {
                tracing::error!(message.id = message_id, error.name = error_name, error.message = %cause,
                    "processing failed in the last delivery; sent the message to the dead-letter queue with its cause");
                true
            }
            Err(error) => {
                tracing::error!(message.id = message_id, error.name = error_name, error.message = %cause,
                    send_error.message = %with_causes(&error),
                    "processing failed in the last delivery, and so did sending to the dead-letter queue; SQS moves the \
                     message there without its cause");
                false
            }
        }
    }

    /// Sends a message's body unchanged, with the message attributes `error` and `cause`, each cut to 600 characters.
    ///
    /// # Errors
    ///
    /// A failed SendMessage: the caller then has to report the message as failed, so that the source queue delivers it again.
    pub async fn send(&self, body: &str, error: &str, cause: &str) -> Result<(), ApiCallError> {
        let attribute = |text: &str| {
            let text = match one_line(text, 600) {
                text if text.is_empty() => "unknown".to_owned(), // SQS accepts no empty attribute
                text => text,
            };
            let value = MessageAttributeValue::builder().data_type("String").string_value(text).build();
            value.map_err(|error| ApiCallError::invalid_request("SendMessage", error))
        };
        self.client
            .send_message()
            .queue_url(&self.queue_url)
            .message_body(if body.is_empty() { EMPTY_BODY_PLACEHOLDER } else { body })
            .message_attributes("error", attribute(error)?)
            .message_attributes("cause", attribute(cause)?)
            .send()
            .await
            .map_err(|error| ApiCallError::new("SendMessage", error))?;
        Ok(())
    }
}
