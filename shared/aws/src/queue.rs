//! Amazon SQS: the queue whose messages a function works.

use crate::error::ApiCallError;
use aws_sdk_sqs::Client;
use std::time::Duration;

/// The queue behind a function's trigger. The trigger receives and deletes; the function only says when a message comes back.
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

    /// Has a message that was received under this handle delivered again after that time, in whole seconds, instead of after
    /// the queue's visibility time-out. The function must still report the message as failed, or the trigger deletes it.
    ///
    /// # Errors
    ///
    /// A failed ChangeMessageVisibility: the message comes back after the queue's visibility time-out.
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
