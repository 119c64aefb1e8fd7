//! A plan, carried out. What fails does not keep the rest from being done, except for what rests on it.

use crate::app::App;
use futures_util::future::join_all;
use gumshoe_aws::ApiCallError;
use gumshoe_domain::Fault;
use gumshoe_domain::error::with_causes;
use gumshoe_domain::text::one_line;
use gumshoe_graph::aws::behavior_graph::{ACCOUNTS_A_CALL, Unprocessed};
use gumshoe_graph::{Account, Change, Desired, Plan};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::BTreeSet;

/// What is left of the function's time for telling people what was found.
const RESERVE: SignedDuration = SignedDuration::from_secs(60);
/// How many members are worked at a time where each takes a call of its own.
const AT_A_TIME: usize = 8;

/// What came of a plan.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Done {
    /// What was done, call by call.
    pub(crate) done: Vec<String>,
    /// What failed.
    pub(crate) failed: Vec<Failed>,
    /// How many calls there was no time for.
    pub(crate) left: usize,
    /// The accounts that were worked on: what became of them is read again.
    #[serde(skip)]
    pub(crate) touched: BTreeSet<String>,
    /// Whether more than members has changed.
    #[serde(skip)]
    pub(crate) all_changed: bool,
}

/// A change that failed.
#[derive(Debug, Serialize)]
pub(crate) struct Failed {
    pub(crate) what: String,
    pub(crate) why: String,
    /// Whether the next run may do better.
    pub(crate) may_pass: bool,
    #[serde(skip)]
    pub(crate) denied: bool,
    /// Of an account that Detective did not work on: its id, and whether it was to be a member.
    #[serde(skip)]
    pub(crate) unprocessed: Option<(String, bool)>,
    /// It rests on something else that failed, or the health tells of it: it is no reason of its own for which a run fails.
    #[serde(skip)]
    pub(crate) told_elsewhere: bool,
}

impl Failed {
    /// Whether nothing but a person can mend it.
    pub(crate) fn needs_an_operator(&self) -> bool {
        self.denied || (!self.may_pass && !self.told_elsewhere)
    }
}

/// A call, with what it does in words.
struct Call<'a> {
    operation: &'static str,
    what: String,
    accounts: Vec<String>,
    of: Of<'a>,
}

enum Of<'a> {
    /// One change in one call.
    Whole(&'a Change),
    Add(Vec<Account>),
    Remove(Vec<String>),
    Monitor(String),
}

/// Carries a plan out, call by call, as long as there is time.
pub(crate) async fn carry_out(
    app: &App,
    desired: &Desired,
    graph_arn: Option<&str>,
    plan: &Plan,
    deadline: Timestamp,
    now: impl Fn() -> Timestamp,
) -> Done {
    let emails = desired.members.as_ref().is_none_or(|members| members.invitation_emails);
    let mut arn = graph_arn.map(str::to_owned);
    let mut done = Done::default();
    for change in &plan.changes {
        let calls = calls(change);
        let at_a_time = if matches!(change, Change::StartMonitoring { .. }) { AT_A_TIME } else { 1 };
        let mut rest = calls.as_slice();
        while !rest.is_empty() {
            if deadline.duration_since(now()) < RESERVE {
                done.left += rest.len();
                break;
            }
            let (some, others) = rest.split_at(at_a_time.min(rest.len()));
            rest = others;
            // Detective takes no second administrator.
            let in_vain = matches!(change, Change::EnableAdministrator { .. }) && !done.failed.is_empty();
            let answers = match in_vain {
                true => vec![Ok(Answer::NotTried)],
                false => join_all(some.iter().map(|call| carry_out_one(app, arn.as_deref(), &call.of, emails))).await,
            };
            for (call, answer) in some.iter().zip(answers) {
                if let (Change::CreateGraph { .. }, Ok(Answer::Graph(made))) = (change, &answer) {
                    arn = Some(made.clone());
                }
                done.note(call, answer);
            }
        }
    }
    done
}

/// What a call was answered.
enum Answer {
    Done,
    Graph(String),
    Unprocessed(Unprocessed),
    /// What it rests on failed.
    NotTried,
}

