//! Control of the simulator as a whole: scenarios, faults, clock, journal, snapshot.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::Json;
use serde::Deserialize;
use serde_json::json;

use super::query::Query;
use super::{ControlRejection, ControlResult, empty_ok, parse, read, read_without_depth_limit};
use crate::faults::ApiFault;
use crate::protocol::server::Server;
use crate::rates::{Rate, Rates};
use crate::scenario::Scenarios;
use crate::snapshot::Snapshot;
use crate::world::lock;

/// `GET health` answers `{"status":"ok","clock":TIME,"investigations":N}`.
pub(super) async fn health(State(server): State<Server>, uri: Uri) -> ControlResult {
    Query::read(&uri, &[])?;
    let world = lock(&server.world);
    Ok(Json(json!({
        "status": "ok",
        "clock": world.clock.now().to_string(),
        "investigations": world.detective.investigations().count(),
    })))
}

/// `POST reset` deletes everything except the scenarios of the start.
pub(super) async fn reset(State(server): State<Server>, uri: Uri) -> ControlResult {
    Query::read(&uri, &[])?;
    lock(&server.world).reset();
    empty_ok()
}

/// `POST scenarios` adds one scenario or a list, of which the first is tried first.
pub(super) async fn scenarios(State(server): State<Server>, uri: Uri, request: Request) -> ControlResult {
    let places = Query::read(&uri, &["account", "region"])?.places();
    let body = read(request).await?;
    let text = std::str::from_utf8(&body).map_err(|error| ControlRejection::bad(&error))?;
    let scenarios = Scenarios::from_json(text).map_err(|error| ControlRejection::bad(&error))?;
    lock(&server.world).scenarios.add_all(&places, scenarios);
    empty_ok()
}

/// `POST faults` adds a fault.
pub(super) async fn faults(State(server): State<Server>, uri: Uri, request: Request) -> ControlResult {
    let places = Query::read(&uri, &["account", "region"])?.places();
    let fault: ApiFault = parse(&read(request).await?)?;
    fault.check().map_err(|what| ControlRejection(StatusCode::BAD_REQUEST, what))?;
    lock(&server.world).add_fault(places, fault);
    empty_ok()
}

/// `POST rates` sets all rates.
pub(super) async fn rates(State(server): State<Server>, uri: Uri, request: Request) -> ControlResult {
    Query::read(&uri, &[])?;
    let rates: Vec<Rate> = parse(&read(request).await?)?;
    rates.iter().try_for_each(Rate::check).map_err(|what| ControlRejection(StatusCode::BAD_REQUEST, what))?;
    lock(&server.world).rates = Rates::new(rates);
    empty_ok()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockRequest {
    #[serde(default)]
    advance_seconds: u64,
    stopped: Option<bool>,
}

/// `POST clock` with `{"advance_seconds":N}` moves the virtual clock forward, with `{"stopped":true}` it stops it; both
/// answer `{"clock":TIME,"stopped":…}`.
pub(super) async fn clock(State(server): State<Server>, uri: Uri, request: Request) -> ControlResult {
    Query::read(&uri, &[])?;
    let ClockRequest { advance_seconds, stopped } = parse(&read(request).await?)?;
    let mut world = lock(&server.world);
    if let Some(stopped) = stopped {
        world.clock.set_stopped(stopped);
    }
    world.clock.advance(Duration::from_secs(advance_seconds));
    Ok(Json(json!({ "clock": world.clock.now().to_string(), "stopped": world.clock.is_stopped() })))
}

/// `GET journal` answers the entries, newest last.
pub(super) async fn journal(State(server): State<Server>, uri: Uri) -> ControlResult {
    let query = Query::read(&uri, &["account", "region", "service", "operation", "entity_arn", "finding_id"])?;
    let world = lock(&server.world);
    let entries: Vec<_> = world
        .journal
        .entries()
        .filter(|entry| {
            query.matches("account", &entry.account)
                && query.matches("region", &entry.region)
                && query.matches("service", &entry.service)
                && query.matches("operation", &entry.operation)
                && query.matches("finding_id", entry.finding_id.as_deref().unwrap_or_default())
                && query.matches("entity_arn", entry.entity_arn.as_deref().unwrap_or_default())
        })
        .collect();
    Ok(Json(json!(entries)))
}

/// `GET snapshot` answers the whole state except the journal.
pub(super) async fn snapshot(State(server): State<Server>, uri: Uri) -> ControlResult {
    Query::read(&uri, &[])?;
    let snapshot = Snapshot::of(&lock(&server.world)).map_err(|error| ControlRejection::bad(&error))?;
    Ok(Json(snapshot.json().clone()))
}

/// `PUT snapshot` restores what `GET snapshot` answered.
pub(super) async fn restore(State(server): State<Server>, uri: Uri, request: Request) -> ControlResult {
    Query::read(&uri, &[])?;
    let snapshot = Snapshot::from_json(&read_without_depth_limit(request).await?)
        .map_err(|error| ControlRejection::bad(&error))?;
    snapshot.restore_into(&mut lock(&server.world)).map_err(|error| ControlRejection::bad(&error))?;
    empty_ok()
}
