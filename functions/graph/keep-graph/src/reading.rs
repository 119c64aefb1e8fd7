//! What the graph is: all that a plan and a health rest on, in as few calls as that takes.

use crate::app::App;
use futures_util::try_join;
use gumshoe_aws::ApiCallError;
use gumshoe_domain::coverage::MemberStatus;
use gumshoe_graph::aws::unless_refused;
use gumshoe_graph::{Account, Actual, ActualGraph, Candidates, Desired, IngestState, Member, Package, Read};
use std::collections::BTreeMap;

/// Detective, as Organizations knows it.
const DETECTIVE: &str = "detective.amazonaws.com";

/// Detective's administrator of the organization, and who may be it.
type Administrators = (Read<Option<String>>, Read<Candidates>);

/// Reads what the document is about, and no more.
pub(crate) async fn actual(app: &App, desired: &Desired) -> Result<Actual, ApiCallError> {
    let ((graph, (administrator, candidates)), organization) =
        try_join!(detectives(app, desired), organization(app, desired))?;
    Ok(Actual { account_id: app.settings.account_id.clone(), graph, administrator, candidates, organization })
}

/// What Detective knows of it.
pub(crate) async fn detectives(
    app: &App,
    desired: &Desired,
) -> Result<(Option<ActualGraph>, Administrators), ApiCallError> {
    try_join!(graph(app, desired), administrator(app, desired))
}

async fn graph(app: &App, desired: &Desired) -> Result<Option<ActualGraph>, ApiCallError> {
    let Some(arn) = app.behavior.arn().await? else { return Ok(None) };
    let tags = async {
        match desired.graph.tags {
            Some(_) => app.behavior.tags(&arn).await,
            None => Ok(BTreeMap::new()),
        }
    };
    let auto_enable = async {
        match desired.organization.as_ref().and_then(|it| it.auto_enable) {
            Some(_) => app.behavior.auto_enable(&arn).await,
            None => Ok(Read::NotAsked),
        }
    };
    let (tags, members, packages, auto_enable) =
        try_join!(tags, app.behavior.members(&arn), app.behavior.packages(&arn), auto_enable)?;
    let stopped = stopped(desired, &members, &packages);
    let since = if stopped.is_empty() { BTreeMap::new() } else { app.behavior.since(&arn, &stopped).await? };
    Ok(Some(ActualGraph { arn, tags, members, packages, auto_enable, since }))
}

/// What enabled members should send and do not, of what the graph itself takes in.
fn stopped(
    desired: &Desired,
    members: &BTreeMap<String, Member>,
    packages: &BTreeMap<Package, IngestState>,
) -> BTreeMap<(String, Package), Option<IngestState>> {
    // Of one without packages Detective has told nothing yet.
    let enabled = members.values().filter(|it| it.status == MemberStatus::Enabled && !it.packages.is_empty());
    let started = |package: &Package| packages.get(package) == Some(&IngestState::Started);
    let wanted = || desired.packages.iter().copied().chain([Package::DetectiveCore]).filter(started);
    enabled
        .flat_map(|member| wanted().map(move |package| (member, package)))
        .map(|(member, package)| ((member.account_id.clone(), package), member.packages.get(&package).copied()))
        .filter(|(_, state)| *state != Some(IngestState::Started))
        .collect()
}

async fn administrator(app: &App, desired: &Desired) -> Result<Administrators, ApiCallError> {
    let wanted = desired.organization.as_ref().and_then(|it| it.administrator.as_ref());
    let (Some(wanted), Some(management)) = (wanted, &app.management) else {
        let why = || Read::Refused("the stack has no ManagementRoleArn, see docs/GRAPH.md".to_owned());
        return Ok((if wanted.is_some() { why() } else { Read::NotAsked }, Read::NotAsked));
    };
    let administrator = management.administrator().await?;
    let is_other = administrator.known().is_some_and(|is| is.as_ref() != Some(wanted));
    let candidates = match &app.organization {
        Some(organization) if is_other => {
            unless_refused(organization.candidates(DETECTIVE).await, ApiCallError::to_string)?
        }
        _ => Read::NotAsked,
    };
    Ok((administrator, candidates))
}

async fn organization(app: &App, desired: &Desired) -> Result<Read<Vec<Account>>, ApiCallError> {
    if !desired.asks_for_the_organization() {
        return Ok(Read::NotAsked);
    }
    unless_refused(app.accounts.active().await, |error| {
        format!("{error}: the account has to be a delegated administrator of the organization")
    })
}
