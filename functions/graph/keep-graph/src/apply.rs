//! Applies a plan. A failed change does not stop the others, except those that depend on it.

use crate::app::App;
use futures_util::future::join_all;
use gumshoe_aws::ApiCallError;
use gumshoe_domain::Fault;
use gumshoe_domain::error::with_causes;
use gumshoe_domain::text::one_line;
use gumshoe_graph::aws::behavior_graph::{MAX_ACCOUNTS_PER_CALL, UnprocessedAccounts};
use gumshoe_graph::{Account, Change, DesiredState, Plan};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::BTreeSet;

/// The part of the function's timeout that is reserved for notifying people.
const NOTIFY_RESERVE: SignedDuration = SignedDuration::from_secs(60);
/// The most concurrent calls of an operation that has one account per call.
const MAX_CONCURRENT_CALLS: usize = 8;

/// The result of applying a plan.
#[derive(Debug, Default, Serialize)]
pub(crate) struct ApplyReport {
    /// The completed calls.
    #[serde(rename = "done")]
    pub(crate) completed: Vec<String>,
    /// The changes that failed.
    pub(crate) failed: Vec<FailedChange>,
    /// The number of calls that were not made for lack of time.
    #[serde(rename = "left")]
    pub(crate) not_attempted: usize,
    /// The accounts in the calls; their state is read again.
    #[serde(skip)]
    pub(crate) changed_account_ids: BTreeSet<String>,
    /// Whether something other than members has changed.
    #[serde(skip)]
    pub(crate) graph_changed: bool,
}

/// A change that failed.
#[derive(Debug, Serialize)]
pub(crate) struct FailedChange {
    #[serde(rename = "what")]
    pub(crate) change: String,
    #[serde(rename = "why")]
    pub(crate) reason: String,
    /// Whether a later run may succeed.
    #[serde(rename = "may_pass")]
    pub(crate) is_transient: bool,
    #[serde(skip)]
    pub(crate) is_denied: bool,
    /// For an account that Detective did not process: its id, and whether it should become a member.
    #[serde(skip)]
    pub(crate) unprocessed_account: Option<(String, bool)>,
    /// Whether an earlier failure or an issue of the health already reports it, so that it does not fail the run.
    #[serde(skip)]
    pub(crate) is_reported_elsewhere: bool,
}

impl FailedChange {
    /// Whether only an operator can fix it.
    pub(crate) fn needs_operator(&self) -> bool {
        self.is_denied || (!self.is_transient && !self.is_reported_elsewhere)
    }
}

/// A call of an operation, with a description for logs and output.
struct Call<'a> {
    operation: &'static str,
    what: String,
    accounts: Vec<String>,
    kind: CallKind<'a>,
}

enum CallKind<'a> {
    /// One change in one call.
    Single(&'a Change),
    AddMembers(Vec<Account>),
    RemoveMembers(Vec<String>),
    StartMonitoring(String),
}

/// Applies a plan, call by call, until [`NOTIFY_RESERVE`] before the deadline.
pub(crate) async fn apply_plan(
    app: &App,
    desired: &DesiredState,
    graph_arn: Option<&str>,
    plan: &Plan,
    deadline: Timestamp,
    now: impl Fn() -> Timestamp,
) -> ApplyReport {
    let emails = desired.members.as_ref().is_none_or(|members| members.invitation_emails);
    let mut arn = graph_arn.map(str::to_owned);
    let mut report = ApplyReport::default();
    for change in &plan.changes {
        let calls = split_into_calls(change);
        let concurrent_calls = if matches!(change, Change::StartMonitoring { .. }) { MAX_CONCURRENT_CALLS } else { 1 };
        let mut rest = calls.as_slice();
        while !rest.is_empty() {
            if deadline.duration_since(now()) < NOTIFY_RESERVE {
                report.not_attempted += rest.len();
                break;
            }
            let (batch, others) = rest.split_at(concurrent_calls.min(rest.len()));
            rest = others;
            // Detective rejects a second administrator.
            let dependency_failed = matches!(change, Change::EnableAdministrator { .. }) && !report.failed.is_empty();
            let outcomes = match dependency_failed {
                true => vec![Ok(CallOutcome::DependencyFailed)],
                false => {
                    join_all(batch.iter().map(|call| call_detective(app, arn.as_deref(), &call.kind, emails))).await
                }
            };
            for (call, outcome) in batch.iter().zip(outcomes) {
                if let (Change::CreateGraph { .. }, Ok(CallOutcome::GraphCreated(created))) = (change, &outcome) {
                    arn = Some(created.clone());
                }
                report.record(call, outcome);
            }
        }
    }
    report
}

