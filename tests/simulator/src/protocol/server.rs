//! The HTTP side: routes, answers and their delivery.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::connect_info::ConnectInfo;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use wire::{Connection, DisconnectableListener};

use super::body::BODY_BYTES_MAX;
use super::exchange::Delivery;
use super::{Operation, OperationResult, Service, body, caller, operations, request};
use crate::control;
use crate::world::{SharedWorld, lock};

/// The state that all handlers share.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) world: SharedWorld,
    /// Turns true, or loses its sender, when the server shall end.
    pub(crate) stop: watch::Receiver<bool>,
    /// How many requests were answered; their ids are counted from it.
    pub(crate) answered: Arc<AtomicU64>,
}

impl Server {
    /// Serves until it shall stop, then lets the answers under way go out.
    pub(crate) async fn run(self, listener: TcpListener, address: SocketAddr) {
        let stop = self.stop.clone();
        let service = router(self).into_make_service_with_connect_info::<Connection>();
        let served = axum::serve(DisconnectableListener(listener), service).with_graceful_shutdown(stopped(stop));
        if let Err(error) = served.await {
            tracing::error!(%error, %address, "HTTP server stopped unexpectedly on {address}");
        }
    }

    /// A response with the headers that all AWS services send, and the length of its body.
    fn respond(
        &self,
        service: Service,
        success: StatusCode,
        answer: &OperationResult,
        at: Timestamp,
    ) -> (Response, usize) {
        let (status, body) = match answer {
            Ok(None) => (success, Vec::new()),
            Ok(Some(body)) => (success, text(body)),
            Err(error) => (error.kind.status(), text(&error.body(service))),
        };
        let length = body.len();
        let mut response = (status, Body::from(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        // RFC 9110, section 6.6.1. A client may go by this clock.
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&at);
        if let Some(date) = date.ok().and_then(|date| HeaderValue::try_from(date).ok()) {
            headers.insert(header::DATE, date);
        }
        let number = self.answered.fetch_add(1, Ordering::Relaxed);
        if let Ok(id) = HeaderValue::try_from(format!("00000000-0000-4000-8000-{number:012x}")) {
            headers.insert("x-amzn-requestid", id);
        }
        if let Err(error) = answer {
            headers.insert("x-amzn-errortype", HeaderValue::from_static(error.kind.name()));
        }
        (response, length)
    }
}

fn router(server: Server) -> Router {
    let mut router = Router::new().nest("/_control", control::router());
    for operation in operations() {
        let handler =
            move |server: State<Server>,
                  connection: ConnectInfo<Connection>,
                  path: Result<RawPathParams, RawPathParamsRejection>,
                  request: Request| { serve(operation, server, connection, path, request) };
        // Every method of the references is one that axum can filter by; a test asks for each.
        if let Ok(method) = MethodFilter::try_from(operation.model.method.clone()) {
            router = router.route(operation.model.path, on(method, handler));
        }
    }
    router.fallback(unknown).method_not_allowed_fallback(unknown).with_state(server)
}

async fn serve(
    operation: &'static Operation,
    State(mut server): State<Server>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    path: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
) -> Response {
    // A path that is no UTF-8 is no operation's.
    let Ok(path) = path else { return unknown(State(server), request).await };
    // axum takes HEAD for GET; no operation does.
    if *request.method() == Method::HEAD {
        return unknown(State(server), request).await;
    }
    let place = caller::place(request.headers());
    let query = request.uri().query().unwrap_or_default().to_owned();
    let json = body::is_json(operation, request.headers());
    let body = body::read(request.into_body(), BODY_BYTES_MAX).await;
    let members = json
        .and_then(|()| body::members(operation, body))
        .and_then(|body| request::members(operation, &path, &query, body));
    let reply = lock(&server.world).carry_out(operation, &place, members);
    let success = StatusCode::from_u16(operation.model.status).unwrap_or_default();
    let (response, length) = server.respond(operation.service, success, &reply.answer, reply.at);
    match reply.delivery {
        Delivery::Immediate => {}
        // The server's end cuts the wait short.
        Delivery::After(time) => {
            tokio::select! {
                () = tokio::time::sleep(time) => {}
                _ = server.stop.wait_for(|stop| *stop) => {}
            }
        }
        Delivery::Dropped => connection.disconnect(),
        Delivery::Truncated => connection.disconnect_in_body(length / 2),
    }
    response
}

async fn unknown(State(server): State<Server>, request: Request) -> Response {
    let place = caller::place(request.headers());
    let (method, path) = (request.method().to_string(), request.uri().path().to_string());
    // Read to its end, so that a client that is still writing gets to see the answer.
    if let Err(error) = body::read(request.into_body(), BODY_BYTES_MAX).await {
        tracing::debug!(%error, "could not read the body of a request for an unknown operation");
    }
    let (error, at) = {
        let mut world = lock(&server.world);
        (world.reject_unknown(&place, &method, &path), world.clock.now())
    };
    server.respond(Service::Detective, StatusCode::OK, &Err(error), at).0
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error means that the sender was dropped, so no one can use the server any more.
    let _ = stop.wait_for(|stop| *stop).await;
}

fn text(body: &Value) -> Vec<u8> {
    body.to_string().into_bytes()
}
