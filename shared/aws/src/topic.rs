//! Amazon SNS: the notification topic.

use crate::error::ApiCallError;
use aws_sdk_sns::Client;
use aws_sdk_sns::types::MessageAttributeValue;
use gumshoe_domain::error::{Fault, Named, Service};
use std::collections::BTreeMap;
use thiserror::Error;

/// Why a message could not be published.
#[derive(Debug, Error)]
pub enum TopicError {
    /// A failed call. Where the fault is [`Fault::Unavailable`] nobody knows whether the message was sent.
    #[error(transparent)]
    Call(#[from] ApiCallError),
    /// The message cannot be written as JSON.
    #[error("the message cannot be written")]
    Message(#[source] serde_json::Error),
}

impl Named for TopicError {
    fn name(&self) -> &'static str {
        match self {
            Self::Call(call) => call.fault.name(Service::Topic),
            Self::Message(_) => Fault::Rejected.name(Service::Topic),
        }
    }
}

/// One message, with a body for people and one for machines.
#[derive(Debug, Clone)]
pub struct TopicMessage {
    /// SNS API Reference, Publish: ASCII, fewer than 100 characters, one line.
    pub subject: String,
    /// What e-mail and every protocol not named otherwise receives.
    pub email_body: String,
    /// What SQS and Lambda subscribers receive: JSON.
    pub json_body: String,
    /// What https and http subscribers receive: a custom notification of Amazon Q Developer in chat applications.
    pub chat_body: String,
    /// TopicMessage attributes of type String, for subscribers' filters.
    pub attributes: BTreeMap<&'static str, String>,
}

impl TopicMessage {
    /// The bodies by protocol, as `MessageStructure=json` asks for them.
    fn bodies(&self) -> Result<String, serde_json::Error> {
        let Self { email_body, json_body, chat_body, .. } = self;
        let bodies = serde_json::json!({
            "default": email_body,
            "sqs": json_body,
            "lambda": json_body,
            "https": chat_body,
            "http": chat_body,
        });
        serde_json::to_string(&bodies)
    }
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
    pub async fn publish(&self, message: &TopicMessage) -> Result<String, TopicError> {
        let mut call = self
            .client
            .publish()
            .topic_arn(&self.arn)
            .subject(&message.subject)
            .message_structure("json")
            .message(message.bodies().map_err(TopicError::Message)?);
        for (name, value) in &message.attributes {
            let value = MessageAttributeValue::builder().data_type("String").string_value(value).build();
            let value = value.map_err(|error| ApiCallError::invalid_request("Publish", error))?;
            call = call.message_attributes(*name, value);
        }
        let answer = call.send().await.map_err(|error| ApiCallError::new("Publish", error))?;
        Ok(answer.message_id().unwrap_or_default().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SNS API Reference, Publish: 256 KiB, attributes included. What the renderers allow, at its worst: each of their
    /// characters doubles when it is written as JSON in JSON.
    #[test]
    fn the_longest_bodies_that_the_renderers_allow_fit_into_one_message() {
        let message = TopicMessage {
            subject: String::new(),
            email_body: "\n".repeat(24 * 1024),
            json_body: "\"".repeat(36 * 1024),
            chat_body: "\"".repeat(8 * 1024),
            attributes: BTreeMap::new(),
        };
        assert!(message.bodies().unwrap().len() < 250 * 1024);
    }
}