/// The result of a call.
enum CallOutcome {
    Completed,
    GraphCreated(String),
    Unprocessed(UnprocessedAccounts),
    /// Not called: an earlier change that it depends on failed.
    DependencyFailed,
}

impl ApplyReport {
    fn record(&mut self, call: &Call<'_>, outcome: Result<CallOutcome, ApiCallError>) {
        self.changed_account_ids.extend(call.accounts.iter().cloned());
        self.graph_changed |= call.accounts.is_empty();
        let what = call.what.clone();
        match outcome {
            Ok(CallOutcome::Completed | CallOutcome::GraphCreated(_)) => {
                tracing::info!(change = %what, "change applied");
                self.completed.push(what);
            }
            Ok(CallOutcome::DependencyFailed) => self.record_failure(FailedChange {
                change: what,
                reason: "skipped: an earlier change that it depends on failed".to_owned(),
                is_transient: false,
                is_denied: false,
                unprocessed_account: None,
                is_reported_elsewhere: true,
            }),
            Ok(CallOutcome::Unprocessed(unprocessed)) => {
                tracing::warn!(change = %what, unprocessed = unprocessed.len(), "change applied in part: Detective did not process all accounts");
                self.completed.push(what);
                let should_be_member = matches!(call.kind, CallKind::AddMembers(_));
                for (id, reason) in unprocessed {
                    self.record_failure(FailedChange {
                        change: format!("{} {id}", call.operation),
                        reason: one_line(&reason, 200),
                        is_transient: false,
                        is_denied: false,
                        unprocessed_account: Some((id, should_be_member)),
                        is_reported_elsewhere: true,
                    });
                }
            }
            Err(error) => {
                self.record_failure(FailedChange {
                    change: what,
                    reason: with_causes(&error),
                    is_transient: error.fault.is_transient(),
                    is_denied: error.fault == Fault::AccessDenied,
                    unprocessed_account: None,
                    // Too much data or too many members: the health has an issue for each such account.
                    is_reported_elsewhere: !call.accounts.is_empty(),
                });
            }
        }
    }

    fn record_failure(&mut self, failed: FailedChange) {
        let FailedChange { change, reason, is_transient, .. } = &failed;
        if failed.needs_operator() {
            tracing::error!(%change, error.message = %reason, "change failed: grant the permission or correct the document");
        } else {
            tracing::warn!(%change, error.message = %reason, is_transient, "change failed");
        }
        self.failed.push(failed);
    }
}

fn operation_name(change: &Change) -> &'static str {
    match change {
        Change::DisableAdministrator { .. } => "DisableOrganizationAdminAccount",
        Change::EnableAdministrator { .. } => "EnableOrganizationAdminAccount",
        Change::DeleteGraph { .. } => "DeleteGraph",
        Change::CreateGraph { .. } => "CreateGraph",
        Change::Tag { .. } => "TagResource",
        Change::Untag { .. } => "UntagResource",
        Change::StartPackages { .. } => "UpdateDatasourcePackages",
        Change::SetAutoEnable { .. } => "UpdateOrganizationConfiguration",
        Change::RemoveMembers { .. } => "DeleteMembers",
        Change::AddMembers { .. } => "CreateMembers",
        Change::StartMonitoring { .. } => "StartMonitoringMember",
    }
}

