//! Amazon SQS: the queue for what cannot be worked.

use crate::error::CallFailed;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::MessageAttributeValue;
use gumshoe_domain::text::one_line;
use jiff::Timestamp;
use std::collections::HashMap;

/// How often the queue has delivered a message with these attributes, this time included.
///
/// SQS API Reference, ReceiveMessage: `ApproximateReceiveCount`, from 1.
#[must_use]
pub fn deliveries(attributes: &HashMap<String, String>) -> u32 {
    attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok()).unwrap_or(1)
}

/// When SQS took a message with these attributes; nothing where they do not say. The sender of a message cannot choose it.
///
/// SQS API Reference, ReceiveMessage: `SentTimestamp`, in milliseconds since 1970.
#[must_use]
pub fn sent_at(attributes: &HashMap<String, String>) -> Option<Timestamp> {
    attributes.get("SentTimestamp").and_then(|time| Timestamp::from_millisecond(time.parse().ok()?).ok())
}

/// The dead-letter queue.
#[derive(Debug, Clone)]
pub struct DeadLetters {
    client: Client,
    queue_url: String,
    tries: u32,
}

impl DeadLetters {
    /// The queue with that URL, and how often a message is tried before it goes there.
    #[must_use]
    pub fn new(client: Client, queue_url: String, tries: u32) -> Self {
        Self { client, queue_url, tries }
    }

    /// Whether a message that fails in its delivery of that number comes back no more.
    ///
    /// SQS moves it then, but without a word of why: whoever works it can put it there with the cause.
    #[must_use]
    pub fn is_last_try(&self, delivery: u32) -> bool {
        delivery >= self.tries
    }

    /// Puts a message's body there as it came, with the cause beside it as message attributes `error` and `cause`.
    ///
    /// # Errors
    ///
    /// A failed SendMessage: the message then has to go back to the queue that it came from.
    pub async fn send(&self, body: &str, error: &str, cause: &str) -> Result<(), CallFailed> {
        let attribute = |text: &str| {
            let text = match one_line(text, 600) {
                text if text.is_empty() => "unknown".to_owned(), // SQS takes no empty attribute
                text => text,
            };
            let value = MessageAttributeValue::builder().data_type("String").string_value(text).build();
            value.map_err(|error| CallFailed::incomplete_request("SendMessage", error))
        };
        self.client
            .send_message()
            .queue_url(&self.queue_url)
            .message_body(body)
            .message_attributes("error", attribute(error)?)
            .message_attributes("cause", attribute(cause)?)
            .send()
            .await
            .map_err(|error| CallFailed::new("SendMessage", error))?;
        Ok(())
    }
}
