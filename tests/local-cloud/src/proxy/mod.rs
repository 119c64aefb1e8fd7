//! A proxy between the functions and the emulator, in which tests inject faults. It also records the e-mails that SNS would
//! send: the emulator sends none.

mod fault;
mod gate;

pub use fault::ProxyFault;
pub use gate::CallGate;
pub use wire::AwsCall as ProxiedCall;

use crate::error::CloudError;
use crate::inbox::{MessageStore, ReceivedMessage};
use crate::process;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinHandle;
use wire::{Connection, DisconnectableListener, Forwarder};

/// The services that functions call through the proxy, as `AWS_ENDPOINT_URL_*` names them.
pub(crate) const SERVICES: [&str; 7] = ["DYNAMODB", "SFN", "SQS", "SNS", "S3", "EVENTBRIDGE", "IAM"];

/// Decides which calls fail, and observes the result of each call.
pub trait FaultInjector: Send + Sync {
    /// The fault to inject into this call; `None` to forward it unchanged.
    fn fault_for(&self, call: &ProxiedCall) -> Option<ProxyFault>;

    /// Called after each call. `status` is the HTTP status of the service; `None` if the call was not forwarded, or if the service
    /// did not respond.
    fn observe(&self, call: &ProxiedCall, fault: Option<ProxyFault>, status: Option<u16>);
}

/// The proxy. It forwards to the emulator.
#[derive(Debug)]
pub struct Proxy {
    url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    /// The emulator's URL; known once the emulator is running.
    target: Mutex<Option<String>>,
    /// One-time faults: service, text that the body has to contain, fault.
    planned: Mutex<Vec<(&'static str, String, ProxyFault)>>,
    injector: Mutex<Option<Arc<dyn FaultInjector>>>,
    /// Gates that hold calls before anything else is done with them.
    gates: gate::CallGates,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Shared").finish_non_exhaustive()
    }
}

#[derive(Clone)]
struct ProxyState {
    shared: Arc<Shared>,
    messages: MessageStore,
    forwarder: Forwarder,
    port: u16,
}

impl Proxy {
    pub(crate) async fn start(messages: MessageStore) -> Result<Self, CloudError> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.map_err(CloudError::io("could not bind 127.0.0.1:0"))?;
        let address = listener.local_addr().map_err(CloudError::io("could not bind 127.0.0.1:0"))?;
        let shared = Arc::<Shared>::default();
        let forwarder = Forwarder::new().map_err(|source| crate::api::call_failed("create the HTTP client", source))?;
        let state = ProxyState { shared: Arc::clone(&shared), messages, forwarder, port: address.port() };
        let router = Router::new().fallback(forward).layer(DefaultBodyLimit::disable()).with_state(state);
        let service = router.into_make_service_with_connect_info::<Connection>();
        let task = tokio::spawn(async move {
            let _ = axum::serve(DisconnectableListener(listener), service).await;
        });
        Ok(Self { url: format!("http://{address}"), shared, task })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn forward_to(&self, url: String) {
        *self.shared.target.lock().unwrap_or_else(PoisonError::into_inner) = Some(url);
    }

    /// Injects a fault into the next Publish whose message contains `text` (letters, digits and dashes only).
    pub fn fail_next_publish(&self, text: &str, fault: ProxyFault) {
        self.fail_next_call("sns", text, fault);
    }

    /// Injects a fault into the next call of a service (its signing name) whose body contains `text` (letters, digits and dashes
    /// only).
    pub fn fail_next_call(&self, service: &'static str, text: &str, fault: ProxyFault) {
        self.shared.planned.lock().unwrap_or_else(PoisonError::into_inner).push((service, text.to_owned(), fault));
    }

    /// Lets the injector decide about every call from now on.
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
    State(proxy): State<ProxyState>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let call = ProxiedCall::parse(&method, &uri, &headers, &body);
    proxy.shared.gates.wait_if_closed(&call).await;
    let injector = proxy.shared.injector.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let fault = planned_fault(&proxy.shared, &call).or_else(|| injector.as_ref()?.fault_for(&call));
    let port = proxy.port;
    // A forwarded call is completed and observed even if the function is killed before it gets the response.
    let completed = tokio::spawn(async move {
        let answer = match fault {
            Some(fault) if !fault.is_applied() => fault.error_response(&call),
            _ => forward_call(&proxy, &call, method, &uri, headers, body).await,
        };
        if let Some(injector) = injector {
            let is_forwarded = fault.is_none_or(ProxyFault::is_applied);
            let status = answer.as_ref().filter(|_| is_forwarded).map(|answer| answer.status().as_u16());
            injector.observe(&call, fault, status);
        }
        answer
    });
    let answer = completed.await.unwrap_or_default();
    if fault.is_some_and(ProxyFault::kills_caller) {
        process::kill_socket_owner(connection.peer(), port);
        std::future::pending::<()>().await; // until the connection closes
    }
    match answer {
        Some(answer) if !fault.is_some_and(ProxyFault::is_applied) => answer,
        // An injected disconnect, or the service stopped during the call.
        _ => {
            connection.disconnect();
            StatusCode::BAD_GATEWAY.into_response()
        }
    }
}

/// Takes the planned fault whose service and text match the call.
fn planned_fault(shared: &Shared, call: &ProxiedCall) -> Option<ProxyFault> {
    let mut planned = shared.planned.lock().unwrap_or_else(PoisonError::into_inner);
    if planned.iter().all(|(service, ..)| *service != call.service) {
        return None;
    }
    let body = String::from_utf8_lossy(&call.body);
    let is_match =
        |(service, text, _): &(&str, String, ProxyFault)| *service == call.service && body.contains(text.as_str());
    let index = planned.iter().position(is_match)?;
    Some(planned.remove(index).2)
}

async fn forward_call(
    proxy: &ProxyState,
    call: &ProxiedCall,
    method: Method,
    uri: &Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Option<Response> {
    let target = proxy.shared.target.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
    let answer = proxy.forwarder.forward(&target, method, uri, &headers, body).await.ok()?;
    let status = answer.status();
    if call.operation == "Publish" && status.is_success() {
        sent_email(call).into_iter().for_each(|email| proxy.messages.put(email));
    }
    Some(answer.map(Body::from))
}

/// The e-mail that SNS would send: the body for `email`, otherwise the default body.
fn sent_email(publish: &ProxiedCall) -> Option<ReceivedMessage> {
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