/// The calls for a change: as few as the limits of the operations allow.
fn split_into_calls(change: &Change) -> Vec<Call<'_>> {
    let operation = operation_name(change);
    let of_accounts = |kind: CallKind<'static>, accounts: Vec<String>| {
        let what = match accounts.as_slice() {
            [one] => format!("{operation} {one}"),
            [first, .., last] => format!("{operation} {} accounts, {first} to {last}", accounts.len()),
            [] => operation.to_owned(),
        };
        Call { operation, what, accounts, kind }
    };
    match change {
        Change::AddMembers { accounts } => {
            let accounts: Vec<Account> = accounts.iter().cloned().collect();
            let ids = |some: &[Account]| some.iter().map(|it| it.account_id.clone()).collect();
            accounts
                .chunks(MAX_ACCOUNTS_PER_CALL)
                .map(|some| of_accounts(CallKind::AddMembers(some.to_vec()), ids(some)))
                .collect()
        }
        Change::RemoveMembers { account_ids } => {
            let ids: Vec<String> = account_ids.iter().cloned().collect();
            ids.chunks(MAX_ACCOUNTS_PER_CALL)
                .map(|some| of_accounts(CallKind::RemoveMembers(some.to_vec()), some.to_vec()))
                .collect()
        }
        Change::StartMonitoring { account_ids } => {
            account_ids.iter().map(|id| of_accounts(CallKind::StartMonitoring(id.clone()), vec![id.clone()])).collect()
        }
        whole => {
            let what = describe(whole, operation);
            vec![Call { operation, what, accounts: Vec::new(), kind: CallKind::Single(whole) }]
        }
    }
}

fn describe(change: &Change, operation: &str) -> String {
    match change {
        Change::EnableAdministrator { account_id } | Change::DisableAdministrator { account_id } => {
            format!("{operation} {account_id}")
        }
        Change::DeleteGraph { graph_arn } => format!("{operation} {graph_arn}"),
        Change::SetAutoEnable { auto_enable } => format!("{operation} {auto_enable}"),
        Change::StartPackages { packages } => {
            let names: Vec<String> = packages.iter().map(ToString::to_string).collect();
            format!("{operation} {}", names.join(", "))
        }
        Change::Tag { tags } => format!("{operation} {} tags", tags.len()),
        Change::Untag { keys } => format!("{operation} {} tags", keys.len()),
        _ => operation.to_owned(),
    }
}

async fn call_detective(
    app: &App,
    arn: Option<&str>,
    kind: &CallKind<'_>,
    emails: bool,
) -> Result<CallOutcome, ApiCallError> {
    if let CallKind::Single(change) = kind {
        match (change, &app.management_graph) {
            (Change::EnableAdministrator { account_id }, Some(management)) => {
                return management.enable_administrator(account_id).await.map(|()| CallOutcome::Completed);
            }
            (Change::DisableAdministrator { account_id }, Some(management)) => {
                return management.disable_administrator(account_id).await.map(|()| CallOutcome::Completed);
            }
            (Change::CreateGraph { tags }, _) => return app.graph.create(tags).await.map(CallOutcome::GraphCreated),
            _ => {}
        }
    }
    let Some(arn) = arn else { return Ok(CallOutcome::DependencyFailed) };
    match kind {
        CallKind::AddMembers(accounts) => {
            app.graph.add_members(arn, accounts, emails).await.map(CallOutcome::Unprocessed)
        }
        CallKind::RemoveMembers(ids) => app.graph.remove_members(arn, ids).await.map(CallOutcome::Unprocessed),
        CallKind::StartMonitoring(id) => app.graph.start_monitoring(arn, id).await.map(|()| CallOutcome::Completed),
        CallKind::Single(Change::DeleteGraph { graph_arn }) => {
            app.graph.delete(graph_arn).await.map(|()| CallOutcome::Completed)
        }
        CallKind::Single(Change::Tag { tags }) => app.graph.tag(arn, tags).await.map(|()| CallOutcome::Completed),
        CallKind::Single(Change::Untag { keys }) => app.graph.untag(arn, keys).await.map(|()| CallOutcome::Completed),
        CallKind::Single(Change::StartPackages { packages }) => {
            app.graph.start_packages(arn, packages).await.map(|()| CallOutcome::Completed)
        }
        CallKind::Single(Change::SetAutoEnable { auto_enable }) => {
            app.graph.set_auto_enable(arn, *auto_enable).await.map(|()| CallOutcome::Completed)
        }
        CallKind::Single(_) => Ok(CallOutcome::DependencyFailed),
    }
}
