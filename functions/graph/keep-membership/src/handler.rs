//! One run: reads the invitations, performs the actions, and reads again until no action is left; then reports the data sources that
//! the account sends.
//!
//! A run starts from what Detective returns and stores nothing, so concurrent runs, and a run after an interrupted one, perform the
//! actions that remain. If Detective returns a conflict or "not found", another run was faster, and the invitations are read again.

use crate::app::App;
use crate::report::{Failure, Membership, MembershipError, RunReport};
use crate::request::{Mode, Request};
use gumshoe_aws::ApiCallError;
use gumshoe_domain::Fault;
use gumshoe_domain::coverage::MemberStatus;
use gumshoe_domain::error::with_causes;
use gumshoe_graph::Member;
use gumshoe_graph::aws::memberships::{DataSources, Memberships};
use gumshoe_graph::membership::{MembershipAction, MembershipPlan, MembershipPolicy};
use serde_json::Value;
use std::collections::BTreeMap;

/// The most times that a run reads the invitations and acts. The next run performs the actions that remain.
const MAX_ROUNDS: usize = 3;

/// Runs once for a batch of the queue or for a direct invocation.
pub(crate) async fn handle(app: &App, payload: Value) -> Result<RunReport, MembershipError> {
    let request = Request::read(&payload)?;
    let policy = MembershipPolicy {
        allowed_administrators: &app.settings.administrators,
        rejects_others: app.settings.reject_others,
        leave_graph_arn: request.leave.as_deref(),
    };
    let mut report = RunReport::default();
    let mut failed = BTreeMap::new();
    let members = match request.mode {
        Mode::Apply => reconcile(app, policy, &mut report, &mut failed).await.map_err(MembershipError::read_failed)?,
        Mode::Plan => {
            let members = app.memberships.invitations().await.map_err(MembershipError::read_failed)?;
            let plan = MembershipPlan::of(&members, policy);
            (report.planned, report.skipped) = (plan.actions, plan.skipped);
            members
        }
    };
    let failure =
        |(action, call): (MembershipAction, _)| Failure { graph_arn: Some(action.graph().graph_arn.clone()), call };
    let mut failures: Vec<Failure> = failed.into_iter().map(failure).collect();
    report.memberships = with_data_sources(app, members, &mut failures).await;
    log(&report);
    if failures.is_empty() { Ok(report) } else { Err(MembershipError::CallsFailed(failures)) }
}

/// Performs the actions. A failed action does not stop the others. It is retried in this run only after a conflict, and it is not a
/// failure if a later reading shows that it is not needed any more.
async fn reconcile(
    app: &App,
    policy: MembershipPolicy<'_>,
    report: &mut RunReport,
    failed: &mut BTreeMap<MembershipAction, ApiCallError>,
) -> Result<Vec<Member>, ApiCallError> {
    let mut rounds = 0..MAX_ROUNDS;
    loop {
        let members = app.memberships.invitations().await?;
        let plan = MembershipPlan::of(&members, policy);
        failed.retain(|action, _| plan.actions.contains(action));
        // A completed action is not repeated if the listing does not show it yet.
        let is_pending = |action: &&MembershipAction| {
            !report.completed.contains(action) && failed.get(action).is_none_or(is_conflict)
        };
        let pending: Vec<MembershipAction> = plan.actions.iter().filter(is_pending).cloned().collect();
        if pending.is_empty() || rounds.next().is_none() {
            let is_completed =
                |graph_arn: &str| report.completed.iter().any(|action| action.graph().graph_arn == graph_arn);
            report.skipped = plan.skipped.into_iter().filter(|it| !is_completed(&it.graph_arn)).collect();
            return Ok(members);
        }
        for action in pending {
            let graph = action.graph();
            match call(&app.memberships, &action).await {
                Ok(()) => {
                    tracing::info!(action = %action, graph.arn = %graph.graph_arn, administrator.id = %graph.administrator_id, "membership action completed");
                    failed.remove(&action);
                    report.completed.push(action);
                }
                Err(error) => {
                    tracing::warn!(action = %action, graph.arn = %graph.graph_arn, administrator.id = %graph.administrator_id,
                        error.message = %with_causes(&error), "membership action failed; it is retried in this or the next run");
                    failed.insert(action, error);
                }
            }
        }
    }
}

/// Another run or an operator has changed the membership since it was read.
fn is_conflict(error: &ApiCallError) -> bool {
    matches!(error.fault, Fault::Conflict | Fault::NotFound)
}

async fn call(memberships: &Memberships, action: &MembershipAction) -> Result<(), ApiCallError> {
    match action {
        MembershipAction::Accept(graph) => memberships.accept(&graph.graph_arn).await,
        MembershipAction::Reject(graph) => memberships.reject(&graph.graph_arn).await,
        MembershipAction::Leave(graph) => memberships.leave(&graph.graph_arn).await,
    }
}

/// The memberships with their data sources. An account sends nothing before it has accepted.
async fn with_data_sources(app: &App, members: Vec<Member>, failures: &mut Vec<Failure>) -> Vec<Membership> {
    let has_accepted = |it: &&Member| matches!(it.status, MemberStatus::Enabled | MemberStatus::AcceptedButDisabled);
    let graphs: Vec<String> = members.iter().filter(has_accepted).map(|it| it.graph_arn.clone()).collect();
    let mut sources = app.memberships.data_sources(&graphs).await.unwrap_or_else(|error| {
        tracing::warn!(error.message = %with_causes(&error), "could not read the data sources (BatchGetMembershipDatasources); the queue retries the run");
        failures.push(Failure { graph_arn: None, call: error });
        DataSources::default()
    });
    members.into_iter().map(|member| Membership::of(member, &mut sources)).collect()
}

fn log(report: &RunReport) {
    for action in &report.planned {
        tracing::info!(action = %action, graph.arn = %action.graph().graph_arn, "membership action planned");
    }
    for it in &report.skipped {
        let administrator = it.administrator_id.as_deref().unwrap_or_default();
        tracing::info!(graph.arn = %it.graph_arn, administrator.id = administrator, reason = %it.reason, "invitation or membership skipped");
    }
    for it in &report.memberships {
        let sources: Vec<String> =
            it.data_sources.iter().map(|(package, is)| format!("{package} {}", is.state)).collect();
        tracing::info!(graph.arn = %it.graph_arn, administrator.id = it.administrator_id.as_deref().unwrap_or_default(),
            status = %it.status, data_sources = sources.join(", "), "membership");
    }
}

#[cfg(test)]
mod tests;
