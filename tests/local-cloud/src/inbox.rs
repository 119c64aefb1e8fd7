//! Receives what the stack publishes: an HTTP subscriber of the topic, which gets the same messages as Amazon Q Developer in
//! chat applications; a queue subscriber, which gets JSON; e-mails, which the proxy in front of SNS records; and a queue behind
//! an EventBridge rule.

use crate::api::{Api, REGION};
use crate::error::CloudError;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinHandle;

/// Delay before a failed ReceiveMessage is retried.
const RETRY_DELAY: Duration = Duration::from_millis(100);

/// A message that a subscriber received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedMessage {
    /// `http`, `sqs` or `email` for the topic's subscribers, `events` for EventBridge.
    pub protocol: &'static str,
    /// The subject; `None` for queues, which use raw delivery.
    pub subject: Option<String>,
    /// The body for that protocol.
    pub body: String,
    /// The message attributes.
    pub attributes: BTreeMap<String, String>,
}

/// Stores all received messages.
#[derive(Debug, Clone, Default)]
pub(crate) struct MessageStore(Arc<Mutex<Vec<ReceivedMessage>>>);

impl MessageStore {
    pub(crate) fn put(&self, message: ReceivedMessage) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(message);
    }
}

/// The subscribers and the messages that they received.
#[derive(Debug)]
pub struct Inbox {
    messages: MessageStore,
    queue_url: String,
    tasks: Vec<JoinHandle<()>>,
}

#[derive(Clone)]
struct Subscriber {
    api: Api,
    messages: MessageStore,
}

impl Inbox {
    pub(crate) async fn subscribe(api: &Api, topic_arn: &str, messages: MessageStore) -> Result<Self, CloudError> {
        let subscriber = Subscriber { api: api.clone(), messages: messages.clone() };
        let mut tasks = vec![subscribe_http(&subscriber, topic_arn).await?];
        let (task, queue_url) = subscribe_queue(&subscriber, topic_arn).await?;
        tasks.push(task);
        tasks.push(subscribe_rule(&subscriber).await?);
        Ok(Self { messages, queue_url, tasks })
    }

    /// The URL of the queue that subscribes to the topic. Its messages are deleted as they arrive.
    #[must_use]
    pub fn queue_url(&self) -> &str {
        &self.queue_url
    }

