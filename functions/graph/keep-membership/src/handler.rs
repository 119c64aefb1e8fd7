//! One run: looks, does what is to be done, looks again, until nothing is left to do; then tells what the account sends.
//!
//! Each run begins with what Detective tells and keeps nothing, so a second one at the same time, and one after another that
//! was cut off, do what is still to be done. Where Detective answers that another was faster (a conflict, or nothing
//! found), it is asked again how things are.

use crate::app::App;
use crate::report::{Failure, Membership, MembershipError, Report};
use crate::request::{Mode, Request};
use gumshoe_aws::ApiCallError;
use gumshoe_domain::Fault;
use gumshoe_domain::coverage::MemberStatus;
use gumshoe_domain::error::with_causes;
use gumshoe_graph::Member;
use gumshoe_graph::aws::memberships::{DataSources, Memberships};
use gumshoe_graph::membership::{Deed, MembershipPlan, Wishes};
use serde_json::Value;
use std::collections::BTreeMap;

/// How often a run looks and acts while others are faster. What is still to be done then is the next run's.
const ROUNDS: usize = 3;

/// Runs once for a batch of the queue, or for whoever invokes the function.
pub(crate) async fn handle(app: &App, payload: Value) -> Result<Report, MembershipError> {
    let request = Request::read(&payload)?;
    let wishes = Wishes {
        administrators: &app.settings.administrators,
        reject_others: app.settings.reject_others,
        leave: request.leave.as_deref(),
    };
    let mut report = Report::default();
    let mut failed = BTreeMap::new();
    let members = match request.mode {
        Mode::Apply => keep(app, wishes, &mut report, &mut failed).await.map_err(MembershipError::unread)?,
        Mode::Plan => {
            let members = app.memberships.invitations().await.map_err(MembershipError::unread)?;
            let plan = MembershipPlan::of(&members, wishes);
            (report.planned, report.left_alone) = (plan.deeds, plan.left_alone);
            members
        }
    };
    let failure = |(deed, call): (Deed, _)| Failure { graph_arn: Some(deed.graph().graph_arn.clone()), call };
    let mut failures: Vec<Failure> = failed.into_iter().map(failure).collect();
    report.memberships = with_data_sources(app, members, &mut failures).await;
    log(&report);
    if failures.is_empty() { Ok(report) } else { Err(MembershipError::Calls(failures)) }
}

/// Does what is to be done. A deed that fails does not stop the others, and is tried again at once only where another was
/// faster; it has not failed where in the end it need not be done any more.
async fn keep(
    app: &App,
    wishes: Wishes<'_>,
    report: &mut Report,
    failed: &mut BTreeMap<Deed, ApiCallError>,
) -> Result<Vec<Member>, ApiCallError> {
    let mut rounds = 0..ROUNDS;
    loop {
        let members = app.memberships.invitations().await?;
        let plan = MembershipPlan::of(&members, wishes);
        failed.retain(|deed, _| plan.deeds.contains(deed));
        // A deed that Detective does not tell of yet is not done twice.
        let is_open = |deed: &&Deed| !report.done.contains(deed) && failed.get(deed).is_none_or(was_overtaken);
        let open: Vec<Deed> = plan.deeds.iter().filter(is_open).cloned().collect();
        if open.is_empty() || rounds.next().is_none() {
            let is_done = |graph_arn: &str| report.done.iter().any(|deed| deed.graph().graph_arn == graph_arn);
            report.left_alone = plan.left_alone.into_iter().filter(|it| !is_done(&it.graph_arn)).collect();
            return Ok(members);
        }
        for deed in open {
            let graph = deed.graph();
            match act(&app.memberships, &deed).await {
                Ok(()) => {
                    tracing::info!(deed = %deed, graph.arn = %graph.graph_arn, administrator.id = %graph.administrator_id, "done");
                    failed.remove(&deed);
                    report.done.push(deed);
                }
                Err(error) => {
                    tracing::warn!(deed = %deed, graph.arn = %graph.graph_arn, administrator.id = %graph.administrator_id,
                        error.message = %with_causes(&error), "not done");
                    failed.insert(deed, error);
                }
            }
        }
    }
}

/// Another run, or a person, has changed the membership since it was looked at.
fn was_overtaken(error: &ApiCallError) -> bool {
    matches!(error.fault, Fault::Conflict | Fault::NotFound)
}

async fn act(memberships: &Memberships, deed: &Deed) -> Result<(), ApiCallError> {
    match deed {
        Deed::Accept(graph) => memberships.accept(&graph.graph_arn).await,
        Deed::Reject(graph) => memberships.reject(&graph.graph_arn).await,
        Deed::Leave(graph) => memberships.leave(&graph.graph_arn).await,
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

fn log(report: &Report) {
    for deed in &report.planned {
        tracing::info!(deed = %deed, graph.arn = %deed.graph().graph_arn, "would be done");
    }
    for it in &report.left_alone {
        let administrator = it.administrator_id.as_deref().unwrap_or_default();
        tracing::info!(graph.arn = %it.graph_arn, administrator.id = administrator, why = %it.why, "left alone");
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
