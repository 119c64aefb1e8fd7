//! The HTTP side.

use crate::delivery_log::{DeliveryLog, Reply};
use crate::fault::ReceiverFault;
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

/// The largest body that is read, in bytes: far more than any service accepts, so that a client that writes everything
/// before it reads receives the error.
const READ_MAX_BYTES: usize = 64 * 1024 * 1024;

/// The state that all handlers share.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) delivery_log: Arc<watch::Sender<DeliveryLog>>,
    /// Becomes true when the server is to stop.
    pub(crate) stop: watch::Receiver<bool>,
}

impl Server {
    /// Serves until `stop` becomes true; then open connections are closed.
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
    let body = to_bytes(body, READ_MAX_BYTES).await.ok();
    let request = Request::new(head.method, head.uri, &head.headers, body);
    let mut reply = None;
    server.delivery_log.send_modify(|delivery_log| reply = Some(delivery_log.receive(&request)));
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

/// Closes the connection; the returned response is not sent.
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

/// A body of which only the first byte is sent.
fn unfinished(body: &str, stop: watch::Receiver<bool>) -> Body {
    let first = Bytes::copy_from_slice(body.as_bytes().get(..1).unwrap_or(b"."));
    let never = async move {
        stopped(stop).await;
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    };
    Body::from_stream(stream::iter([Ok(first)]).chain(stream::once(never)))
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error means that the sender was dropped, so no one can use the server any more.
    let _ = stop.wait_for(|stop| *stop).await;
}
