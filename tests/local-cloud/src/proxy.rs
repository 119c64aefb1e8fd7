//! A proxy before SNS, through which the functions publish, so that tests can make publishing go wrong. It also stands for
//! the mail server: the emulator mails nothing.

use crate::error::CloudError;
use crate::inbox::{Mailbox, Received};
use crate::process;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use reqwest::Client;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinHandle;

/// What becomes of a publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publishing {
    /// SNS answers 503 and does nothing.
    Unavailable,
    /// The function is killed before SNS hears of it.
    KilledBefore,
    /// SNS publishes, and the function is killed before it hears of that.
    KilledAfter,
}

/// A proxy that forwards to the emulator.
#[derive(Debug)]
pub struct SnsProxy {
    url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    /// Where to forward to; known once the emulator is up.
    target: Mutex<Option<String>>,
    /// Publishes whose body holds the text go wrong, as often as they stand here.
    faults: Mutex<Vec<(String, Publishing)>>,
}

#[derive(Clone)]
struct Front {
    shared: Arc<Shared>,
    mailbox: Mailbox,
    http: Client,
    port: u16,
}

impl SnsProxy {
    pub(crate) async fn start(mailbox: Mailbox) -> Result<Self, CloudError> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.map_err(CloudError::io("no free port on loopback"))?;
        let address = listener.local_addr().map_err(CloudError::io("no free port on loopback"))?;
        let shared = Arc::<Shared>::default();
        let http = crate::api::http().build();
        let http = http.map_err(|source| crate::api::call_failed("the HTTP client", source))?;
        let front = Front { shared: Arc::clone(&shared), mailbox, http, port: address.port() };
        let router = Router::new().fallback(forward).with_state(front);
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, service).await;
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
    pub fn next_publish(&self, text: &str, what: Publishing) {
        self.shared.faults.lock().unwrap_or_else(PoisonError::into_inner).push((text.to_owned(), what));
    }
}

impl Drop for SnsProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn forward(
    State(front): State<Front>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match fault_for(&front.shared, &body) {
        Some(Publishing::Unavailable) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Some(Publishing::KilledBefore) => return kill(peer, front.port).await,
        Some(Publishing::KilledAfter) => {
            let _ = pass_on(&front, headers, body).await;
            return kill(peer, front.port).await;
        }
        None => {}
    }
    pass_on(&front, headers, body).await.unwrap_or_else(|()| StatusCode::BAD_GATEWAY.into_response())
}

/// Kills the function, and gives it no answer: this ends with the connection.
async fn kill(peer: SocketAddr, here: u16) -> Response {
    process::kill_owner_of(peer, here);
    std::future::pending().await
}

fn fault_for(shared: &Shared, body: &Bytes) -> Option<Publishing> {
    let body = String::from_utf8_lossy(body);
    let mut faults = shared.faults.lock().unwrap_or_else(PoisonError::into_inner);
    let index = faults.iter().position(|(text, _)| body.contains(text.as_str()))?;
    Some(faults.remove(index).1)
}

async fn pass_on(front: &Front, headers: HeaderMap, body: Bytes) -> Result<Response, ()> {
    let target = front.shared.target.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or(())?;
    let letter = letter(&body);
    let mut request = front.http.post(target).body(body);
    for (name, value) in &headers {
        // The host stays what the function signed, although it is not where this goes.
        if name != "content-length" {
            request = request.header(name.as_str(), value.as_bytes());
        }
    }
    let answer = request.send().await.map_err(drop)?;
    let status = StatusCode::from_u16(answer.status().as_u16()).map_err(drop)?;
    let body = answer.bytes().await.map_err(drop)?;
    if let Some(letter) = letter.filter(|_| status.is_success()) {
        front.mailbox.put(letter);
    }
    Ok((status, [("content-type", "text/xml")], body).into_response())
}

/// What SNS would mail: the body for `email`, else the default one.
fn letter(publish: &[u8]) -> Option<Received> {
    let form = reqwest::Url::parse(&format!("http://sns/?{}", std::str::from_utf8(publish).ok()?)).ok()?;
    let form: BTreeMap<String, String> = form.query_pairs().into_owned().collect();
    let bodies: serde_json::Value = serde_json::from_str(form.get("Message")?).ok()?;
    let body = bodies["email"].as_str().or_else(|| bodies["default"].as_str())?.to_owned();
    let attributes = (1..=10).filter_map(|number| {
        let of = |what: &str| form.get(&format!("MessageAttributes.entry.{number}.{what}")).cloned();
        Some((of("Name")?, of("Value.StringValue")?))
    });
    Some(Received { protocol: "email", subject: form.get("Subject").cloned(), body, attributes: attributes.collect() })
}
