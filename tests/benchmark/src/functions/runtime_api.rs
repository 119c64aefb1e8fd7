//! The Lambda Runtime API for one process of a function.
//!
//! Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes".

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use http_body_util::BodyExt;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::server::{Answer, Server, plain};
use crate::Error;

/// The timeout that a process is given: the longest of Gumshoe's functions, except one that does not read it.
const FUNCTION_TIMEOUT: Duration = Duration::from_secs(120);
const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:measured";
const TRACE: &str = "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0";

/// A request of the process.
enum ProcessEvent {
    /// It polls for an event.
    Polled(Instant),
    /// It has answered the event that was delivered at `delivered`.
    Answered { body: Bytes, delivered: Instant, at: Instant },
    /// The invocation or the initialization has failed.
    Failed(Bytes),
}

/// The server of one process.
pub(super) struct RuntimeApi {
    server: Server,
    events: UnboundedSender<Bytes>,
    said: UnboundedReceiver<ProcessEvent>,
}

/// The answer to an event.
pub(super) struct InvocationResult {
    pub(super) body: Bytes,
    /// From the delivery of the event to the answer.
    pub(super) took: Duration,
    pub(super) at: Instant,
}

struct Shared {
    events: Mutex<UnboundedReceiver<Bytes>>,
    said: UnboundedSender<ProcessEvent>,
    delivered: Mutex<Instant>,
    count: AtomicU64,
}

impl RuntimeApi {
    pub(super) async fn start() -> Result<Self, Error> {
        let (events, undelivered) = unbounded_channel();
        let (say, said) = unbounded_channel();
        let shared = Arc::new(Shared {
            events: Mutex::new(undelivered),
            said: say,
            delivered: Mutex::new(Instant::now()),
            count: AtomicU64::new(0),
        });
        let server = Server::start(move |request| answer(Arc::clone(&shared), request)).await?;
        Ok(Self { server, events, said })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Waits for the first poll. Returns its time.
    pub(super) async fn first_poll(&mut self) -> Result<Instant, Error> {
        match self.said.recv().await {
            Some(ProcessEvent::Polled(at)) => Ok(at),
            Some(ProcessEvent::Failed(body)) => Err(failed(&body)),
            _ => Err(Error::Function("the process answered before its first poll".to_owned())),
        }
    }

    /// Delivers an event and waits for the answer.
    pub(super) async fn invoke(&mut self, event: &Bytes) -> Result<InvocationResult, Error> {
        let _ = self.events.send(event.clone()); // the other half lives as long as the server
        loop {
            match self.said.recv().await {
                Some(ProcessEvent::Polled(_)) => {}
                Some(ProcessEvent::Answered { body, delivered, at }) => {
                    return Ok(InvocationResult { body, took: at.duration_since(delivered), at });
                }
                Some(ProcessEvent::Failed(body)) => return Err(failed(&body)),
                None => return Err(Error::Function("the Runtime API server has stopped".to_owned())),
            }
        }
    }
}

fn failed(body: &Bytes) -> Error {
    Error::Function(format!("the function failed: {}", String::from_utf8_lossy(body)))
}

async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Answer {
    let at = Instant::now();
    let is_next = request.method() == Method::GET;
    let is_failure = request.uri().path().ends_with("/error");
    if is_next {
        let _ = shared.said.send(ProcessEvent::Polled(at));
        // As in Lambda, a poll waits until there is an event.
        let Some(event) = shared.events.lock().await.recv().await else { return plain(500, "") };
        return deliver(&shared, event).await;
    }
    let Ok(body) = request.into_body().collect().await else { return plain(400, "") };
    let (body, at) = (body.to_bytes(), Instant::now());
    let said = if is_failure {
        ProcessEvent::Failed(body)
    } else {
        ProcessEvent::Answered { body, delivered: *shared.delivered.lock().await, at }
    };
    let _ = shared.said.send(said);
    plain(202, r#"{"status":"OK"}"#)
}

async fn deliver(shared: &Shared, event: Bytes) -> Answer {
    let number = shared.count.fetch_add(1, Ordering::Relaxed);
    let deadline = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default() + FUNCTION_TIMEOUT;
    let mut answer = plain(200, event);
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("lambda-runtime-invoked-function-arn", HeaderValue::from_static(ARN));
    headers.insert("lambda-runtime-trace-id", HeaderValue::from_static(TRACE));
    let id = format!("00000000-0000-4000-8000-{number:012}");
    for (name, value) in
        [("lambda-runtime-aws-request-id", id), ("lambda-runtime-deadline-ms", deadline.as_millis().to_string())]
    {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    *shared.delivered.lock().await = Instant::now();
    answer
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    /// The response up to the first `until`.
    async fn call(stream: &mut TcpStream, request: &str, until: &str) -> String {
        stream.write_all(request.as_bytes()).await.unwrap();
        let (mut answer, mut more) = (String::new(), [0; 1024]);
        while !answer.contains(until) {
            let count = stream.read(&mut more).await.unwrap();
            assert!(count > 0, "the connection ended after {answer}");
            answer += std::str::from_utf8(&more[..count]).unwrap();
        }
        answer
    }

    #[tokio::test]
    async fn an_event_is_delivered_and_its_answer_received() {
        let mut api = RuntimeApi::start().await.unwrap();
        let mut function = TcpStream::connect(api.address()).await.unwrap();
        let path = "/2018-06-01/runtime/invocation";
        let function = tokio::spawn(async move {
            let next = format!("GET {path}/next HTTP/1.1\r\nhost: lambda\r\n\r\n");
            let event = call(&mut function, &next, "{\"an\":\"event\"}").await;
            for header in
                ["aws-request-id: 00000000-", "deadline-ms: ", "invoked-function-arn: arn:", "trace-id: Root="]
            {
                assert!(event.contains(&format!("lambda-runtime-{header}")), "{event}");
            }
            let answer = format!("POST {path}/1/response HTTP/1.1\r\nhost: lambda\r\ncontent-length: 2\r\n\r\n{{}}");
            call(&mut function, &answer, "OK").await;
            let error = format!("POST {path}/2/error HTTP/1.1\r\nhost: lambda\r\ncontent-length: 4\r\n\r\nwhat");
            call(&mut function, &error, "OK").await;
        });
        let started = Instant::now();
        assert!(api.first_poll().await.unwrap() >= started.checked_sub(Duration::from_secs(10)).unwrap_or(started));
        let answered = api.invoke(&Bytes::from_static(b"{\"an\":\"event\"}")).await.unwrap();
        assert_eq!(answered.body, "{}");
        assert!(answered.took > Duration::ZERO && answered.at > started);
        let error = api.invoke(&Bytes::from_static(b"{}")).await.err().unwrap().to_string();
        assert!(error.contains("what"), "{error}");
        function.await.unwrap();
    }
}
