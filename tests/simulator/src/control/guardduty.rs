//! Control of GuardDuty: detectors, findings, investigations.

use axum::extract::{Path, Request, State};
use axum::http::Uri;
use axum::response::Json;
use serde::Deserialize;
use serde_json::{Value, json};

use super::query::Query;
use super::{ControlResult, detective, empty_ok, parse, read};
use crate::protocol::server::Server;
use crate::scenario::GuardDutyOutcome;
use crate::world::lock;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DetectorRequest {
    exists: bool,
}

/// `POST detector` with `{"exists":false}` hides detectors, with `true` it restores them.
pub(super) async fn detector(State(server): State<Server>, uri: Uri, request: Request) -> ControlResult {
    let places = Query::read(&uri, &["account", "region"])?.places();
    let DetectorRequest { exists } = parse(&read(request).await?)?;
    lock(&server.world).guardduty.set_detector_exists(places, exists);
    empty_ok()
}

/// `POST findings` stores a finding, a list, or the EventBridge events that carry them: in the detector of the query's
/// account and Region, else in that of the finding's own. One of the same id there is replaced.
pub(super) async fn add_findings(State(server): State<Server>, uri: Uri, request: Request) -> ControlResult {
    let places = Query::read(&uri, &["account", "region"])?.places();
    let findings: Value = parse(&read(request).await?)?;
    lock(&server.world).add_findings(&places, findings)?;
    empty_ok()
}

/// `GET findings` answers all findings as they are now, each with the account and Region of its detector.
pub(super) async fn findings(State(server): State<Server>, uri: Uri) -> ControlResult {
    let places = Query::read(&uri, &["account", "region"])?.places();
    let world = lock(&server.world);
    let all = world.guardduty.findings().filter(|(place, _)| places.matches(place));
    let listed =
        all.map(|(place, finding)| json!({ "account": place.account, "region": place.region, "finding": finding }));
    Ok(Json(listed.collect()))
}

/// `GET guardduty/investigations` answers all investigations, oldest first. It counts as no check.
pub(super) async fn investigations(State(server): State<Server>, uri: Uri) -> ControlResult {
    let query = Query::read(&uri, &["account", "region", "finding_id"])?;
    let world = lock(&server.world);
    let now = world.clock.now();
    let all = world.guardduty.investigations().filter(|investigation| {
        query.places().matches(&investigation.place)
            && query.matches("finding_id", investigation.finding_id.as_deref().unwrap_or_default())
    });
    let listed = all.map(|investigation| {
        json!({
            "investigation_id": investigation.id,
            "account": investigation.place.account,
            "region": investigation.place.region,
            "prompt": investigation.prompt,
            "finding_id": investigation.finding_id,
            "status": investigation.status(now),
            "checks": investigation.checks,
            "scenario": investigation.scenario.name,
        })
    });
    Ok(Json(listed.collect()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepRequest {
    status: GuardDutyOutcome,
}

/// `POST investigations/{id}/step` with `{"status":"COMPLETED"}` or `FAILED` ends a running GuardDuty investigation; an
/// id without a dash is one of Detective's.
pub(super) async fn step(server: State<Server>, Path(id): Path<String>, uri: Uri, request: Request) -> ControlResult {
    if !id.contains('-') {
        return detective::step(server, Path(id), uri, request).await;
    }
    Query::read(&uri, &[])?;
    let StepRequest { status } = parse(&read(request).await?)?;
    lock(&server.world).end_guardduty_investigation(&id, status)?;
    empty_ok()
}
