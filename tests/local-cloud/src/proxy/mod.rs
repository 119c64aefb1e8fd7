//! A proxy before the services that the functions call, so that tests can make calls go wrong. It also stands for the mail
//! server: the emulator mails nothing.

mod fault;
mod gate;

pub use fault::ProxyFault;
pub use gate::CallGate;
pub use wire::AwsCall as ProxiedCall;

use crate::error::CloudError;
use crate::inbox::{Mailbox, ReceivedMessage};
use crate::process;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinHandle;
use wire::{Connection, CuttableListener, Forwarder};

/// The services that functions call through the proxy, as `AWS_ENDPOINT_URL_*` names them.
pub(crate) const SERVICES: [&str; 7] = ["DYNAMODB", "SFN", "SQS", "SNS", "S3", "EVENTBRIDGE", "IAM"];

/// Decides which calls go wrong, and sees what became of each.
pub trait FaultInjector: Send + Sync {
    /// What is to go wrong with this call.
    fn fault_for(&self, call: &ProxiedCall) -> Option<ProxyFault>;

    /// What became of it: the status that the service answered with; nothing when it was not asked, or gave no answer.
    fn observe(&self, call: &ProxiedCall, mishap: Option<ProxyFault>, status: Option<u16>);
}

/// A proxy that forwards to the emulator.
#[derive(Debug)]
pub struct Proxy {
    url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    /// Where to forward to; known once the emulator is up.
    target: Mutex<Option<String>>,
    /// Calls of a service whose body holds the text go wrong, as often as they stand here.
    planned: Mutex<Vec<(&'static str, String, ProxyFault)>>,
    injector: Mutex<Option<Arc<dyn FaultInjector>>>,
    /// What is held back, before anything else becomes of it.
    gates: gate::CallGates,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Shared").finish_non_exhaustive()
    }
}

#[derive(Clone)]
struct Front {
    shared: Arc<Shared>,
    mailbox: Mailbox,
    forwarder: Forwarder,
    port: u16,
}

impl Proxy {
    pub(crate) async fn start(mailbox: Mailbox) -> Result<Self, CloudError> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.map_err(CloudError::io("no free port on loopback"))?;
        let address = listener.local_addr().map_err(CloudError::io("no free port on loopback"))?;
        let shared = Arc::<Shared>::default();
        let forwarder = Forwarder::new().map_err(|source| crate::api::call_failed("the HTTP client", source))?;
        let front = Front { shared: Arc::clone(&shared), mailbox, forwarder, port: address.port() };
        let router = Router::new().fallback(forward).layer(DefaultBodyLimit::disable()).with_state(front);
        let service = router.into_make_service_with_connect_info::<Connection>();
        let task = tokio::spawn(async move {
            let _ = axum::serve(CuttableListener(listener), service).await;
        });
        Ok(Self { url: format!("http://{address}"), shared, task })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn forward_to(&self, url: String) {
        *self.shared.target.lock().unwrap_or_else(PoisonError::into_inner) = Some(url);
    }

    /// Makes the next publish whose message holds `text` (letters, digits and dashes only) go wrong.
    pub fn fail_next_publish(&self, text: &str, what: ProxyFault) {
        self.fail_next_call("sns", text, what);
    }

    /// Makes the next call of a service, as signatures name it, whose body holds `text` (letters, digits and dashes only) go
    /// wrong.
    pub fn fail_next_call(&self, service: &'static str, text: &str, what: ProxyFault) {
        self.shared.planned.lock().unwrap_or_else(PoisonError::into_inner).push((service, text.to_owned(), what));
    }

    /// Lets somebody decide about every call from now on.
    pub fn set_fault_injector(&self, injector: Arc<dyn FaultInjector>) {
        *self.shared.injector.lock().unwrap_or_else(PoisonError::into_inner) = Some(injector);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn forward(
    State(front): State<Front>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let call = ProxiedCall::of(&method, &uri, &headers, &body);
    front.shared.gates.pass(&call).await;
    let injector = front.shared.injector.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mishap = marked(&front.shared, &call).or_else(|| injector.as_ref()?.fault_for(&call));
    let port = front.port;
    // What was passed on is seen to its end, whether or not the function lives to hear of it.
    let carried = tokio::spawn(async move {
        let answer = match mishap {
            Some(mishap) if !mishap.is_applied() => mishap.refusal(&call),
            _ => pass_on(&front, &call, method, &uri, headers, body).await,
        };
        if let Some(injector) = injector {
            let asked = mishap.is_none_or(ProxyFault::is_applied);
            let status = answer.as_ref().filter(|_| asked).map(|answer| answer.status().as_u16());
            injector.observe(&call, mishap, status);
        }
        answer
    });
    let answer = carried.await.unwrap_or_default();
    if mishap.is_some_and(ProxyFault::kills_caller) {
        process::kill_owner_of(connection.peer(), port);
        std::future::pending::<()>().await; // this ends with the connection
    }
    match answer {
        Some(answer) if !mishap.is_some_and(ProxyFault::is_applied) => answer,
        // Cut on purpose, or the service is gone in the middle of it.
        _ => {
            connection.cut();
            StatusCode::BAD_GATEWAY.into_response()
        }
    }
}

/// What is to go wrong with a call that holds a text which a test has named.
fn marked(shared: &Shared, call: &ProxiedCall) -> Option<ProxyFault> {
    let mut planned = shared.planned.lock().unwrap_or_else(PoisonError::into_inner);
    if planned.iter().all(|(service, ..)| *service != call.service) {
        return None;
    }
    let body = String::from_utf8_lossy(&call.body);
    let fits =
        |(service, text, _): &(&str, String, ProxyFault)| *service == call.service && body.contains(text.as_str());
    let index = planned.iter().position(fits)?;
    Some(planned.remove(index).2)
}

async fn pass_on(
    front: &Front,
    call: &ProxiedCall,
    method: Method,
    uri: &Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Option<Response> {
    let target = front.shared.target.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
    let answer = front.forwarder.pass_on(&target, method, uri, &headers, body).await.ok()?;
    let status = answer.status();
    if call.operation == "Publish" && status.is_success() {
        letter(call).into_iter().for_each(|letter| front.mailbox.put(letter));
    }
    Some(answer.map(Body::from))
}

/// What SNS would mail: the body for `email`, else the default one.
fn letter(publish: &ProxiedCall) -> Option<ReceivedMessage> {
    let form = publish.form();
    let bodies: serde_json::Value = serde_json::from_str(form.get("Message")?).ok()?;
    let body = bodies["email"].as_str().or_else(|| bodies["default"].as_str())?.to_owned();
    Some(ReceivedMessage {
        protocol: "email",
        subject: form.get("Subject").cloned(),
        body,
        attributes: publish.message_attributes(),
    })
}