    /// All messages received so far, in order of arrival.
    #[must_use]
    pub fn received(&self) -> Vec<ReceivedMessage> {
        self.messages.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn subscribe_http(subscriber: &Subscriber, topic_arn: &str) -> Result<JoinHandle<()>, CloudError> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.map_err(CloudError::io("could not bind 127.0.0.1:0"))?;
    let address = listener.local_addr().map_err(CloudError::io("could not bind 127.0.0.1:0"))?;
    let router = Router::new().route("/", post(receive_http)).with_state(subscriber.clone());
    let task = tokio::spawn(async move {
        let _ = axum::serve(listener, router).await;
    });
    subscribe_topic(&subscriber.api, topic_arn, "http", &format!("http://{address}/"), &[]).await?;
    Ok(task)
}

async fn receive_http(State(subscriber): State<Subscriber>, body: Bytes) -> StatusCode {
    let Ok(notice) = serde_json::from_slice::<Value>(&body) else { return StatusCode::BAD_REQUEST };
    let text = |name: &str| notice[name].as_str().unwrap_or_default().to_owned();
    if text("Type") == "SubscriptionConfirmation" {
        tokio::spawn(confirm(subscriber.api, text("TopicArn"), text("Token")));
        return StatusCode::OK;
    }
    let attributes = notice["MessageAttributes"].as_object().map(|attributes| {
        let value = |it: &Value| it["Value"].as_str().unwrap_or_default().to_owned();
        attributes.iter().map(|(name, it)| (name.clone(), value(it))).collect()
    });
    subscriber.messages.put(ReceivedMessage {
        protocol: "http",
        subject: Some(text("Subject")),
        body: text("Message"),
        attributes: attributes.unwrap_or_default(),
    });
    StatusCode::OK
}

async fn confirm(api: Api, topic_arn: String, token: String) {
    let form = [
        ("Action", "ConfirmSubscription"),
        ("Version", "2010-03-31"),
        ("TopicArn", topic_arn.as_str()),
        ("Token", token.as_str()),
    ];
    let _ = api.query("sns", &form).await;
}

async fn subscribe_queue(subscriber: &Subscriber, topic_arn: &str) -> Result<(JoinHandle<()>, String), CloudError> {
    let (url, arn) = create_queue(&subscriber.api, "gumshoe-inbox", "sns.amazonaws.com", topic_arn).await?;
    subscribe_topic(&subscriber.api, topic_arn, "sqs", &arn, &[("RawMessageDelivery", "true")]).await?;
    let task = tokio::spawn(drain(subscriber.clone(), url.clone(), |message| from_queue("sqs", message)));
    Ok((task, url))
}

/// Receives the case events of EventBridge through a rule and a queue, as a consumer would.
async fn subscribe_rule(subscriber: &Subscriber) -> Result<JoinHandle<()>, CloudError> {
    let api = &subscriber.api;
    let rule = json!({"Name": "gumshoe-inbox", "EventPattern": json!({"source": ["gumshoe"]}).to_string()});
    let rule = api.json("events", "AWSEvents.PutRule", &rule).await?;
    let (url, arn) =
        create_queue(api, "gumshoe-events", "events.amazonaws.com", rule["RuleArn"].as_str().unwrap_or_default())
            .await?;
    let targets = json!({"Rule": "gumshoe-inbox", "Targets": [{"Id": "inbox", "Arn": arn}]});
    api.json("events", "AWSEvents.PutTargets", &targets).await?;
    Ok(tokio::spawn(drain(subscriber.clone(), url, |message| from_queue("events", message))))
}

/// Creates a queue that a service may send to; returns its URL and ARN.
async fn create_queue(api: &Api, name: &str, service: &str, source: &str) -> Result<(String, String), CloudError> {
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": service}, "Action": "sqs:SendMessage", "Resource": "*",
        "Condition": {"ArnEquals": {"aws:SourceArn": source}},
    }]});
    let create = json!({"QueueName": name, "Attributes": {"Policy": policy.to_string()}});
    let answer = api.json("sqs", "AmazonSQS.CreateQueue", &create).await?;
    let url = answer["QueueUrl"].as_str().unwrap_or_default().to_owned();
    Ok((url, format!("arn:aws:sqs:{REGION}:000000000000:{name}")))
}

/// Receives and deletes messages of a queue, by long polling, until the inbox is dropped.
///
/// It continues while the emulator restarts. A message that could not be deleted is received again and stored once.
async fn drain(subscriber: Subscriber, url: String, read: fn(&Value) -> ReceivedMessage) {
    let mut seen = BTreeSet::new();
    loop {
        let receive = json!({"QueueUrl": url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 2,
            "VisibilityTimeout": 5, "MessageAttributeNames": ["All"]});
        let Ok(answer) = subscriber.api.json("sqs", "AmazonSQS.ReceiveMessage", &receive).await else {
            tokio::time::sleep(RETRY_DELAY).await;
            continue;
        };
        for message in answer["Messages"].as_array().into_iter().flatten() {
            if seen.insert(message["MessageId"].to_string()) {
                subscriber.messages.put(read(message));
            }
            let delete = json!({"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]});
            let _ = subscriber.api.json("sqs", "AmazonSQS.DeleteMessage", &delete).await;
        }
    }
}

pub(crate) fn from_queue(protocol: &'static str, message: &Value) -> ReceivedMessage {
    let attributes = message["MessageAttributes"].as_object().map(|attributes| {
        let value = |it: &Value| it["StringValue"].as_str().unwrap_or_default().to_owned();
        attributes.iter().map(|(name, it)| (name.clone(), value(it))).collect()
    });
    ReceivedMessage {
        protocol,
        subject: None,
        body: message["Body"].as_str().unwrap_or_default().to_owned(),
        attributes: attributes.unwrap_or_default(),
    }
}

async fn subscribe_topic(
    api: &Api,
    topic_arn: &str,
    protocol: &str,
    endpoint: &str,
    attributes: &[(&str, &str)],
) -> Result<(), CloudError> {
    let mut form = vec![
        ("Action", "Subscribe"),
        ("Version", "2010-03-31"),
        ("TopicArn", topic_arn),
        ("Protocol", protocol),
        ("Endpoint", endpoint),
    ];
    for (name, value) in attributes {
        form.extend([("Attributes.entry.1.key", *name), ("Attributes.entry.1.value", *value)]);
    }
    api.query("sns", &form).await.map(drop)
}
