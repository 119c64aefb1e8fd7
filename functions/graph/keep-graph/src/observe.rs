//! Reads the current state: everything that the plan and the health need, in as few calls as possible.

use crate::app::App;
use futures_util::try_join;
use gumshoe_aws::ApiCallError;
use gumshoe_domain::coverage::MemberStatus;
use gumshoe_graph::aws::known_or_unavailable;
use gumshoe_graph::{
    Account, AdministratorCandidates, CurrentGraph, CurrentState, DesiredState, IngestState, Member, Observation,
    Package,
};
use std::collections::BTreeMap;

/// Detective's service principal in Organizations.
const DETECTIVE_SERVICE_PRINCIPAL: &str = "detective.amazonaws.com";

/// Detective's administrator of the organization, and the accounts that may become it.
type Administrators = (Observation<Option<String>>, Observation<AdministratorCandidates>);

/// Reads only what the document mentions.
pub(crate) async fn current_state(app: &App, desired: &DesiredState) -> Result<CurrentState, ApiCallError> {
    let ((graph, (administrator, candidates)), organization) =
        try_join!(detective_state(app, desired), organization(app, desired))?;
    Ok(CurrentState { account_id: app.settings.account_id.clone(), graph, administrator, candidates, organization })
}

/// Reads the parts of the state that are in Detective.
pub(crate) async fn detective_state(
    app: &App,
    desired: &DesiredState,
) -> Result<(Option<CurrentGraph>, Administrators), ApiCallError> {
    try_join!(graph(app, desired), administrator(app, desired))
}

async fn graph(app: &App, desired: &DesiredState) -> Result<Option<CurrentGraph>, ApiCallError> {
    let Some(arn) = app.graph.arn().await? else { return Ok(None) };
    let tags = async {
        match desired.graph.tags {
            Some(_) => app.graph.tags(&arn).await,
            None => Ok(BTreeMap::new()),
        }
    };
    let auto_enable = async {
        match desired.organization.as_ref().and_then(|it| it.auto_enable) {
            Some(_) => app.graph.auto_enable(&arn).await,
            None => Ok(Observation::NotRequested),
        }
    };
    let (tags, members, packages, auto_enable) =
        try_join!(tags, app.graph.members(&arn), app.graph.packages(&arn), auto_enable)?;
    let stopped = stopped_member_packages(desired, &members, &packages);
    let package_state_since =
        if stopped.is_empty() { BTreeMap::new() } else { app.graph.package_state_times(&arn, &stopped).await? };
    Ok(Some(CurrentGraph { arn, tags, members, packages, auto_enable, package_state_since }))
}

/// The packages that enabled members should send but do not, among those that the graph itself ingests.
fn stopped_member_packages(
    desired: &DesiredState,
    members: &BTreeMap<String, Member>,
    packages: &BTreeMap<Package, IngestState>,
) -> BTreeMap<(String, Package), Option<IngestState>> {
    // For a member without packages, Detective has not reported any state yet.
    let enabled = members.values().filter(|it| it.status == MemberStatus::Enabled && !it.packages.is_empty());
    let started = |package: &Package| packages.get(package) == Some(&IngestState::Started);
    let wanted = || desired.packages.iter().copied().chain([Package::DetectiveCore]).filter(started);
    enabled
        .flat_map(|member| wanted().map(move |package| (member, package)))
        .map(|(member, package)| ((member.account_id.clone(), package), member.packages.get(&package).copied()))
        .filter(|(_, state)| *state != Some(IngestState::Started))
        .collect()
}

async fn administrator(app: &App, desired: &DesiredState) -> Result<Administrators, ApiCallError> {
    let wanted = desired.organization.as_ref().and_then(|it| it.administrator.as_ref());
    let (Some(wanted), Some(management)) = (wanted, &app.management_graph) else {
        let why = || Observation::Unavailable("the stack has no ManagementRoleArn (docs/GRAPH.md)".to_owned());
        return Ok((if wanted.is_some() { why() } else { Observation::NotRequested }, Observation::NotRequested));
    };
    let administrator = management.administrator().await?;
    let is_other = administrator.known().is_some_and(|is| is.as_ref() != Some(wanted));
    let candidates = match &app.management_organization {
        Some(organization) if is_other => known_or_unavailable(
            organization.administrator_candidates(DETECTIVE_SERVICE_PRINCIPAL).await,
            ApiCallError::to_string,
        )?,
        _ => Observation::NotRequested,
    };
    Ok((administrator, candidates))
}

async fn organization(app: &App, desired: &DesiredState) -> Result<Observation<Vec<Account>>, ApiCallError> {
    if !desired.includes_organization() {
        return Ok(Observation::NotRequested);
    }
    known_or_unavailable(app.organization.active_accounts().await, |error| {
        format!("{error}: the account must be a delegated administrator of the organization")
    })
}
