//! A proxy in front of the emulator that implements SQS message move tasks (StartMessageMoveTask), which the emulator lacks, and
//! forwards all other calls. Tests can also script the response of any call.

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
use wire::{AwsCall, Forwarder, error_response};

/// The proxy, on a loopback port.
#[derive(Debug)]
pub struct MessageMoveProxy {
    url: String,
    proxy: ProxyState,
    task: JoinHandle<()>,
}

#[derive(Debug, Clone)]
struct ProxyState {
    api: Api,
    forwarder: Forwarder,
    state: Arc<Mutex<MoveState>>,
}

#[derive(Debug, Default)]
struct MoveState {
    /// Move tasks, latest first.
    tasks: Vec<Value>,
    /// Scripted responses: operation, status, body. Each is used once, in this order.
    scripted: VecDeque<(String, u16, Value)>,
    /// The operations that were requested.
    requested: Vec<String>,
}

impl MessageMoveProxy {
    /// Starts the proxy in front of the emulator.
    ///
    /// # Errors
    ///
    /// [`CloudError`] if no loopback port can be bound.
    pub async fn start(api: &Api) -> Result<Self, CloudError> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.map_err(CloudError::io("could not bind 127.0.0.1:0"))?;
        let address = listener.local_addr().map_err(CloudError::io("could not bind 127.0.0.1:0"))?;
        let forwarder = Forwarder::new().map_err(|source| call_failed("create the HTTP client", source))?;
        let proxy = ProxyState { api: api.clone(), forwarder, state: Arc::default() };
        let router = Router::new().fallback(respond).with_state(proxy.clone());
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url: format!("http://{address}"), proxy, task })
    }

    /// The proxy's URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Scripts the response of the next call of an operation.
    pub fn respond_next_with(&self, operation: &str, status: u16, body: Value) {
        self.proxy.state().scripted.push_back((operation.to_owned(), status, body));
    }

    /// The operations that were requested, in order.
    #[must_use]
    pub fn requested_operations(&self) -> Vec<String> {
        self.proxy.state().requested.clone()
    }
}

impl Drop for MessageMoveProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ProxyState {
    fn state(&self) -> MutexGuard<'_, MoveState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the next scripted response of the operation.
    fn scripted_response(&self, operation: &str) -> Option<(u16, Value)> {
        let mut state = self.state();
        state.requested.push(operation.to_owned());
        let index = state.scripted.iter().position(|(of, ..)| of == operation)?;
        state.scripted.remove(index).map(|(_, status, body)| (status, body))
    }

    fn start_task(&self, request: &Value) -> Response {
        let mut state = self.state();
        if state.tasks.first().is_some_and(|task| task["Status"] == "RUNNING") {
            let message = "There is already a task running. Only one active task is allowed for a source queue arn at a given time.";
            let kind = "com.amazonaws.sqs#UnsupportedOperation";
            return error_response::json(kind, message, json!({})).map(Body::from);
        }
        let number = state.tasks.len() + 1;
        let task = json!({"TaskHandle": number.to_string(), "Status": "RUNNING", "SourceArn": request["SourceArn"],
            "DestinationArn": request["DestinationArn"], "ApproximateNumberOfMessagesMoved": 0, "StartedTimestamp": number});
        state.tasks.insert(0, task.clone());
        drop(state);
        tokio::spawn(self.clone().run_task(task.clone()));
        json!({"TaskHandle": task["TaskHandle"]}).to_string().into_response()
    }

    async fn run_task(self, task: Value) {
        let outcome = match &task["DestinationArn"] {
            // SQS knows the source only of messages that SQS itself moved to the dead-letter queue.
            Value::Null => Err("CouldNotDetermineMessageSource".to_owned()),
            target => self.move_messages(&task["SourceArn"], target).await.map_err(|error| error.to_string()),
        };
        let mut state = self.state();
        let Some(task) = state.tasks.first_mut() else { return };
        match outcome {
            Ok(()) => task["Status"] = json!("COMPLETED"),
            Err(reason) => {
                task["Status"] = json!("FAILED");
                task["FailureReason"] = json!(reason);
            }
        }
    }

    /// Moves as many messages as the source has at the start: as new messages with the same attributes.
    async fn move_messages(&self, source: &Value, target: &Value) -> Result<(), CloudError> {
        let (source, target) = (self.url_of(source).await?, self.url_of(target).await?);
        let get = json!({"QueueUrl": source, "AttributeNames": ["ApproximateNumberOfMessages"]});
        let attributes = self.api.json("sqs", "AmazonSQS.GetQueueAttributes", &get).await?;
        let count = attributes["Attributes"]["ApproximateNumberOfMessages"].as_str().and_then(|text| text.parse().ok());
        let mut remaining: u64 = count.unwrap_or_default();
        self.set_progress("ApproximateNumberOfMessagesToMove", remaining);
        while remaining > 0 {
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
            remaining -= 1;
            let moved = self.state().tasks[0]["ApproximateNumberOfMessagesMoved"].as_u64().unwrap_or_default();
            self.set_progress("ApproximateNumberOfMessagesMoved", moved + 1);
        }
        Ok(())
    }

    fn set_progress(&self, name: &str, number: u64) {
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

async fn respond(
    State(proxy): State<ProxyState>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let call = AwsCall::parse(&method, &uri, &headers, &body);
    let operation = call.operation.as_str();
    if let Some((status, body)) = proxy.scripted_response(operation) {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        return (status, body.as_str().map_or_else(|| body.to_string(), str::to_owned)).into_response();
    }
    let request = call.json();
    match operation {
        "StartMessageMoveTask" => proxy.start_task(&request),
        "ListMessageMoveTasks" => {
            let most = request["MaxResults"].as_u64().and_then(|most| usize::try_from(most).ok()).unwrap_or(1);
            let tasks: Vec<Value> = proxy.state().tasks.iter().take(most).cloned().collect();
            json!({ "Results": tasks }).to_string().into_response()
        }
        "CancelMessageMoveTask" => json!({"ApproximateNumberOfMessagesMoved": 0}).to_string().into_response(),
        _ => match proxy.forwarder.forward(proxy.api.url(), method, &uri, &headers, body).await {
            Ok(answer) => answer.map(Body::from),
            Err(_) => StatusCode::BAD_GATEWAY.into_response(),
        },
    }
}
