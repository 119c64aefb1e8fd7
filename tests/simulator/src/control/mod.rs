//! The control interface: everything under `/_control`, in JSON. The README's table is its reference.

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

mod describe;
mod detective;
mod guardduty;
mod query;
mod simulation;
mod steps;

pub use steps::ControlError;

use crate::protocol::body;
use crate::protocol::server::Server;

/// An error of the control interface: a status and `{"error": "…"}`.
#[derive(Debug)]
struct ControlRejection(StatusCode, String);

type ControlResult = Result<Json<Value>, ControlRejection>;

pub(crate) fn router() -> Router<Server> {
    Router::new()
        .route("/health", get(simulation::health))
        .route("/reset", post(simulation::reset))
        .route("/scenarios", post(simulation::scenarios))
        .route("/faults", post(simulation::faults))
        .route("/rates", post(simulation::rates))
        .route("/clock", post(simulation::clock))
        .route("/journal", get(simulation::journal))
        .route("/snapshot", get(simulation::snapshot).put(simulation::restore))
        .route("/operations", get(describe::operations))
        .route("/organization", post(detective::organization))
        .route("/graph", post(detective::graph))
        .route("/members/{account}", post(detective::member))
        .route("/datasources", post(detective::datasources))
        .route("/investigations", get(detective::investigations))
        .route("/investigations/{id}/step", post(guardduty::step))
        .route("/detector", post(guardduty::detector))
        .route("/findings", get(guardduty::findings).post(guardduty::add_findings))
        .route("/guardduty/investigations", get(guardduty::investigations))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(middleware::from_fn(log))
}

async fn log(request: Request, next: middleware::Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = next.run(request).await;
    tracing::info!(%method, path, status = response.status().as_u16(), "control request");
    response
}

async fn unknown(request: Request) -> ControlRejection {
    let what = format!(
        "there is no {} {} under /_control; see the README in tests/simulator",
        request.method(),
        request.uri().path()
    );
    ControlRejection(StatusCode::NOT_FOUND, what)
}

fn empty_ok() -> ControlResult {
    Ok(Json(json!({})))
}

/// The largest body of a control request, in bytes: a snapshot of some 100,000 investigations.
const BYTES_MAX: usize = 512 * 1024 * 1024;

/// The deepest accepted nesting of JSON: less than the parser's limit, because a snapshot nests it deeper.
const DEPTH_MAX: usize = 64;

async fn read(request: Request) -> Result<Bytes, ControlRejection> {
    let body = read_without_depth_limit(request).await?;
    check_depth(&body)?;
    Ok(body)
}

async fn read_without_depth_limit(request: Request) -> Result<Bytes, ControlRejection> {
    body::read(request.into_body(), BYTES_MAX).await.map_err(|error| ControlRejection::bad(&error))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ControlRejection> {
    let value: Value = serde_json::from_slice(body).map_err(|error| ControlRejection::bad(&error))?;
    serde_path_to_error::deserialize(value).map_err(|error| ControlRejection::bad(&error))
}

impl ControlRejection {
    fn bad(error: &dyn std::error::Error) -> Self {
        Self(StatusCode::BAD_REQUEST, crate::error_chain(error))
    }
}

impl From<ControlError> for ControlRejection {
    fn from(error: ControlError) -> Self {
        let status = match error {
            ControlError::NoSuchInvestigation { .. } | ControlError::NoSuchMember { .. } => StatusCode::NOT_FOUND,
            ControlError::AlreadyEnded { .. } => StatusCode::CONFLICT,
            ControlError::Reason | ControlError::Organization { .. } | ControlError::Finding { .. } => {
                StatusCode::BAD_REQUEST
            }
        };
        Self(status, error.to_string())
    }
}

impl From<String> for ControlRejection {
    fn from(what: String) -> Self {
        Self(StatusCode::BAD_REQUEST, what)
    }
}

impl IntoResponse for ControlRejection {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

/// Rejects JSON that is nested too deep to be restored from a snapshot.
fn check_depth(body: &[u8]) -> Result<(), ControlRejection> {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    if deepest <= DEPTH_MAX {
        return Ok(());
    }
    Err(ControlRejection(
        StatusCode::BAD_REQUEST,
        format!("the body is nested {deepest} levels deep; at most {DEPTH_MAX} are accepted"),
    ))
}
