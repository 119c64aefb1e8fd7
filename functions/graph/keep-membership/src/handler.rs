//! One run: looks, does what is to be done, looks again, until nothing is left to do; then tells what the account sends.
//!
//! Each run begins with what Detective tells and keeps nothing, so a second one at the same time, and one after another that
//! was cut off, do what is still to be done. Where Detective answers that another was faster (a conflict, or nothing
//! found), it is asked again how things are.

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

/// How often a run looks and acts while others are faster. What is still to be done then is the next run's.
const MAX_ROUNDS: usize = 3;

/// Runs once for a batch of the queue, or for whoever invokes the function.
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

/// Does what is to be done. A action that fails does not stop the others, and is tried again at once only where another was
/// faster; it has not failed where in the end it need not be done any more.
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
        // A action that Detective does not tell of yet is not done twice.
        let is_open = |action: &&MembershipAction| {
            !report.completed.contains(action) && failed.get(action).is_none_or(is_conflict)
        };
        let open: Vec<MembershipAction> = plan.actions.iter().filter(is_open).cloned().collect();
        if open.is_empty() || rounds.next().is_none() {
            let is_done = |graph_arn: &str| report.completed.iter().any(|action| action.graph().graph_arn == graph_arn);
            report.skipped = plan.skipped.into_iter().filter(|it| !is_done(&it.graph_arn)).collect();
            return Ok(members);
        }
        for action in open {
            let graph = action.graph();
            match call(&app.memberships, &action).await {
                Ok(()) => {
                    tracing::info!(action = %action, graph.arn = %graph.graph_arn, administrator.id = %graph.administrator_id, "done");
                    failed.remove(&action);
                    report.completed.push(action);
                }
                Err(error) => {
                    tracing::warn!(action = %action, graph.arn = %graph.graph_arn, administrator.id = %graph.administrator_id,
                        error.message = %with_causes(&error), "not done");
                    failed.insert(action, error);
                }
            }
        }
    }
}

/// Another run, or a person, has changed the membership since it was looked at.
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

/// The memberships with what the account sends; it sends nothing before it has accepted.
async fn with_data_sources(app: &App, members: Vec<Member>, failures: &mut Vec<Failure>) -> Vec<Membership> {
    let has_accepted = |it: &&Member| matches!(it.status, MemberStatus::Enabled | MemberStatus::AcceptedButDisabled);
    let graphs: Vec<String> = members.iter().filter(has_accepted).map(|it| it.graph_arn.clone()).collect();
    let mut sources = app.memberships.data_sources(&graphs).await.unwrap_or_else(|error| {
        tracing::warn!(error.message = %with_causes(&error), "what the account sends cannot be told");
        failures.push(Failure { graph_arn: None, call: error });
        DataSources::default()
    });
    members.into_iter().map(|member| Membership::of(member, &mut sources)).collect()
}

fn log(report: &RunReport) {
    for action in &report.planned {
        tracing::info!(action = %action, graph.arn = %action.graph().graph_arn, "would be done");
    }
    for it in &report.skipped {
        let administrator = it.administrator_id.as_deref().unwrap_or_default();
        tracing::info!(graph.arn = %it.graph_arn, administrator.id = administrator, why = %it.reason, "left alone");
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
