//! Control of Detective: graphs, organizations, members, data sources, investigations.

use axum::extract::{Path, Request, State};
use axum::http::Uri;
use axum::response::Json;
use serde::Deserialize;
use serde_json::json;

use super::query::Query;
use super::{ControlResult, empty_ok, parse, read};
use crate::detective::{DisabledReason, IngestState, MemberStatus, Outcome, Package};
use crate::organization::Organization;
use crate::protocol::server::Server;
use crate::world::{AccountRegion, lock};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GraphRequest {
    exists: bool,
}

/// `POST graph` with `{"exists":false}` removes behavior graphs, with `true` it restores them.
pub(super) async fn graph(State(server): State<Server>, uri: Uri, request: Request) -> ControlResult {
    let places = Query::read(&uri, &["account", "region"])?.places();
    let GraphRequest { exists } = parse(&read(request).await?)?;
    lock(&server.world).detective.set_graph_exists(places, exists);
    empty_ok()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepRequest {
    status: Outcome,
}

/// `POST investigations/{id}/step` with `{"status":"SUCCESSFUL"}` or `FAILED` ends a running investigation.
pub(super) async fn step(
    State(server): State<Server>,
    Path(id): Path<String>,
    uri: Uri,
    request: Request,
) -> ControlResult {
    Query::read(&uri, &[])?;
    let StepRequest { status } = parse(&read(request).await?)?;
    lock(&server.world).end_investigation(&id, status)?;
    empty_ok()
}

/// `GET investigations` answers all investigations, oldest first within an account and Region. It counts as no check.
pub(super) async fn investigations(State(server): State<Server>, uri: Uri) -> ControlResult {
    let query = Query::read(&uri, &["account", "region", "entity_arn"])?;
    let world = lock(&server.world);
    let now = world.clock.now();
    let all: Vec<_> = world
        .detective
        .investigations()
        .filter(|(place, investigation)| {
            query.places().matches(place) && query.matches("entity_arn", &investigation.entity_arn)
        })
        .map(|(place, investigation)| {
            json!({
                "investigation_id": investigation.id.to_string(),
                "account": place.account,
                "region": place.region,
                "entity_arn": investigation.entity_arn,
                "status": investigation.status(now),
                "checks": investigation.checks,
                "scenario": investigation.scenario.name,
            })
        })
        .collect();
    Ok(Json(json!(all)))
}

/// `POST organization` defines an organization, or replaces its definition.
pub(super) async fn organization(State(server): State<Server>, uri: Uri, request: Request) -> ControlResult {
    Query::read(&uri, &[])?;
    let organization: Organization = parse(&read(request).await?)?;
    lock(&server.world).set_organization(organization)?;
    empty_ok()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MemberRequest {
    status: MemberStatus,
    reason: Option<DisabledReason>,
}

/// `POST members/{account}` with `{"status":"ACCEPTED_BUT_DISABLED","reason":"VOLUME_TOO_HIGH"}` brings a member into a
/// status; `account` and `region` of the query are those of the graph's administrator.
pub(super) async fn member(
    State(server): State<Server>,
    Path(account): Path<String>,
    uri: Uri,
    request: Request,
) -> ControlResult {
    let administrators = Query::read(&uri, &["account", "region"])?.places();
    let MemberRequest { status, reason } = parse(&read(request).await?)?;
    lock(&server.world).set_member(&administrators, &account, status, reason)?;
    empty_ok()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DatasourceRequest {
    package: Package,
    state: IngestState,
    member: Option<String>,
}

/// `POST datasources` with `{"package":"EKS_AUDIT","state":"STOPPED"}` brings a package of behavior graphs into a state,
/// and with them that of their members: of one that is named by account and Region, else of those that were asked for. With
/// `"member":"444455556666"` it is that of one enabled member alone.
pub(super) async fn datasources(State(server): State<Server>, uri: Uri, request: Request) -> ControlResult {
    let administrators = Query::read(&uri, &["account", "region"])?.places();
    let DatasourceRequest { package, state, member } = parse(&read(request).await?)?;
    let mut world = lock(&server.world);
    if let Some(member) = member {
        world.set_member_package(&administrators, &member, package, state)?;
        return empty_ok();
    }
    let now = world.clock.now();
    if let (Some(account), Some(region)) = (&administrators.account, &administrators.region) {
        // Creates the graph of the start if no request has used it yet.
        world.detective.graph_of(&AccountRegion::new(account, region));
    }
    for (_, graph) in world.detective.graphs_mut().filter(|(place, _)| administrators.matches(place)) {
        graph.set_package(package, state, now);
    }
    empty_ok()
}
