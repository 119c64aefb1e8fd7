//! Amazon SQS: the queue of findings.

use crate::error::ApiCallError;
use aws_sdk_sqs::Client;
use std::time::Duration;

/// The queue that triggers open-case. Lambda receives and deletes the messages; the function only changes when one is delivered again.
#[derive(Debug, Clone)]
pub struct FindingsQueue {
    client: Client,
    url: String,
}

impl FindingsQueue {
    /// The queue with that URL.
    #[must_use]
    pub fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }

    /// Has a received message delivered again after `wait`, in whole seconds, instead of after the queue's visibility timeout. The function
    /// must still report the message as failed, or Lambda deletes it.
    ///
    /// # Errors
    ///
    /// A failed ChangeMessageVisibility: the message is delivered again after the queue's visibility timeout.
    pub async fn set_redelivery_delay(&self, receipt_handle: &str, wait: Duration) -> Result<(), ApiCallError> {
        self.client
            .change_message_visibility()
            .queue_url(&self.url)
            .receipt_handle(receipt_handle)
            // SQS API Reference, ChangeMessageVisibility: from 0 to 43,200.
            .visibility_timeout(i32::try_from(wait.as_secs()).unwrap_or(43_200).min(43_200))
            .send()
            .await
            .map_err(|error| ApiCallError::new("ChangeMessageVisibility", error))?;
        Ok(())
    }
}
