//! One run: what the graph should be, what it is, a plan, the plan carried out where that is asked for, and how the graph is.

use crate::app::App;
use crate::apply::{ApplyReport, apply_plan};
use crate::error::RunError;
use crate::notify::{Reading, notify_if_changed};
use crate::observe;
use crate::request::Request;
use gumshoe_alerts::text::graph_health;
use gumshoe_domain::coverage::MemberStatus;
use gumshoe_domain::error::with_causes;
use gumshoe_graph::{
    Change, CurrentState, DeletionConfirmation, DesiredState, Health, IssueKind, MAX_MEMBERS, Mode, Plan,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// How much of what is wrong is logged line by line; all of it is counted.
const MAX_ISSUES_LOGGED: usize = 200;

/// What came of a run.
#[derive(Debug, Serialize)]
pub(crate) struct RunReport {
    pub(crate) mode: Mode,
    pub(crate) graph_arn: Option<String>,
    pub(crate) plan: Plan,
    #[serde(flatten)]
    pub(crate) applied: ApplyReport,
    pub(crate) health: Health,
    /// What is wrong, in words.
    #[serde(rename = "ailments")]
    pub(crate) issues: Vec<String>,
}

/// Runs once. Doing it again, or twice at once, comes to the same.
pub(crate) async fn handle(
    app: &App,
    input: Value,
    deadline: Timestamp,
    now: impl Fn() -> Timestamp,
) -> Result<RunReport, RunError> {
    let request = Request::read(input, app.settings.keep_graph)?;
    // Read first, and needed last: a table that cannot be read keeps no change from being made.
    let version = app.table.read_notified().await.map(|(version, _)| version);
    let read_again = async || read_health(app, &now).await;
    let desired = match read_document(app).await {
        Err(error) if error.is_document_error() => {
            let reading = Reading { version: version?, graph_arn: None, health: from_invalid_document(&error) };
            let reading = notify_if_changed(app, reading, read_again, &now).await?;
            return match request.is_from_queue {
                // People have been told, and it would be as wrong the next time.
                true => Ok(unchanged_report(request.mode, reading)),
                false => Err(error),
            };
        }
        other => other?,
    };
    let mut actual = observe::current_state(app, &desired).await.map_err(RunError::ReadFailed)?;
    let confirmed = deletion_confirmation(&request, &desired, &actual)?;
    let plan = Plan::of(&desired, &actual, &confirmed);
    tracing::info!(mode = %request.mode, changes = plan.changes.len(), skipped = plan.skipped.len(), "the graph was read");
    for skipped in &plan.skipped {
        tracing::warn!(what = %skipped.change, why = %skipped.reason, "something is left as it is");
    }
    let mut applied = ApplyReport::default();
    if request.mode > Mode::Plan && !plan.is_empty() {
        let arn = actual.graph.as_ref().map(|graph| graph.arn.clone());
        applied = apply_plan(app, &desired, arn.as_deref(), &plan, deadline, &now).await;
        actual = refresh(app, &desired, actual, &plan, &applied).await?;
        drop_failures_fixed_by_others(&mut applied, &actual);
    }
    let health = Health::of(&desired, &actual, now());
    log_and_count_issues(app, &health, now());
    let reading = Reading { version: version?, graph_arn: actual.graph.map(|graph| graph.arn), health };
    let Reading { health, graph_arn, .. } = notify_if_changed(app, reading, read_again, &now).await?;
    tracing::info!(
        members = health.members,
        enabled = health.members_enabled,
        issues = health.issues.len(),
        done = applied.completed.len(),
        failed = applied.failed.len(),
        left = applied.not_attempted,
        "the run is over"
    );
    result_of(&applied)?;
    let issues = health.issues.iter().map(graph_health::issue_sentence).collect();
    Ok(RunReport { mode: request.mode, graph_arn, plan, applied, health, issues })
}

fn unchanged_report(mode: Mode, reading: Reading) -> RunReport {
    let Reading { health, graph_arn, .. } = reading;
    let issues = health.issues.iter().map(graph_health::issue_sentence).collect();
    RunReport { mode, graph_arn, plan: Plan::default(), applied: ApplyReport::default(), health, issues }
}

/// The health of the graph as it is now, changing nothing.
async fn read_health(app: &App, now: impl Fn() -> Timestamp) -> Result<Reading, RunError> {
    let (version, _) = app.table.read_notified().await?;
    let desired = match read_document(app).await {
        Err(error) if error.is_document_error() => {
            return Ok(Reading { version, graph_arn: None, health: from_invalid_document(&error) });
        }
        other => other?,
    };
    let actual = observe::current_state(app, &desired).await.map_err(RunError::ReadFailed)?;
    let health = Health::of(&desired, &actual, now());
    Ok(Reading { version, graph_arn: actual.graph.map(|graph| graph.arn), health })
}

fn from_invalid_document(error: &RunError) -> Health {
    Health::from_invalid_document(&with_causes(error), error.document_fault_paths())
}

async fn read_document(app: &App) -> Result<DesiredState, RunError> {
    let text = app.document.text().await?;
    let lists = app.document.below("members").await?;
    Ok(DesiredState::from_json(&text, &lists)?)
}

/// In mode destroy, the ARN that was given has to be the graph's, and the document has to say that there should be none.
fn deletion_confirmation(
    request: &Request,
    desired: &DesiredState,
    actual: &CurrentState,
) -> Result<DeletionConfirmation, RunError> {
    if request.mode != Mode::Destroy {
        return Ok(DeletionConfirmation::default());
    }
    let no = |why: String| Err(RunError::NotConfirmed { why });
    let is = actual.graph.as_ref().map(|graph| &graph.arn);
    match (desired.graph.enabled, is) {
        (true, _) => no("the document wants it: set graph.enabled to false first".to_owned()),
        (false, Some(is)) if request.confirm.as_ref() != Some(is) => {
            no(format!("confirm is not the ARN of the graph, {is}"))
        }
        (false, _) => Ok(DeletionConfirmation { graph_arn: request.confirm.clone() }),
    }
}

/// What the graph is after changes: all of it, or only the members that were worked on.
async fn refresh(
    app: &App,
    desired: &DesiredState,
    mut actual: CurrentState,
    plan: &Plan,
    applied: &ApplyReport,
) -> Result<CurrentState, RunError> {
    let Some(graph) = actual.graph.as_mut().filter(|_| !applied.graph_changed) else {
        // Nothing that is done changes who is in the organization.
        let (graph, (administrator, candidates)) =
            observe::detective_state(app, desired).await.map_err(RunError::ReadFailed)?;
        return Ok(CurrentState { graph, administrator, candidates, ..actual });
    };
    let removed = plan.changes.iter().filter_map(|change| match change {
        Change::RemoveMembers { account_ids } => Some(account_ids),
        _ => None,
    });
    for id in removed.flatten().filter(|id| applied.changed_account_ids.contains(*id)) {
        graph.members.remove(id);
    }
    let changed: Vec<String> = applied.changed_account_ids.iter().cloned().collect();
    let members = app.behavior.members_of(&graph.arn, &changed).await.map_err(RunError::ReadFailed)?;
    graph.members.extend(members.into_iter().map(|member| (member.account_id.clone(), member)));
    Ok(actual)
}

/// An account that was not worked on because another run had done it is no failure.
fn drop_failures_fixed_by_others(applied: &mut ApplyReport, actual: &CurrentState) {
    let Some(graph) = &actual.graph else { return };
    let is_member = |id: &String| graph.members.get(id).is_some_and(|it| it.status != MemberStatus::VerificationFailed);
    applied.failed.retain(|failed| match &failed.unprocessed_account {
        Some((id, wanted)) => is_member(id) != *wanted,
        None => true,
    });
}

/// A run that could not do everything fails, so that it comes again, or somebody looks.
fn result_of(applied: &ApplyReport) -> Result<(), RunError> {
    let refused: Vec<_> = applied.failed.iter().filter(|failed| failed.needs_operator()).collect();
    if let Some(first) = refused.iter().find(|it| it.is_denied).or(refused.first()) {
        let (count, what) = (refused.len(), format!("{}: {}", first.change, first.reason));
        return Err(RunError::ChangesRefused { count, first: what, denied: first.is_denied });
    }
    let passing: Vec<_> = applied.failed.iter().filter(|failed| failed.is_transient).collect();
    let first = passing.first().map(|failed| format!("{}: {}", failed.change, failed.reason));
    match (first, applied.not_attempted) {
        (None, 0) => Ok(()),
        (first, left) => Err(RunError::Incomplete {
            done: applied.completed.len(),
            remaining: left + passing.len(),
            first: first.unwrap_or_else(|| "there was no time left".to_owned()),
        }),
    }
}

/// Logs what is wrong, and counts it.
fn log_and_count_issues(app: &App, health: &Health, now: Timestamp) {
    for it in health.issues.iter().take(MAX_ISSUES_LOGGED) {
        tracing::warn!(
            kind = it.kind().code(),
            ailment = graph_health::issue_sentence(it),
            "the graph is not as it should be"
        );
    }
    let counts = health.counts_by_kind();
    let of = |kind| counts.get(&kind).copied().unwrap_or_default();
    let gauges = [
        ("GraphMembers", health.members),
        ("GraphMembersEnabled", health.members_enabled),
        ("GraphMembersDisabled", of(IssueKind::MemberDisabled)),
        ("GraphMembersLeft", MAX_MEMBERS.saturating_sub(health.members)),
        ("GraphVerificationsFailed", of(IssueKind::VerificationFailed)),
        ("GraphInvitationsOld", of(IssueKind::InvitationOld)),
        ("GraphPackagesStopped", of(IssueKind::PackageStopped) + of(IssueKind::MemberPackageStopped)),
        ("GraphAccountsOutside", of(IssueKind::AccountOutside)),
    ];
    app.metrics.record_gauges(&gauges, now);
}

#[cfg(test)]
mod tests;
