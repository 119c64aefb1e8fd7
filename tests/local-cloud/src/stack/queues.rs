//! The stack's queues.

use super::{LocalCloud, STACK};
use crate::api::call_failed;
use crate::error::CloudError;
use crate::inbox::from_queue;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The outputs that have the URLs of the dead-letter queues.
const FINDINGS_DLQ_OUTPUT: &str = "DeadLetterQueueUrl";
const RELAY_DLQ_OUTPUT: &str = "RelayDeadLetterQueueUrl";

/// A message in a dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The body.
    pub body: String,
    /// The message attributes.
    pub attributes: BTreeMap<String, String>,
    /// Its `ApproximateReceiveCount`, which includes this read.
    pub deliveries: u32,
}

impl LocalCloud {
    /// The URL of the relay queue, which the template does not output.
    ///
    /// # Errors
    ///
    /// A failed DescribeStackResource.
    pub async fn relay_queue_url(&self) -> Result<String, CloudError> {
        self.queue_url(STACK, "RelayQueue").await
    }

    /// The URL of a stack's queue by its logical ID, for a queue that the template does not output.
    ///
    /// # Errors
    ///
    /// A failed DescribeStackResource.
    pub async fn queue_url(&self, stack: &str, logical_id: &str) -> Result<String, CloudError> {
        let form = [("Action", "DescribeStackResource"), ("StackName", stack), ("LogicalResourceId", logical_id)];
        let answer = self.api.query("cloudformation", &form).await?;
        let (_, rest) = answer.split_once("<PhysicalResourceId>").unwrap_or_default();
        Ok(rest.split('<').next().unwrap_or_default().to_owned())
    }

    /// The number of messages in a queue, including messages in flight.
    ///
    /// # Errors
    ///
    /// A failed GetQueueAttributes, or a response without the counts.
    pub async fn depth(&self, queue_url: &str) -> Result<u64, CloudError> {
        let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
        let get = json!({"QueueUrl": queue_url, "AttributeNames": names});
        let operation = "AmazonSQS.GetQueueAttributes";
        let answer = self.api.json("sqs", operation, &get).await?;
        let number = |name: &str| answer["Attributes"][name].as_str().and_then(|it| it.parse::<u64>().ok());
        let all = names.iter().map(|name| number(name)).sum::<Option<u64>>();
        all.ok_or_else(|| call_failed(operation, "the response has no message count"))
    }

    /// All messages in the dead-letter queue whose body matches. They stay in the queue.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn find_dead_letters(&self, matches: impl Fn(&str) -> bool) -> Result<Vec<DeadLetter>, CloudError> {
        self.search_queue(FINDINGS_DLQ_OUTPUT, matches, false).await
    }

    /// All messages in the relay's dead-letter queue whose body matches. They stay in the queue.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn find_relay_dead_letters(&self, matches: impl Fn(&str) -> bool) -> Result<Vec<DeadLetter>, CloudError> {
        self.search_queue(RELAY_DLQ_OUTPUT, matches, false).await
    }

    /// Deletes the messages in the relay's dead-letter queue whose body matches.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn delete_relay_dead_letters(&self, matches: impl Fn(&str) -> bool) -> Result<(), CloudError> {
        self.search_queue(RELAY_DLQ_OUTPUT, matches, true).await.map(drop)
    }

    /// Deletes the messages in the dead-letter queue whose body matches.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn delete_dead_letters(&self, matches: impl Fn(&str) -> bool) -> Result<(), CloudError> {
        self.search_queue(FINDINGS_DLQ_OUTPUT, matches, true).await.map(drop)
    }

    async fn search_queue(
        &self,
        output: &str,
        matches: impl Fn(&str) -> bool,
        delete: bool,
    ) -> Result<Vec<DeadLetter>, CloudError> {
        let queue = self.outputs.get(output);
        let receive = json!({"QueueUrl": queue, "MaxNumberOfMessages": 10, "VisibilityTimeout": 5,
            "MessageAttributeNames": ["All"], "AttributeNames": ["All"]});
        let (mut found, mut to_release) = (Vec::new(), Vec::new());
        loop {
            let answer = self.api.json("sqs", "AmazonSQS.ReceiveMessage", &receive).await?;
            let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
            if messages.is_empty() {
                break;
            }
            for message in messages {
                let (letter, receipt) = (dead_letter(&message), &message["ReceiptHandle"]);
                let is_match = matches(&letter.body);
                if delete && is_match {
                    let call = json!({"QueueUrl": queue, "ReceiptHandle": receipt});
                    self.api.json("sqs", "AmazonSQS.DeleteMessage", &call).await?;
                } else {
                    to_release.push(json!({"QueueUrl": queue, "ReceiptHandle": receipt, "VisibilityTimeout": 0}));
                }
                found.extend(is_match.then_some(letter));
            }
        }
        for change in to_release {
            self.api.json("sqs", "AmazonSQS.ChangeMessageVisibility", &change).await?;
        }
        Ok(found)
    }

    /// Sets the findings queue's visibility timeout, after which a failed message is redelivered.
    ///
    /// # Errors
    ///
    /// A failed SetQueueAttributes.
    pub async fn set_visibility_timeout(&self, seconds: u32) -> Result<(), CloudError> {
        let attributes = json!({"VisibilityTimeout": seconds.to_string()});
        let set = json!({"QueueUrl": self.outputs.get("FindingsQueueUrl"), "Attributes": attributes});
        self.api.json("sqs", "AmazonSQS.SetQueueAttributes", &set).await.map(drop)
    }

    /// Sends messages directly to the findings queue in one call. The response lists the accepted and the failed entries.
    ///
    /// # Errors
    ///
    /// A failed SendMessageBatch.
    pub async fn enqueue_batch(&self, bodies: &[String]) -> Result<Value, CloudError> {
        let entries =
            bodies.iter().enumerate().map(|(number, body)| json!({"Id": number.to_string(), "MessageBody": body}));
        let send = json!({"QueueUrl": self.outputs.get("FindingsQueueUrl"), "Entries": entries.collect::<Vec<_>>()});
        self.api.json("sqs", "AmazonSQS.SendMessageBatch", &send).await
    }
}

fn dead_letter(message: &Value) -> DeadLetter {
    let received = from_queue("sqs", message);
    let deliveries = message["Attributes"]["ApproximateReceiveCount"].as_str();
    DeadLetter {
        body: received.body,
        attributes: received.attributes,
        deliveries: deliveries.and_then(|count| count.parse().ok()).unwrap_or_default(),
    }
}
