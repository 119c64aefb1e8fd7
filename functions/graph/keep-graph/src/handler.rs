//! One run: reads the document and the graph, computes the plan, applies it if the mode allows that, and notifies people of new
//! issues.

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
    SkippedChange, fingerprint,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// The most issues that are logged, one line each; metrics count all of them.
const MAX_ISSUES_LOGGED: usize = 200;

/// The output of a run.
#[derive(Debug, Serialize)]
pub(crate) struct RunReport {
    pub(crate) mode: Mode,
    pub(crate) graph_arn: Option<String>,
    pub(crate) plan: Plan,
    #[serde(flatten)]
    pub(crate) applied: ApplyReport,
    pub(crate) health: Health,
    /// The issues as sentences.
    #[serde(rename = "ailments")]
    pub(crate) issues: Vec<String>,
}

/// Runs once. Runs are idempotent, also if they are concurrent.
pub(crate) async fn handle(
    app: &App,
    input: Value,
    deadline: Timestamp,
    now: impl Fn() -> Timestamp,
) -> Result<RunReport, RunError> {
    let request = Request::read(input, app.settings.keep_graph)?;
    // Read before the graph, and unwrapped only when it is needed, so that a table that cannot be read does not prevent changes.
    let version = app.notified_table.read_notified().await.map(|(version, _)| version);
    let read_again = async || read_health(app, &now).await;
    let desired = match read_document(app).await {
        Err(error) if error.is_document_error() => {
            let reading = Reading { version: version?, graph_arn: None, health: from_invalid_document(&error) };
            let reading = notify_if_changed(app, reading, read_again, &now).await?;
            return match request.is_from_queue {
                // People were notified, and a retry would find the same document.
                true => Ok(unchanged_report(request.mode, reading)),
                false => Err(error),
            };
        }
        other => other?,
    };
    let mut current = observe::current_state(app, &desired).await.map_err(RunError::ReadFailed)?;
    let confirmed = deletion_confirmation(&request, &desired, &current)?;
    let plan = Plan::of(&desired, &current, &confirmed);
    let arn = current.graph.as_ref().map(|graph| graph.arn.clone());
    tracing::info!(
        graph.arn = arn,
        mode = %request.mode,
        changes = plan.changes.len(),
        skipped = plan.skipped.len(),
        "graph plan computed"
    );
    for SkippedChange { change, reason } in &plan.skipped {
        tracing::info!(%change, %reason, "change skipped");
    }
    let mut applied = ApplyReport::default();
    if request.mode > Mode::Plan && !plan.is_empty() {
        applied = apply_plan(app, &desired, arn.as_deref(), &plan, deadline, &now).await;
        current = refresh(app, &desired, current, &plan, &applied).await?;
        drop_failures_fixed_by_others(&mut applied, &current);
    }
    let health = Health::of(&desired, &current, now());
    log_and_count_issues(app, &health, now());
    let reading = Reading { version: version?, graph_arn: current.graph.map(|graph| graph.arn), health };
    let Reading { health, graph_arn, .. } = notify_if_changed(app, reading, read_again, &now).await?;
    tracing::info!(
        graph.arn = graph_arn,
        members = health.members,
        members.enabled = health.members_enabled,
        issues = health.issues.len(),
        changes.completed = applied.completed.len(),
        changes.failed = applied.failed.len(),
        changes.not_attempted = applied.not_attempted,
        "run finished"
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

/// Reads the document and the graph again and computes the health, without changes. Its issues are logged and counted as well, so that
/// the last gauges are those of the last reading.
async fn read_health(app: &App, now: impl Fn() -> Timestamp) -> Result<Reading, RunError> {
    let (version, _) = app.notified_table.read_notified().await?;
    let desired = match read_document(app).await {
        Err(error) if error.is_document_error() => {
            return Ok(Reading { version, graph_arn: None, health: from_invalid_document(&error) });
        }
        other => other?,
    };
    let current = observe::current_state(app, &desired).await.map_err(RunError::ReadFailed)?;
    let health = Health::of(&desired, &current, now());
    log_and_count_issues(app, &health, now());
    Ok(Reading { version, graph_arn: current.graph.map(|graph| graph.arn), health })
}

fn from_invalid_document(error: &RunError) -> Health {
    Health::from_invalid_document(&with_causes(error), error.document_fault_paths())
}

async fn read_document(app: &App) -> Result<DesiredState, RunError> {
    let text = app.document.value().await?;
    let lists = app.document.children("members").await?;
    Ok(DesiredState::from_json(&text, &lists)?)
}

/// In mode destroy, the confirmed ARN has to be the graph's, and the document must have `"enabled": false`.
fn deletion_confirmation(
    request: &Request,
    desired: &DesiredState,
    current: &CurrentState,
) -> Result<DeletionConfirmation, RunError> {
    if request.mode != Mode::Destroy {
        return Ok(DeletionConfirmation::default());
    }
    let no = |why: String| Err(RunError::NotConfirmed { why });
    let is = current.graph.as_ref().map(|graph| &graph.arn);
    match (desired.graph.enabled, is) {
        (true, _) => no("graph.enabled is true in the document: set it to false first".to_owned()),
        (false, Some(is)) if request.confirm.as_ref() != Some(is) => {
            no(format!("confirm is not the ARN of the graph, {is}"))
        }
        (false, _) => Ok(DeletionConfirmation { graph_arn: request.confirm.clone() }),
    }
}

/// Reads the state after changes: all of it, or only the members that were changed.
async fn refresh(
    app: &App,
    desired: &DesiredState,
    mut current: CurrentState,
    plan: &Plan,
    applied: &ApplyReport,
) -> Result<CurrentState, RunError> {
    let Some(graph) = current.graph.as_mut().filter(|_| !applied.graph_changed) else {
        // No change affects the list of the organization's accounts.
        let (graph, (administrator, candidates)) =
            observe::detective_state(app, desired).await.map_err(RunError::ReadFailed)?;
        return Ok(CurrentState { graph, administrator, candidates, ..current });
    };
    let removed = plan.changes.iter().filter_map(|change| match change {
        Change::RemoveMembers { account_ids } => Some(account_ids),
        _ => None,
    });
    for id in removed.flatten().filter(|id| applied.changed_account_ids.contains(*id)) {
        graph.members.remove(id);
    }
    let changed: Vec<String> = applied.changed_account_ids.iter().cloned().collect();
    let members = app.graph.members_of(&graph.arn, &changed).await.map_err(RunError::ReadFailed)?;
    graph.members.extend(members.into_iter().map(|member| (member.account_id.clone(), member)));
    Ok(current)
}

/// An account that Detective did not process because another run had already changed it is not a failure.
fn drop_failures_fixed_by_others(applied: &mut ApplyReport, current: &CurrentState) {
    let Some(graph) = &current.graph else { return };
    let is_member = |id: &String| graph.members.get(id).is_some_and(|it| it.status != MemberStatus::VerificationFailed);
    applied.failed.retain(|failed| match &failed.unprocessed_account {
        Some((id, should_be_member)) => is_member(id) != *should_be_member,
        None => true,
    });
}

/// A run with unfinished changes fails, so that the queue retries it or an operator is alerted.
fn result_of(applied: &ApplyReport) -> Result<(), RunError> {
    let needing_operator: Vec<_> = applied.failed.iter().filter(|failed| failed.needs_operator()).collect();
    if let Some(first) = needing_operator.iter().find(|it| it.is_denied).or(needing_operator.first()) {
        let (count, what) = (needing_operator.len(), format!("{}: {}", first.change, first.reason));
        return Err(RunError::ChangesRefused { count, first: what, is_denied: first.is_denied });
    }
    let transient: Vec<_> = applied.failed.iter().filter(|failed| failed.is_transient).collect();
    let first = transient.first().map(|failed| format!("{}: {}", failed.change, failed.reason));
    match (first, applied.not_attempted) {
        (None, 0) => Ok(()),
        (first, left) => Err(RunError::Incomplete {
            completed: applied.completed.len(),
            remaining: left + transient.len(),
            first: first.unwrap_or_else(|| "the function's timeout was reached".to_owned()),
        }),
    }
}

/// Logs the issues and records their counts as metrics.
fn log_and_count_issues(app: &App, health: &Health, now: Timestamp) {
    for it in health.issues.iter().take(MAX_ISSUES_LOGGED) {
        tracing::warn!(
            issue.kind = it.kind().code(),
            issue.fingerprint = fingerprint(it),
            issue.text = graph_health::issue_sentence(it),
            "graph issue"
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
