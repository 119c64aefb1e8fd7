//! Amazon SNS: the notification topic.

use crate::error::ApiCallError;
use aws_sdk_sns::Client;
use aws_sdk_sns::types::MessageAttributeValue;
use gumshoe_domain::error::{ErrorName, Fault, Service};
use std::collections::BTreeMap;
use thiserror::Error;

/// Why a message could not be published.
#[derive(Debug, Error)]
pub enum TopicError {
    /// A failed call. If the fault is [`Fault::Unavailable`], SNS may have published the message or not.
    #[error(transparent)]
    Call(#[from] ApiCallError),
    /// The message could not be serialized as JSON.
    #[error("could not serialize the message")]
    Message(#[source] serde_json::Error),
}

impl ErrorName for TopicError {
    fn error_name(&self) -> &'static str {
        match self {
            Self::Call(call) => call.fault.name(Service::Topic),
            Self::Message(_) => Fault::Rejected.name(Service::Topic),
        }
    }
}

/// One message, with a body for each kind of subscriber.
#[derive(Debug, Clone)]
pub struct TopicMessage {
    /// SNS API Reference, Publish: ASCII, fewer than 100 characters, one line.
    pub subject: String,
    /// The body for e-mail, and for every protocol that is not named below.
    pub email_body: String,
    /// The body for SQS and Lambda: JSON (docs/ALERT-JSON.md).
    pub json_body: String,
    /// The body for https and http: a custom notification of Amazon Q Developer in chat applications.
    pub chat_body: String,
    /// Message attributes of type String, for subscribers' filter policies.
    pub attributes: BTreeMap<&'static str, String>,
}

impl TopicMessage {
    /// The bodies by protocol, in the form of `MessageStructure=json`.
    fn bodies(&self) -> Result<String, serde_json::Error> {
        let Self { email_body, json_body, chat_body, .. } = self;
        let bodies = serde_json::json!({
            "default": email_body,
            "sqs": json_body,
            "lambda": json_body,
            "https": chat_body,
            "http": chat_body
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

    /// Publishes the message, and returns SNS's message id.
    ///
    /// # Errors
    ///
    /// [`TopicError`] if SNS rejects the message, or there is no response.
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

    /// SNS API Reference, Publish: 256 KiB at most, attributes included. The test uses the longest bodies that the renderers allow, in the worst
    /// case: each character is escaped, and takes two, when a JSON body is written as a JSON string.
    #[test]
    fn the_longest_allowed_bodies_fit_into_one_message() {
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
