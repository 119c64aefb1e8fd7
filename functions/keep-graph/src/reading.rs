//! What the graph is: all that a plan and a health rest on, in as few calls as that takes.

use crate::handler::KeepGraph;
use futures_util::try_join;
use gumshoe_aws::{CallFailed, Fault};
use gumshoe_domain::graph::{Account, Actual, ActualGraph, Desired, IngestState, Member, MemberStatus, Package, Read};
use std::collections::BTreeMap;

/// Reads what the document is about, and no more.
pub(crate) async fn actual(app: &KeepGraph, desired: &Desired) -> Result<Actual, CallFailed> {
    let (graph, administrator, organization) =
        try_join!(graph(app, desired), administrator(app, desired), organization(app, desired))?;
    Ok(Actual { account_id: app.account_id.clone(), graph, administrator, organization })
}

async fn graph(app: &KeepGraph, desired: &Desired) -> Result<Option<ActualGraph>, CallFailed> {
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
    let enabled = members.values().filter(|it| it.status == MemberStatus::Enabled);
    let started = |package: &Package| packages.get(package) == Some(&IngestState::Started);
    let wanted = || desired.packages.iter().copied().chain([Package::DetectiveCore]).filter(started);
    enabled
        .flat_map(|member| wanted().map(move |package| (member, package)))
        .map(|(member, package)| ((member.account_id.clone(), package), member.packages.get(&package).copied()))
        .filter(|(_, state)| *state != Some(IngestState::Started))
        .collect()
}

async fn administrator(app: &KeepGraph, desired: &Desired) -> Result<Read<Option<String>>, CallFailed> {
    let wanted = desired.organization.as_ref().is_some_and(|it| it.administrator.is_some() || it.replaces.is_some());
    match (&app.management, wanted) {
        (_, false) => Ok(Read::NotAsked),
        (None, true) => Ok(Read::Refused("the stack has no ManagementRoleArn, see the README".to_owned())),
        (Some(management), true) => management.administrator().await,
    }
}

async fn organization(app: &KeepGraph, desired: &Desired) -> Result<Read<Vec<Account>>, CallFailed> {
    if !desired.asks_for_the_organization() {
        return Ok(Read::NotAsked);
    }
    match app.accounts.active().await {
        Ok(accounts) => Ok(Read::Known(accounts)),
        Err(error) if matches!(error.fault, Fault::AccessDenied | Fault::Rejected | Fault::NotFound) => {
            Ok(Read::Refused(format!("{error}: the account has to be a delegated administrator of the organization")))
        }
        Err(error) => Err(error),
    }
}
