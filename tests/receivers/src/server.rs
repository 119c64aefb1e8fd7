//! The HTTP side.

use crate::fault::ReceiverFault;
use crate::ledger::{Ledger, Reply};
use crate::request::Request;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request as HttpRequest, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use std::io;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use wire::{Connection, DisconnectableListener};

/// The largest body that is read, in bytes: far more than any service takes, so that a client that writes all before it
/// reads gets to see the refusal.
const READ_MAX: usize = 64 * 1024 * 1024;

/// What every handler works with.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) ledger: Arc<watch::Sender<Ledger>>,
    /// Turns true when the server shall end.
    pub(crate) stop: watch::Receiver<bool>,
}

impl Server {
    /// Serves until it shall stop; connections that are open then are closed.
    pub(crate) async fn run(self, listener: TcpListener) {
        let stop = self.stop.clone();
        let service = Router::new().fallback(receive).with_state(self);
        let service = service.into_make_service_with_connect_info::<Connection>();
        let _ = axum::serve(DisconnectableListener(listener), service).with_graceful_shutdown(stopped(stop)).await;
    }
}

async fn receive(
    State(server): State<Server>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: HttpRequest,
) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, READ_MAX).await.ok();
    let request = Request::new(head.method, head.uri, &head.headers, body);
    let mut reply = None;
    server.ledger.send_modify(|ledger| reply = Some(ledger.receive(&request)));
    let Some(reply) = reply else { return close(&connection) };
    respond(reply, &connection, server.stop).await
}

async fn respond(reply: Reply, connection: &Connection, stop: watch::Receiver<bool>) -> Response {
    let Reply { answer, fault } = reply;
    let Some(fault) = fault else { return answer.into_response() };
    let Some(status) = fault.status(answer.status) else {
        if fault == ReceiverFault::Stall {
            stopped(stop).await;
        }
        return close(connection);
    };
    match fault {
        ReceiverFault::RateLimited { retry_after: Some(time) } => with_header(status, header::RETRY_AFTER, &time),
        ReceiverFault::Redirect(location) => with_header(status, header::LOCATION, &location),
        ReceiverFault::PartialResponse => (status, unfinished(&answer.body, stop)).into_response(),
        _ => status.into_response(),
    }
}

/// Closes the connection: the answer that is returned goes nowhere.
fn close(connection: &Connection) -> Response {
    connection.disconnect();
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

fn with_header(status: StatusCode, name: header::HeaderName, value: &str) -> Response {
    match HeaderValue::from_str(value) {
        Ok(value) => (status, [(name, value)]).into_response(),
        Err(_) => status.into_response(),
    }
}

/// The first byte of a body, and the rest never.
fn unfinished(body: &str, stop: watch::Receiver<bool>) -> Body {
    let first = Bytes::copy_from_slice(body.as_bytes().get(..1).unwrap_or(b"."));
    let never = async move {
        stopped(stop).await;
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    };
    Body::from_stream(stream::iter([Ok(first)]).chain(stream::once(never)))
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error means that the sender is gone, and with it everyone who could use the server.
    let _ = stop.wait_for(|stop| *stop).await;
}
