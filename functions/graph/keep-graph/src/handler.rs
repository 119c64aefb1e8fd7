//! One run: what the graph should be, what it is, a plan, the plan carried out where that is asked for, and how the graph is.

use crate::app::App;
use crate::carrying_out::{Done, carry_out};
use crate::error::RunError;
use crate::reading;
use crate::request::Request;
use crate::telling::{Reading, tell};
use gumshoe_alerts::text::graph_health;
use gumshoe_domain::coverage::MemberStatus;
use gumshoe_domain::error::with_causes;
use gumshoe_graph::{Actual, Change, Confirmed, Desired, Health, IssueKind, MOST_MEMBERS, Mode, Plan};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// How much of what is wrong is logged line by line; all of it is counted.
const LOGGED: usize = 200;

/// What came of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Output {
    pub(crate) mode: Mode,
    pub(crate) graph_arn: Option<String>,
    pub(crate) plan: Plan,
    #[serde(flatten)]
    pub(crate) done: Done,
    pub(crate) health: Health,
    /// What is wrong, in words.
    pub(crate) ailments: Vec<String>,
}

/// Runs once. Doing it again, or twice at once, comes to the same.
pub(crate) async fn handle(
    app: &App,
    input: Value,
    deadline: Timestamp,
    now: impl Fn() -> Timestamp,
) -> Result<Output, RunError> {
    let request = Request::read(input, app.settings.keep_graph)?;
    // Read first, and needed last: a table that cannot be read keeps no change from being made.
    let version = app.table.read_notified().await.map(|(version, _)| version);
    let read_again = async || read_health(app, &now).await;
    let desired = match desired(app).await {
        Err(error) if error.is_of_the_document() => {
            let reading = Reading { version: version?, graph_arn: None, health: of_wrong_document(&error) };
            let reading = tell(app, reading, read_again, &now).await?;
            return match request.by_queue {
                // People have been told, and it would be as wrong the next time.
                true => Ok(nothing_done(request.mode, reading)),
                false => Err(error),
            };
        }
        other => other?,
    };
    let mut actual = reading::actual(app, &desired).await.map_err(RunError::Unread)?;
    let confirmed = confirmed(&request, &desired, &actual)?;
    let plan = Plan::of(&desired, &actual, &confirmed);
    tracing::info!(mode = %request.mode, changes = plan.changes.len(), withheld = plan.withheld.len(), "the graph was read");
    for withheld in &plan.withheld {
        tracing::warn!(what = %withheld.what, why = %withheld.why, "something is left as it is");
    }
    let mut done = Done::default();
    if request.mode > Mode::Plan && !plan.is_empty() {
        let arn = actual.graph.as_ref().map(|graph| graph.arn.clone());
        done = carry_out(app, &desired, arn.as_deref(), &plan, deadline, &now).await;
        actual = after_changes(app, &desired, actual, &plan, &done).await?;
        forget_what_others_did(&mut done, &actual);
    }
    let health = Health::of(&desired, &actual, now());
    report(app, &health, now());
    let reading = Reading { version: version?, graph_arn: actual.graph.map(|graph| graph.arn), health };
    let Reading { health, graph_arn, .. } = tell(app, reading, read_again, &now).await?;
    tracing::info!(
        members = health.members,
        enabled = health.members_enabled,
        ailments = health.issues.len(),
        done = done.done.len(),
        failed = done.failed.len(),
        left = done.left,
        "the run is over"
    );
    ended(&done)?;
    let ailments = health.issues.iter().map(graph_health::issue_sentence).collect();
    Ok(Output { mode: request.mode, graph_arn, plan, done, health, ailments })
}

fn nothing_done(mode: Mode, reading: Reading) -> Output {
    let Reading { health, graph_arn, .. } = reading;
    let ailments = health.issues.iter().map(graph_health::issue_sentence).collect();
    Output { mode, graph_arn, plan: Plan::default(), done: Done::default(), health, ailments }
}

/// The health of the graph as it is now, changing nothing.
async fn read_health(app: &App, now: impl Fn() -> Timestamp) -> Result<Reading, RunError> {
    let (version, _) = app.table.read_notified().await?;
    let desired = match desired(app).await {
        Err(error) if error.is_of_the_document() => {
            return Ok(Reading { version, graph_arn: None, health: of_wrong_document(&error) });
        }
        other => other?,
    };
    let actual = reading::actual(app, &desired).await.map_err(RunError::Unread)?;
    let health = Health::of(&desired, &actual, now());
    Ok(Reading { version, graph_arn: actual.graph.map(|graph| graph.arn), health })
}

fn of_wrong_document(error: &RunError) -> Health {
    Health::of_wrong_document(&with_causes(error), error.places())
}

