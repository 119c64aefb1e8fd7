//! Amazon SNS: the notification topic.

use crate::error::{CallFailed, Fault, Named};
use aws_sdk_sns::Client;
use aws_sdk_sns::types::MessageAttributeValue;
use std::collections::BTreeMap;
use thiserror::Error;

/// Why a message could not be published.
#[derive(Debug, Error)]
pub enum TopicError {
    /// A failed call. Where the fault is [`Fault::Unavailable`] nobody knows whether the message was sent.
    #[error(transparent)]
    Call(#[from] CallFailed),
    /// The message cannot be written as JSON.
    #[error("the message cannot be written")]
    Message(#[from] serde_json::Error),
}

impl Named for TopicError {
    fn name(&self) -> &'static str {
        match self {
            Self::Call(call) => match call.fault {
                Fault::Throttled | Fault::Unavailable | Fault::Conflict => "TopicUnavailable",
                Fault::AccessDenied | Fault::NotFound | Fault::Rejected => "TopicRefused",
            },
            Self::Message(_) => "TopicRefused",
        }
    }
}

/// One message, with a body for people and one for machines.
#[derive(Debug, Clone)]
pub struct Message {
    /// SNS API Reference, Publish: ASCII, fewer than 100 characters, one line.
    pub subject: String,
    /// What e-mail and every protocol not named otherwise receives.
    pub text: String,
    /// What SQS and Lambda subscribers receive: JSON.
    pub json: String,
    /// Message attributes of type String, for subscribers' filters.
    pub attributes: BTreeMap<&'static str, String>,
}

/// The notification topic.
#[derive(Debug, Clone)]
pub struct Topic {
    client: Client,
    arn: String,
}

impl Topic {
    /// The topic with that ARN.
    #[must_use]
    pub fn new(client: Client, arn: String) -> Self {
        Self { client, arn }
    }

    /// Publishes, and gives SNS's message id.
    ///
    /// # Errors
    ///
    /// [`TopicError`] when SNS refuses the message, or its answer does not come.
    pub async fn publish(&self, message: &Message) -> Result<String, TopicError> {
        let bodies = serde_json::json!({
            "default": message.text, "sqs": message.json, "lambda": message.json,
        });
        let mut call = self
            .client
            .publish()
            .topic_arn(&self.arn)
            .subject(&message.subject)
            .message_structure("json")
            .message(serde_json::to_string(&bodies)?);
        for (name, value) in &message.attributes {
            let value = MessageAttributeValue::builder().data_type("String").string_value(value).build();
            let value = value.map_err(|error| CallFailed::incomplete_request("Publish", error))?;
            call = call.message_attributes(*name, value);
        }
        let answer = call.send().await.map_err(|error| CallFailed::new("Publish", error))?;
        Ok(answer.message_id().unwrap_or_default().to_owned())
    }
}
