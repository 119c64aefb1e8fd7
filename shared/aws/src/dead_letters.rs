//! Amazon SQS: the queue for what cannot be worked.

use crate::error::ApiCallError;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::MessageAttributeValue;
use gumshoe_domain::error::with_causes;
use gumshoe_domain::text::one_line;

/// What stands for an empty body: SQS takes none.
const EMPTY_BODY_PLACEHOLDER: &str = "(empty)";

/// A message that could not be worked in a delivery.
#[derive(Debug, Clone, Copy)]
pub struct FailedMessage<'a> {
    /// SQS's id of the message.
    pub message_id: &'a str,
    /// The message's body.
    pub body: &'a str,
    /// The number of the delivery, from 1.
    pub receive_count: u32,
    /// The failure's name in the log, where it has one.
    pub error_name: Option<&'static str>,
    /// The failure's cause in the log.
    pub cause: &'a str,
    /// The value of the dead-letter message's attribute `error`.
    pub dead_letter_error: &'a str,
    /// The value of the dead-letter message's attribute `cause`.
    pub dead_letter_cause: &'a str,
}

/// The dead-letter queue.
#[derive(Debug, Clone)]
pub struct DeadLetters {
    client: Client,
    queue_url: String,
    max_receive_count: u32,
}

impl DeadLetters {
    /// The queue with that URL, and how often a message is tried before it goes there.
    #[must_use]
    pub fn new(client: Client, queue_url: String, max_receive_count: u32) -> Self {
        Self { client, queue_url, max_receive_count }
    }

    /// Puts a message that has failed in its last delivery there, with its cause; gives whether it is there. Otherwise it has to go
    /// back to the queue that it came from. Logs which of the two. From its last delivery SQS moves it by itself, without the cause.
    pub async fn send_if_attempts_exhausted(&self, failed: FailedMessage<'_>) -> bool {
        let FailedMessage { message_id, body, error_name, cause, .. } = failed;
        if failed.receive_count >= self.max_receive_count {
            match self.send(body, failed.dead_letter_error, failed.dead_letter_cause).await {
                Ok(()) => {
                    tracing::error!(message.id = message_id, error.name = error_name, error.message = %cause,
                        "the message has failed too often and goes to the dead-letter queue");
                    return true;
                }
                Err(error) => tracing::error!(message.id = message_id, error.message = %with_causes(&error),
                    "the message has failed too often, and SQS moves it to the dead-letter queue without its cause"),
            }
        }
        tracing::error!(message.id = message_id, error.name = error_name, error.message = %cause,
            "the message goes back to the queue");
        false
    }

    /// Puts a message's body there as it came, with the cause beside it as message attributes `error` and `cause`.
    ///
    /// # Errors
    ///
    /// A failed SendMessage: the message then has to go back to the queue that it came from.
    pub async fn send(&self, body: &str, error: &str, cause: &str) -> Result<(), ApiCallError> {
        let attribute = |text: &str| {
            let text = match one_line(text, 600) {
                text if text.is_empty() => "unknown".to_owned(), // SQS takes no empty attribute
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