impl Done {
    fn note(&mut self, call: &Call<'_>, answer: Result<Answer, ApiCallError>) {
        self.touched.extend(call.accounts.iter().cloned());
        self.all_changed |= call.accounts.is_empty();
        let what = call.what.clone();
        match answer {
            Ok(Answer::Done | Answer::Graph(_)) => {
                tracing::info!(change = %what, "the graph was changed");
                self.done.push(what);
            }
            Ok(Answer::NotTried) => self.fail(Failed {
                what,
                why: "what it rests on was not done".to_owned(),
                may_pass: false,
                denied: false,
                unprocessed: None,
                told_elsewhere: true,
            }),
            Ok(Answer::Unprocessed(refused)) => {
                tracing::info!(change = %what, unprocessed = refused.len(), "the graph was changed");
                self.done.push(what);
                let wanted = matches!(call.of, Of::Add(_));
                for (id, reason) in refused {
                    self.fail(Failed {
                        what: format!("{} {id}", call.operation),
                        why: one_line(&reason, 200),
                        may_pass: false,
                        denied: false,
                        unprocessed: Some((id, wanted)),
                        told_elsewhere: true,
                    });
                }
            }
            Err(error) => {
                self.fail(Failed {
                    what,
                    why: with_causes(&error),
                    may_pass: error.fault.is_transient(),
                    denied: error.fault == Fault::AccessDenied,
                    unprocessed: None,
                    // Too much data, too many members: the health says who is not in the graph, and why.
                    told_elsewhere: !call.accounts.is_empty(),
                });
            }
        }
    }

    fn fail(&mut self, failed: Failed) {
        let Failed { what, why, may_pass, .. } = &failed;
        tracing::warn!(change = %what, error.message = %why, may_pass, "a change of the graph failed");
        self.failed.push(failed);
    }
}

fn operation(change: &Change) -> &'static str {
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

/// The calls that a change takes: as few as the operations allow.
fn calls(change: &Change) -> Vec<Call<'_>> {
    let operation = operation(change);
    let of_accounts = |of: Of<'static>, accounts: Vec<String>| {
        let what = match accounts.as_slice() {
            [one] => format!("{operation} {one}"),
            [first, .., last] => format!("{operation} {} accounts, {first} to {last}", accounts.len()),
            [] => operation.to_owned(),
        };
        Call { operation, what, accounts, of }
    };
    match change {
        Change::AddMembers { accounts } => {
            let accounts: Vec<Account> = accounts.iter().cloned().collect();
            let ids = |some: &[Account]| some.iter().map(|it| it.account_id.clone()).collect();
            accounts.chunks(ACCOUNTS_A_CALL).map(|some| of_accounts(Of::Add(some.to_vec()), ids(some))).collect()
        }
        Change::RemoveMembers { account_ids } => {
            let ids: Vec<String> = account_ids.iter().cloned().collect();
            ids.chunks(ACCOUNTS_A_CALL).map(|some| of_accounts(Of::Remove(some.to_vec()), some.to_vec())).collect()
        }
        Change::StartMonitoring { account_ids } => {
            account_ids.iter().map(|id| of_accounts(Of::Monitor(id.clone()), vec![id.clone()])).collect()
        }
        whole => {
            let what = in_words(whole, operation);
            vec![Call { operation, what, accounts: Vec::new(), of: Of::Whole(whole) }]
        }
    }
}

fn in_words(change: &Change, operation: &str) -> String {
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

async fn carry_out_one(app: &App, arn: Option<&str>, of: &Of<'_>, emails: bool) -> Result<Answer, ApiCallError> {
    if let Of::Whole(change) = of {
        match (change, &app.management) {
            (Change::EnableAdministrator { account_id }, Some(management)) => {
                return management.enable_administrator(account_id).await.map(|()| Answer::Done);
            }
            (Change::DisableAdministrator { account_id }, Some(management)) => {
                return management.disable_administrator(account_id).await.map(|()| Answer::Done);
            }
            (Change::CreateGraph { tags }, _) => return app.behavior.create(tags).await.map(Answer::Graph),
            _ => {}
        }
    }
    let Some(arn) = arn else { return Ok(Answer::NotTried) };
    match of {
        Of::Add(accounts) => app.behavior.add_members(arn, accounts, emails).await.map(Answer::Unprocessed),
        Of::Remove(ids) => app.behavior.remove_members(arn, ids).await.map(Answer::Unprocessed),
        Of::Monitor(id) => app.behavior.start_monitoring(arn, id).await.map(|()| Answer::Done),
        Of::Whole(Change::DeleteGraph { graph_arn }) => app.behavior.delete(graph_arn).await.map(|()| Answer::Done),
        Of::Whole(Change::Tag { tags }) => app.behavior.tag(arn, tags).await.map(|()| Answer::Done),
        Of::Whole(Change::Untag { keys }) => app.behavior.untag(arn, keys).await.map(|()| Answer::Done),
        Of::Whole(Change::StartPackages { packages }) => {
            app.behavior.start_packages(arn, packages).await.map(|()| Answer::Done)
        }
        Of::Whole(Change::SetAutoEnable { auto_enable }) => {
            app.behavior.set_auto_enable(arn, *auto_enable).await.map(|()| Answer::Done)
        }
        Of::Whole(_) => Ok(Answer::NotTried),
    }
}