async fn desired(app: &App) -> Result<Desired, RunError> {
    let text = app.document.text().await?;
    let lists = app.document.below("members").await?;
    Ok(Desired::from_json(&text, &lists)?)
}

/// In mode destroy, the ARN that was given has to be the graph's, and the document has to say that there should be none.
fn confirmed(request: &Request, desired: &Desired, actual: &Actual) -> Result<Confirmed, RunError> {
    if request.mode != Mode::Destroy {
        return Ok(Confirmed::default());
    }
    let no = |why: String| Err(RunError::NotConfirmed { why });
    let is = actual.graph.as_ref().map(|graph| &graph.arn);
    match (desired.graph.enabled, is) {
        (true, _) => no("the document wants it: set graph.enabled to false first".to_owned()),
        (false, Some(is)) if request.confirm.as_ref() != Some(is) => {
            no(format!("confirm is not the ARN of the graph, {is}"))
        }
        (false, _) => Ok(Confirmed(request.confirm.clone())),
    }
}

/// What the graph is after changes: all of it, or only the members that were worked on.
async fn after_changes(
    app: &App,
    desired: &Desired,
    mut actual: Actual,
    plan: &Plan,
    done: &Done,
) -> Result<Actual, RunError> {
    let Some(graph) = actual.graph.as_mut().filter(|_| !done.all_changed) else {
        // Nothing that is done changes who is in the organization.
        let (graph, (administrator, candidates)) = reading::detectives(app, desired).await.map_err(RunError::Unread)?;
        return Ok(Actual { graph, administrator, candidates, ..actual });
    };
    let removed = plan.changes.iter().filter_map(|change| match change {
        Change::RemoveMembers { account_ids } => Some(account_ids),
        _ => None,
    });
    for id in removed.flatten().filter(|id| done.touched.contains(*id)) {
        graph.members.remove(id);
    }
    let touched: Vec<String> = done.touched.iter().cloned().collect();
    let members = app.behavior.members_of(&graph.arn, &touched).await.map_err(RunError::Unread)?;
    graph.members.extend(members.into_iter().map(|member| (member.account_id.clone(), member)));
    Ok(actual)
}

/// An account that was not worked on because another run had done it is no failure.
fn forget_what_others_did(done: &mut Done, actual: &Actual) {
    let Some(graph) = &actual.graph else { return };
    let is_member = |id: &String| graph.members.get(id).is_some_and(|it| it.status != MemberStatus::VerificationFailed);
    done.failed.retain(|failed| match &failed.unprocessed {
        Some((id, wanted)) => is_member(id) != *wanted,
        None => true,
    });
}

/// A run that could not do everything fails, so that it comes again, or somebody looks.
fn ended(done: &Done) -> Result<(), RunError> {
    let refused: Vec<_> = done.failed.iter().filter(|failed| failed.needs_an_operator()).collect();
    if let Some(first) = refused.iter().find(|it| it.denied).or(refused.first()) {
        let (count, what) = (refused.len(), format!("{}: {}", first.what, first.why));
        return Err(RunError::Refused { count, first: what, denied: first.denied });
    }
    let passing: Vec<_> = done.failed.iter().filter(|failed| failed.may_pass).collect();
    let first = passing.first().map(|failed| format!("{}: {}", failed.what, failed.why));
    match (first, done.left) {
        (None, 0) => Ok(()),
        (first, left) => Err(RunError::Unfinished {
            done: done.done.len(),
            left: left + passing.len(),
            first: first.unwrap_or_else(|| "there was no time left".to_owned()),
        }),
    }
}

/// Logs what is wrong, and counts it.
fn report(app: &App, health: &Health, now: Timestamp) {
    for it in health.issues.iter().take(LOGGED) {
        tracing::warn!(
            kind = it.kind().code(),
            ailment = graph_health::issue_sentence(it),
            "the graph is not as it should be"
        );
    }
    let counts = health.counts();
    let of = |kind| counts.get(&kind).copied().unwrap_or_default();
    let gauges = [
        ("GraphMembers", health.members),
        ("GraphMembersEnabled", health.members_enabled),
        ("GraphMembersDisabled", of(IssueKind::MemberDisabled)),
        ("GraphMembersLeft", MOST_MEMBERS.saturating_sub(health.members)),
        ("GraphVerificationsFailed", of(IssueKind::VerificationFailed)),
        ("GraphInvitationsOld", of(IssueKind::InvitationOld)),
        ("GraphPackagesStopped", of(IssueKind::PackageStopped) + of(IssueKind::MemberPackageStopped)),
        ("GraphAccountsOutside", of(IssueKind::AccountOutside)),
    ];
    app.metrics.record_gauges(&gauges, now);
}

#[cfg(test)]
mod tests;
