//! The stack's queues.

use super::{LocalCloud, STACK};
use crate::api::call_failed;
use crate::error::CloudError;
use crate::inbox::from_queue;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The outputs that name the dead-letter queues.
const FINDINGS: &str = "DeadLetterQueueUrl";
const RELAY: &str = "RelayDeadLetterQueueUrl";

/// A message in the dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The body.
    pub body: String,
    /// The message attributes.
    pub attributes: BTreeMap<String, String>,
    /// How often it had been received when it was looked at, that time included.
    pub deliveries: u32,
}

impl LocalCloud {
    /// The relay's queue, whose URL is no output.
    ///
    /// # Errors
    ///
    /// A failed DescribeStackResource.
    pub async fn relay_queue_url(&self) -> Result<String, CloudError> {
        self.queue_url(STACK, "RelayQueue").await
    }

    /// A queue of a stack by its logical id, for one whose URL is no output.
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

    /// How many messages a queue holds, those in flight included.
    ///
    /// # Errors
    ///
    /// A failed GetQueueAttributes, or an answer without the numbers.
    pub async fn depth(&self, queue_url: &str) -> Result<u64, CloudError> {
        let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
        let get = json!({"QueueUrl": queue_url, "AttributeNames": names});
        let operation = "AmazonSQS.GetQueueAttributes";
        let answer = self.api.json("sqs", operation, &get).await?;
        let number = |name: &str| answer["Attributes"][name].as_str().and_then(|it| it.parse::<u64>().ok());
        let all = names.iter().map(|name| number(name)).sum::<Option<u64>>();
        all.ok_or_else(|| call_failed(operation, "the answer lacks the number of messages"))
    }

    /// All messages in the dead-letter queue whose body fits. They stay there.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn find_dead_letters(&self, fits: impl Fn(&str) -> bool) -> Result<Vec<DeadLetter>, CloudError> {
        self.look_through(FINDINGS, fits, false).await
    }

    /// The same in the relay's dead-letter queue.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn find_relay_dead_letters(&self, fits: impl Fn(&str) -> bool) -> Result<Vec<DeadLetter>, CloudError> {
        self.look_through(RELAY, fits, false).await
    }

    /// Takes those messages out of the relay's dead-letter queue.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn delete_relay_dead_letters(&self, fits: impl Fn(&str) -> bool) -> Result<(), CloudError> {
        self.look_through(RELAY, fits, true).await.map(drop)
    }

    /// Takes those messages out of the dead-letter queue.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn delete_dead_letters(&self, fits: impl Fn(&str) -> bool) -> Result<(), CloudError> {
        self.look_through(FINDINGS, fits, true).await.map(drop)
    }

    async fn look_through(
        &self,
        output: &str,
        fits: impl Fn(&str) -> bool,
        take: bool,
    ) -> Result<Vec<DeadLetter>, CloudError> {
        let queue = self.outputs.get(output);
        let receive = json!({"QueueUrl": queue, "MaxNumberOfMessages": 10, "VisibilityTimeout": 5,
            "MessageAttributeNames": ["All"], "AttributeNames": ["All"]});
        let (mut found, mut give_back) = (Vec::new(), Vec::new());
        loop {
            let answer = self.api.json("sqs", "AmazonSQS.ReceiveMessage", &receive).await?;
            let some = answer["Messages"].as_array().cloned().unwrap_or_default();
            if some.is_empty() {
                break;
            }
            for message in some {
                let (ours, receipt) = (letter(&message), &message["ReceiptHandle"]);
                let fits = fits(&ours.body);
                if take && fits {
                    let delete = json!({"QueueUrl": queue, "ReceiptHandle": receipt});
                    self.api.json("sqs", "AmazonSQS.DeleteMessage", &delete).await?;
                } else {
                    give_back.push(json!({"QueueUrl": queue, "ReceiptHandle": receipt, "VisibilityTimeout": 0}));
                }
                found.extend(fits.then_some(ours));
            }
        }
        for one in give_back {
            self.api.json("sqs", "AmazonSQS.ChangeMessageVisibility", &one).await?;
        }
        Ok(found)
    }

    /// Sets for how long a finding that failed is not delivered again.
    ///
    /// # Errors
    ///
    /// A failed SetQueueAttributes.
    pub async fn set_visibility_timeout(&self, seconds: u32) -> Result<(), CloudError> {
        let attributes = json!({"VisibilityTimeout": seconds.to_string()});
        let set = json!({"QueueUrl": self.outputs.get("FindingsQueueUrl"), "Attributes": attributes});
        self.api.json("sqs", "AmazonSQS.SetQueueAttributes", &set).await.map(drop)
    }

    /// Puts messages into the findings queue as they are, past EventBridge, in one call. The answer says which it took.
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

fn letter(message: &Value) -> DeadLetter {
    let received = from_queue("sqs", message);
    let deliveries = message["Attributes"]["ApproximateReceiveCount"].as_str();
    DeadLetter {
        body: received.body,
        attributes: received.attributes,
        deliveries: deliveries.and_then(|count| count.parse().ok()).unwrap_or_default(),
    }
}
