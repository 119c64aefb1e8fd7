//! The control interface: everything under `/_control`, in JSON. The README's table is its reference.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::body;
use crate::constraints::STATUS;
use crate::faults::Fault;
use crate::lifecycle::Outcome;
use crate::query::Query;
use crate::scenario::Scenario;
use crate::server::Server;
use crate::simulator::ControlError;
use crate::state::lock;

/// An error of the control interface: a status and `{"error": "…"}`.
#[derive(Debug)]
struct Refusal(StatusCode, String);

type Reply = Result<Json<Value>, Refusal>;

pub(crate) fn router() -> Router<Server> {
    Router::new()
        .route("/health", get(health))
        .route("/reset", post(reset))
        .route("/scenarios", post(scenarios))
        .route("/faults", post(faults))
        .route("/graph", post(graph))
        .route("/investigations", get(investigations))
        .route("/investigations/{id}/step", post(step))
        .route("/clock", post(clock))
        .route("/journal", get(journal))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(middleware::from_fn(log))
}

async fn log(request: Request, next: middleware::Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = next.run(request).await;
    tracing::info!(%method, path, status = response.status().as_u16(), "control");
    response
}

async fn unknown(request: Request) -> Refusal {
    let what = format!(
        "there is no {} {} under /_control; see the README in tests/simulator",
        request.method(),
        request.uri().path()
    );
    Refusal(StatusCode::NOT_FOUND, what)
}

/// `GET health` answers `{"status":"ok","clock":TIME,"investigations":N}`.
async fn health(State(server): State<Server>, uri: Uri) -> Reply {
    Query::read(&uri, &[])?;
    let world = lock(&server.world);
    Ok(Json(json!({
        "status": "ok",
        "clock": world.now().to_string(),
        "investigations": world.all().count(),
    })))
}

/// `POST reset` forgets all but the scenarios of the start.
async fn reset(State(server): State<Server>, uri: Uri) -> Reply {
    Query::read(&uri, &[])?;
    lock(&server.world).reset();
    done()
}

/// `POST scenarios` adds one scenario or a list, of which the first is tried first.
async fn scenarios(State(server): State<Server>, uri: Uri, request: Request) -> Reply {
    let places = Query::read(&uri, &["account", "region"])?.places();
    let body = read(request).await?;
    let text = std::str::from_utf8(&body).map_err(|error| Refusal::bad(&error))?;
    let scenarios = Scenario::list_from_json(text).map_err(|error| Refusal::bad(&error))?;
    let mut world = lock(&server.world);
    for scenario in scenarios.into_iter().rev() {
        world.add_scenario(places.clone(), scenario);
    }
    done()
}

/// `POST faults` adds a fault.
async fn faults(State(server): State<Server>, uri: Uri, request: Request) -> Reply {
    let places = Query::read(&uri, &["account", "region"])?.places();
    let fault: Fault = parse(&read(request).await?)?;
    fault.check().map_err(|what| Refusal(StatusCode::BAD_REQUEST, what))?;
    lock(&server.world).add_fault(places, fault);
    done()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Graph {
    exists: bool,
}

/// `POST graph` with `{"exists":false}` removes behavior graphs, with `true` it restores them.
async fn graph(State(server): State<Server>, uri: Uri, request: Request) -> Reply {
    let places = Query::read(&uri, &["account", "region"])?.places();
    let Graph { exists } = parse(&read(request).await?)?;
    lock(&server.world).set_graph_exists(places, exists);
    done()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    status: Outcome,
}

/// `POST investigations/{id}/step` with `{"status":"SUCCESSFUL"}` or `FAILED` ends a running investigation.
async fn step(State(server): State<Server>, Path(id): Path<String>, uri: Uri, request: Request) -> Reply {
    Query::read(&uri, &[])?;
    let Step { status } = parse(&read(request).await?)?;
    lock(&server.world).step(&id, status).map_err(|error| {
        let status = match error {
            ControlError::NoSuchInvestigation { .. } => StatusCode::NOT_FOUND,
            ControlError::AlreadyEnded { .. } => StatusCode::CONFLICT,
        };
        Refusal(status, error.to_string())
    })?;
    done()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    advance_seconds: u64,
}

/// `POST clock` with `{"advance_seconds":N}` moves the virtual clock forward and answers `{"clock":TIME}`.
async fn clock(State(server): State<Server>, uri: Uri, request: Request) -> Reply {
    Query::read(&uri, &[])?;
    let Clock { advance_seconds } = parse(&read(request).await?)?;
    let mut world = lock(&server.world);
    world.advance_clock(Duration::from_secs(advance_seconds));
    Ok(Json(json!({ "clock": world.now().to_string() })))
}

/// `GET journal` answers the entries, newest last.
async fn journal(State(server): State<Server>, uri: Uri) -> Reply {
    let query = Query::read(&uri, &["account", "region", "operation", "entity_arn"])?;
    let world = lock(&server.world);
    let entries: Vec<_> = world
        .journal
        .entries()
        .filter(|entry| {
            query.fits("account", &entry.account)
                && query.fits("region", &entry.region)
                && query.fits("operation", &entry.operation)
                && query.fits("entity_arn", entry.entity_arn.as_deref().unwrap_or_default())
        })
        .collect();
    Ok(Json(json!(entries)))
}

/// `GET investigations` answers all investigations, oldest first within an account and Region. It counts as no check.
async fn investigations(State(server): State<Server>, uri: Uri) -> Reply {
    let query = Query::read(&uri, &["account", "region", "entity_arn"])?;
    let world = lock(&server.world);
    let now = world.now();
    let all: Vec<_> = world
        .all()
        .filter(|(place, investigation)| {
            query.places().include(place) && query.fits("entity_arn", &investigation.entity_arn)
        })
        .map(|(place, investigation)| {
            json!({
                "investigation_id": investigation.id.to_string(),
                "account": place.account,
                "region": place.region,
                "entity_arn": investigation.entity_arn,
                "status": STATUS.name(&investigation.status(now)),
                "checks": investigation.checks,
                "scenario": investigation.scenario.name,
            })
        })
        .collect();
    Ok(Json(json!(all)))
}

fn done() -> Reply {
    Ok(Json(json!({})))
}

async fn read(request: Request) -> Result<Bytes, Refusal> {
    body::read(request.into_body()).await.map_err(|error| Refusal::bad(&error))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let value: Value = serde_json::from_slice(body).map_err(|error| Refusal::bad(&error))?;
    serde_path_to_error::deserialize(value).map_err(|error| Refusal::bad(&error))
}

impl Refusal {
    fn bad(error: &dyn std::error::Error) -> Self {
        Self(StatusCode::BAD_REQUEST, crate::with_causes(error))
    }
}

impl From<String> for Refusal {
    fn from(what: String) -> Self {
        Self(StatusCode::BAD_REQUEST, what)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}
