//! Batches of SQS messages. Each message is processed on its own: if one fails, the others are neither delayed nor repeated.

pub use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsMessage};
use jiff::Timestamp;

/// A message as SQS delivered it. A missing text is empty.
#[derive(Debug, Clone, Copy)]
pub struct QueueMessage<'a> {
    /// SQS's id of the message.
    pub id: &'a str,
    /// The message's text.
    pub body: &'a str,
    /// The handle of this delivery, for ChangeMessageVisibility.
    pub receipt_handle: &'a str,
    /// The number of the delivery, from 1; 1 if the attribute is missing or invalid (SQS API Reference, ReceiveMessage:
    /// `ApproximateReceiveCount`).
    pub receive_count: u32,
    /// When SQS accepted the message. The sender cannot set it (SQS API Reference, ReceiveMessage: `SentTimestamp`, in milliseconds since
    /// 1970).
    pub sent_at: Option<Timestamp>,
}

impl<'a> QueueMessage<'a> {
    fn from_sqs(message: &'a SqsMessage) -> Self {
        let attribute = |name: &str| message.attributes.get(name);
        let sent_at = |time: &String| Timestamp::from_millisecond(time.parse().ok()?).ok();
        Self {
            id: message.message_id.as_deref().unwrap_or_default(),
            body: message.body.as_deref().unwrap_or_default(),
            receipt_handle: message.receipt_handle.as_deref().unwrap_or_default(),
            receive_count: attribute("ApproximateReceiveCount").and_then(|count| count.parse().ok()).unwrap_or(1),
            sent_at: attribute("SentTimestamp").and_then(sent_at),
        }
    }
}

/// The outcome of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageOutcome {
    /// The queue deletes the message.
    Processed,
    /// The queue delivers the message again after the visibility timeout, or moves it to its dead-letter queue.
    Retry,
}

/// Processes the messages of a batch one after the other. The response names those to deliver again (`ReportBatchItemFailures`).
pub async fn process_each(
    event: &SqsEvent,
    process: impl AsyncFn(QueueMessage<'_>) -> MessageOutcome,
) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for message in event.records.iter().map(QueueMessage::from_sqs) {
        if process(message).await == MessageOutcome::Retry {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = message.id.to_owned();
            response.batch_item_failures.push(failure);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: &str, attributes: &[(&str, &str)]) -> SqsMessage {
        let mut message = SqsMessage::default();
        message.message_id = Some(id.to_owned());
        message.attributes.extend(attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        message
    }

    #[tokio::test]
    async fn only_messages_to_retry_are_reported() {
        let mut event = SqsEvent::default();
        event.records = ["a", "b", "c"].map(|id| message(id, &[])).into();
        let response = process_each(&event, async |message| match message.id {
            "b" => MessageOutcome::Retry,
            _ => MessageOutcome::Processed,
        });
        let failures = response.await.batch_item_failures;
        assert_eq!(failures.iter().map(|it| it.item_identifier.as_str()).collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn the_attributes_of_a_message_are_parsed() {
        let all = message("a", &[("ApproximateReceiveCount", "3"), ("SentTimestamp", "1768480860000")]);
        let read = QueueMessage::from_sqs(&all);
        assert_eq!((read.id, read.body, read.receipt_handle, read.receive_count), ("a", "", "", 3));
        assert_eq!(read.sent_at, Some("2026-01-15T12:41:00Z".parse().unwrap()));
        for odd in ["", "-1", "many"] {
            let odd = message("a", &[("ApproximateReceiveCount", odd), ("SentTimestamp", "soon")]);
            assert_eq!((QueueMessage::from_sqs(&odd).receive_count, QueueMessage::from_sqs(&odd).sent_at), (1, None));
        }
    }
}
