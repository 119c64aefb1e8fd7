//! Control of the simulator as a whole: scenarios, faults, clock, journal, snapshot.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::Json;
use serde::Deserialize;
use serde_json::json;

use super::query::Query;
use super::{Refusal, Reply, done, parse, read, read_deep};
use crate::faults::ApiFault;
use crate::protocol::server::Server;
use crate::rates::{Rate, Rates};
use crate::scenario::Scenarios;
use crate::snapshot::Snapshot;
use crate::world::lock;

/// `GET health` answers `{"status":"ok","clock":TIME,"investigations":N}`.
pub(super) async fn health(State(server): State<Server>, uri: Uri) -> Reply {
    Query::read(&uri, &[])?;
    let world = lock(&server.world);
    Ok(Json(json!({
        "status": "ok",
        "clock": world.clock.now().to_string(),
        "investigations": world.detective.investigations().count(),
    })))
}

/// `POST reset` forgets all but the scenarios of the start.
pub(super) async fn reset(State(server): State<Server>, uri: Uri) -> Reply {
    Query::read(&uri, &[])?;
    lock(&server.world).reset();
    done()
}

/// `POST scenarios` adds one scenario or a list, of which the first is tried first.
pub(super) async fn scenarios(State(server): State<Server>, uri: Uri, request: Request) -> Reply {
    let places = Query::read(&uri, &["account", "region"])?.places();
    let body = read(request).await?;
    let text = std::str::from_utf8(&body).map_err(|error| Refusal::bad(&error))?;
    let scenarios = Scenarios::from_json(text).map_err(|error| Refusal::bad(&error))?;
    lock(&server.world).scenarios.add_all(&places, scenarios);
    done()
}

/// `POST faults` adds a fault.
pub(super) async fn faults(State(server): State<Server>, uri: Uri, request: Request) -> Reply {
    let places = Query::read(&uri, &["account", "region"])?.places();
    let fault: ApiFault = parse(&read(request).await?)?;
    fault.check().map_err(|what| Refusal(StatusCode::BAD_REQUEST, what))?;
    lock(&server.world).add_fault(places, fault);
    done()
}

/// `POST rates` sets all rates.
pub(super) async fn rates(State(server): State<Server>, uri: Uri, request: Request) -> Reply {
    Query::read(&uri, &[])?;
    let rates: Vec<Rate> = parse(&read(request).await?)?;
    rates.iter().try_for_each(Rate::check).map_err(|what| Refusal(StatusCode::BAD_REQUEST, what))?;
    lock(&server.world).rates = Rates::new(rates);
    done()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    #[serde(default)]
    advance_seconds: u64,
    stopped: Option<bool>,
}

/// `POST clock` with `{"advance_seconds":N}` moves the virtual clock forward, with `{"stopped":true}` it stops it; both
/// answer `{"clock":TIME,"stopped":…}`.
pub(super) async fn clock(State(server): State<Server>, uri: Uri, request: Request) -> Reply {
    Query::read(&uri, &[])?;
    let Clock { advance_seconds, stopped } = parse(&read(request).await?)?;
    let mut world = lock(&server.world);
    if let Some(stopped) = stopped {
        world.clock.set_stopped(stopped);
    }
    world.clock.advance(Duration::from_secs(advance_seconds));
    Ok(Json(json!({ "clock": world.clock.now().to_string(), "stopped": world.clock.is_stopped() })))
}

/// `GET journal` answers the entries, newest last.
pub(super) async fn journal(State(server): State<Server>, uri: Uri) -> Reply {
    let query = Query::read(&uri, &["account", "region", "service", "operation", "entity_arn", "finding_id"])?;
    let world = lock(&server.world);
    let entries: Vec<_> = world
        .journal
        .entries()
        .filter(|entry| {
            query.fits("account", &entry.account)
                && query.fits("region", &entry.region)
                && query.fits("service", &entry.service)
                && query.fits("operation", &entry.operation)
                && query.fits("finding_id", entry.finding_id.as_deref().unwrap_or_default())
                && query.fits("entity_arn", entry.entity_arn.as_deref().unwrap_or_default())
        })
        .collect();
    Ok(Json(json!(entries)))
}

/// `GET snapshot` answers everything the simulator knows but the journal.
pub(super) async fn snapshot(State(server): State<Server>, uri: Uri) -> Reply {
    Query::read(&uri, &[])?;
    let snapshot = Snapshot::of(&lock(&server.world)).map_err(|error| Refusal::bad(&error))?;
    Ok(Json(snapshot.json().clone()))
}

/// `PUT snapshot` goes on from what `GET snapshot` answered.
pub(super) async fn restore(State(server): State<Server>, uri: Uri, request: Request) -> Reply {
    Query::read(&uri, &[])?;
    let snapshot = Snapshot::from_json(&read_deep(request).await?).map_err(|error| Refusal::bad(&error))?;
    snapshot.put_into(&mut lock(&server.world)).map_err(|error| Refusal::bad(&error))?;
    done()
}
