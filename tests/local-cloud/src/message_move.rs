//! What the emulator lacks: SQS moving a queue's messages to another (StartMessageMoveTask). It stands before the emulator,
//! for programs that ask for such moves, carries them out as SQS would, and passes all other calls on. Tests can make any
//! call be answered otherwise.

use crate::api::{Api, call_failed};
use crate::error::CloudError;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::task::JoinHandle;
use wire::{AwsCall, Forwarder, refusal};

/// SQS as it would answer, on a loopback port.
#[derive(Debug)]
pub struct MessageMoveProxy {
    url: String,
    front: Front,
    task: JoinHandle<()>,
}

#[derive(Debug, Clone)]
struct Front {
    api: Api,
    forwarder: Forwarder,
    state: Arc<Mutex<Moves>>,
}

#[derive(Debug, Default)]
struct Moves {
    /// The latest first.
    tasks: Vec<Value>,
    /// What operations are answered in place of being done, each once, in this order.
    answers: VecDeque<(String, u16, Value)>,
    /// The operations that were asked for.
    asked: Vec<String>,
}

impl MessageMoveProxy {
    /// Stands before the emulator.
    ///
    /// # Errors
    ///
    /// [`CloudError`] when there is no port on loopback.
    pub async fn before(api: &Api) -> Result<Self, CloudError> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.map_err(CloudError::io("no free port on loopback"))?;
        let address = listener.local_addr().map_err(CloudError::io("no free port on loopback"))?;
        let forwarder = Forwarder::new().map_err(|source| call_failed("the HTTP client", source))?;
        let front = Front { api: api.clone(), forwarder, state: Arc::default() };
        let router = Router::new().fallback(answer).with_state(front.clone());
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url: format!("http://{address}"), front, task })
    }

    /// Where it stands.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Answers the next call of an operation with this.
    pub fn next(&self, operation: &str, status: u16, body: Value) {
        self.front.state().answers.push_back((operation.to_owned(), status, body));
    }

    /// The operations that were asked for, in order.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.front.state().asked.clone()
    }
}

impl Drop for MessageMoveProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Front {
    fn state(&self) -> MutexGuard<'_, Moves> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an answer that a test has named for the operation.
    fn told(&self, operation: &str) -> Option<(u16, Value)> {
        let mut state = self.state();
        state.asked.push(operation.to_owned());
        let index = state.answers.iter().position(|(of, ..)| of == operation)?;
        state.answers.remove(index).map(|(_, status, body)| (status, body))
    }

    fn start(&self, asked: &Value) -> Response {
        let mut state = self.state();
        if state.tasks.first().is_some_and(|task| task["Status"] == "RUNNING") {
            let message = "There is already a task running. Only one active task is allowed for a source queue arn at a given time.";
            let kind = "com.amazonaws.sqs#UnsupportedOperation";
            return refusal::json(kind, message, json!({})).map(Body::from);
        }
        let number = state.tasks.len() + 1;
        let task = json!({"TaskHandle": number.to_string(), "Status": "RUNNING", "SourceArn": asked["SourceArn"],
            "DestinationArn": asked["DestinationArn"], "ApproximateNumberOfMessagesMoved": 0, "StartedTimestamp": number});
        state.tasks.insert(0, task.clone());
        drop(state);
        tokio::spawn(self.clone().carry_out(task.clone()));
        json!({"TaskHandle": task["TaskHandle"]}).to_string().into_response()
    }

    async fn carry_out(self, task: Value) {
        let outcome = match &task["DestinationArn"] {
            // SQS knows the source of those messages only that it has moved there itself.
            Value::Null => Err("CouldNotDetermineMessageSource".to_owned()),
            target => self.carry(&task["SourceArn"], target).await.map_err(|error| error.to_string()),
        };
        let mut state = self.state();
        let Some(task) = state.tasks.first_mut() else { return };
        match outcome {
            Ok(()) => task["Status"] = json!("COMPLETED"),
            Err(why) => {
                task["Status"] = json!("FAILED");
                task["FailureReason"] = json!(why);
            }
        }
    }

    /// Moves as many messages as there are at the start: with their attributes, as new ones.
    async fn carry(&self, source: &Value, target: &Value) -> Result<(), CloudError> {
        let (source, target) = (self.url_of(source).await?, self.url_of(target).await?);
        let get = json!({"QueueUrl": source, "AttributeNames": ["ApproximateNumberOfMessages"]});
        let there = self.api.json("sqs", "AmazonSQS.GetQueueAttributes", &get).await?;
        let there = there["Attributes"]["ApproximateNumberOfMessages"].as_str().and_then(|text| text.parse().ok());
        let mut left: u64 = there.unwrap_or_default();
        self.note("ApproximateNumberOfMessagesToMove", left);
        while left > 0 {
            let receive = json!({"QueueUrl": source, "MessageAttributeNames": ["All"]});
            let answer = self.api.json("sqs", "AmazonSQS.ReceiveMessage", &receive).await?;
            let Some(message) = answer["Messages"].get(0) else { break };
            let mut send = json!({"QueueUrl": target, "MessageBody": message["Body"]});
            if message["MessageAttributes"].is_object() {
                send["MessageAttributes"] = message["MessageAttributes"].clone();
            }
            self.api.json("sqs", "AmazonSQS.SendMessage", &send).await?;
            let delete = json!({"QueueUrl": source, "ReceiptHandle": message["ReceiptHandle"]});
            self.api.json("sqs", "AmazonSQS.DeleteMessage", &delete).await?;
            left -= 1;
            let moved = self.state().tasks[0]["ApproximateNumberOfMessagesMoved"].as_u64().unwrap_or_default();
            self.note("ApproximateNumberOfMessagesMoved", moved + 1);
        }
        Ok(())
    }

    fn note(&self, name: &str, number: u64) {
        if let Some(task) = self.state().tasks.first_mut() {
            task[name] = json!(number);
        }
    }

    async fn url_of(&self, arn: &Value) -> Result<Value, CloudError> {
        let name = arn.as_str().and_then(|arn| arn.rsplit(':').next()).unwrap_or_default();
        let answer = self.api.json("sqs", "AmazonSQS.GetQueueUrl", &json!({ "QueueName": name })).await?;
        Ok(answer["QueueUrl"].clone())
    }
}

async fn answer(State(front): State<Front>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let call = AwsCall::of(&method, &uri, &headers, &body);
    let operation = call.operation.as_str();
    if let Some((status, body)) = front.told(operation) {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        return (status, body.as_str().map_or_else(|| body.to_string(), str::to_owned)).into_response();
    }
    let asked = call.json();
    match operation {
        "StartMessageMoveTask" => front.start(&asked),
        "ListMessageMoveTasks" => {
            let most = asked["MaxResults"].as_u64().and_then(|most| usize::try_from(most).ok()).unwrap_or(1);
            let tasks: Vec<Value> = front.state().tasks.iter().take(most).cloned().collect();
            json!({ "Results": tasks }).to_string().into_response()
        }
        "CancelMessageMoveTask" => json!({"ApproximateNumberOfMessagesMoved": 0}).to_string().into_response(),
        _ => match front.forwarder.pass_on(front.api.url(), method, &uri, &headers, body).await {
            Ok(answer) => answer.map(Body::from),
            Err(_) => StatusCode::BAD_GATEWAY.into_response(),
        },
    }
}
