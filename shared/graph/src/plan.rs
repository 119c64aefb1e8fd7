//! The plan from the current state to the desired state: a pure function, so that a plan can be shown before it is applied.

use crate::account::{Account, is_email};
use crate::current::{CurrentGraph, CurrentState, Observation};
use crate::document::{Changes, DesiredMembers, DesiredState};
use gumshoe_alerts::message::{IngestState, Package};
use gumshoe_domain::coverage::MemberStatus;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Detective User Guide, "Quotas": member accounts of a behavior graph.
pub const MAX_MEMBERS: usize = 1200;

/// The changes that produce the desired state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// In the order in which they are applied.
    pub changes: Vec<Change>,
    /// Differences that are not changed, and why.
    #[serde(rename = "withheld")]
    pub skipped: Vec<SkippedChange>,
}

/// One change. Its lists may be longer than one call accepts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the fields are parameters of the operations")]
pub enum Change {
    /// DisableOrganizationAdminAccount, which deletes that account's graph.
    DisableAdministrator { account_id: String },
    /// EnableOrganizationAdminAccount.
    EnableAdministrator { account_id: String },
    /// DeleteGraph.
    DeleteGraph { graph_arn: String },
    /// CreateGraph.
    CreateGraph { tags: BTreeMap<String, String> },
    /// TagResource.
    Tag { tags: BTreeMap<String, String> },
    /// UntagResource.
    Untag { keys: BTreeSet<String> },
    /// UpdateDatasourcePackages.
    StartPackages { packages: BTreeSet<Package> },
    /// UpdateOrganizationConfiguration.
    SetAutoEnable { auto_enable: bool },
    /// DeleteMembers.
    RemoveMembers { account_ids: BTreeSet<String> },
    /// CreateMembers.
    AddMembers { accounts: BTreeSet<Account> },
    /// StartMonitoringMember, one call for each account.
    StartMonitoring { account_ids: BTreeSet<String> },
}

/// A change that is not made, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SkippedChange {
    /// The change.
    #[serde(rename = "what")]
    pub change: String,
    /// Why it is not made.
    #[serde(rename = "why")]
    pub reason: String,
}

/// The confirmation that a graph may be deleted: the graph is deleted only if this is its ARN.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeletionConfirmation {
    /// The ARN that the caller gave.
    pub graph_arn: Option<String>,
}

impl Plan {
    /// Computes the plan. After it was applied, the next plan has no changes.
    #[must_use]
    pub fn of(desired: &DesiredState, current: &CurrentState, confirmed: &DeletionConfirmation) -> Self {
        let mut plan = Self::default();
        plan.administrator(desired, current);
        if let Some(other) = other_administrator(desired, current) {
            plan.skip(
                "manage the behavior graph",
                format!("account {other} is its administrator: deploy the graph stack there"),
            );
            return plan;
        }
        match (&current.graph, desired.graph.enabled) {
            (Some(graph), true) => plan.graph(desired, current, graph),
            (None, true) => {
                plan.changes.push(Change::CreateGraph { tags: desired.graph.tags.clone().unwrap_or_default() });
                plan.graph(desired, current, &new_graph(desired));
            }
            (Some(graph), false) if confirmed.graph_arn.as_deref() == Some(&graph.arn) => {
                plan.changes.push(Change::DeleteGraph { graph_arn: graph.arn.clone() });
            }
            (Some(graph), false) => plan.skip(
                format!("delete {}", graph.arn),
                "only mode destroy deletes a graph, with its ARN as confirmation",
            ),
            (None, false) => {}
        }
        plan
    }

    /// Whether the plan has no changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    fn skip(&mut self, change: impl Into<String>, reason: impl Into<String>) {
        self.skipped.push(SkippedChange { change: change.into(), reason: reason.into() });
    }

    fn administrator(&mut self, desired: &DesiredState, current: &CurrentState) {
        let Some(organization) = &desired.organization else { return };
        let Some(desired_id) = &organization.administrator else { return };
        let what = format!("set Detective's administrator to {desired_id}");
        let administrator = match &current.administrator {
            Observation::NotRequested => return,
            Observation::Unavailable(why) => return self.skip(what, why.clone()),
            Observation::Known(administrator) => administrator.as_ref(),
        };
        if administrator == Some(desired_id) {
            return;
        }
        // Checked before the current administrator is removed: otherwise Detective would reject the next one.
        match &current.candidates {
            Observation::Known(candidates) if !candidates.allows(desired_id) => {
                let delegated = candidates.delegated.as_deref().unwrap_or_default();
                let why = "deregister it there first, which removes it, with its graphs, in all Regions";
                return self.skip(
                    what,
                    format!("Organizations has {delegated} as Detective's delegated administrator: {why}"),
                );
            }
            Observation::Known(_) => {}
            Observation::Unavailable(why) if administrator.is_some() => return self.skip(what, why.clone()),
            Observation::NotRequested | Observation::Unavailable(_) => {} // there is no administrator to remove, so a call that Detective rejects changes nothing
        }
        if let Some(administrator) = administrator {
            if organization.replaces.as_ref() != Some(administrator) {
                let why = format!(
                    "{administrator} is, and its behavior graph would be deleted: name it in organization.replaces"
                );
                return self.skip(what, why);
            }
            if desired.changes != Changes::Full {
                return self.skip(what, ADD_ONLY_REASON);
            }
            self.changes.push(Change::DisableAdministrator { account_id: administrator.clone() });
        }
        self.changes.push(Change::EnableAdministrator { account_id: desired_id.clone() });
    }

    fn graph(&mut self, desired: &DesiredState, current: &CurrentState, graph: &CurrentGraph) {
        let full = desired.changes == Changes::Full;
        if let Some(tags) = &desired.graph.tags {
            self.tags(tags, &graph.tags, full);
        }
        let missing: BTreeSet<Package> =
            desired.packages.iter().copied().filter(|it| !is_started(graph, *it)).collect();
        if !missing.is_empty() {
            self.changes.push(Change::StartPackages { packages: missing });
        }
        for (package, _) in graph.packages.iter().filter(|(package, _)| is_started(graph, **package)) {
            if !desired.packages.is_empty() && !desired.packages.contains(package) && *package != Package::DetectiveCore
            {
                self.skip(format!("stop {package}"), "Detective's API starts packages only: stop it in the console");
            }
        }
        if let Some(auto_enable) = desired.organization.as_ref().and_then(|it| it.auto_enable) {
            // When this account becomes the organization's administrator, its graph becomes the organization's, with auto-enable off.
            let named = Change::EnableAdministrator { account_id: current.account_id.clone() };
            let after = if self.changes.contains(&named) { &Observation::Known(false) } else { &graph.auto_enable };
            self.auto_enable(auto_enable, after, full);
        }
        if let Some(members) = &desired.members {
            self.members(desired, members, current, graph);
        }
    }

    fn tags(&mut self, desired: &BTreeMap<String, String>, current: &BTreeMap<String, String>, full: bool) {
        let tags: BTreeMap<_, _> = desired
            .iter()
            .filter(|(key, value)| current.get(*key) != Some(*value))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        let keys: BTreeSet<_> = current.keys().filter(|key| !desired.contains_key(*key)).cloned().collect();
        // Tags are removed first, as a graph has at most 50.
        if !keys.is_empty() && full {
            self.changes.push(Change::Untag { keys });
        } else if !keys.is_empty() {
            self.skip(format!("remove the tags {}", joined_ids(&keys)), ADD_ONLY_REASON);
        }
        if !tags.is_empty() {
            self.changes.push(Change::Tag { tags });
        }
    }

    fn auto_enable(&mut self, desired: bool, current: &Observation<bool>, full: bool) {
        let what = format!("set auto-enable to {desired}");
        match current {
            Observation::Known(current) if *current == desired => {}
            Observation::Known(_) if !desired && !full => self.skip(what, ADD_ONLY_REASON),
            Observation::Known(_) => self.changes.push(Change::SetAutoEnable { auto_enable: desired }),
            Observation::Unavailable(why) => self.skip(what, why.clone()),
            Observation::NotRequested => {
                self.skip(what, "the graph is new: the next run reads whether it is the organization's")
            }
        }
    }

    fn members(
        &mut self,
        desired: &DesiredState,
        members: &DesiredMembers,
        current: &CurrentState,
        graph: &CurrentGraph,
    ) {
        if members.organization
            && let Observation::Unavailable(why) = &current.organization
        {
            // An incomplete list removes no member, and adds no account that is only in the organization's list.
            self.skip("add the organization's accounts", why.clone());
        }
        let desired_emails = desired_members(members, current);
        let is_complete = !members.organization || current.organization.known().is_some();
        let to_remove: BTreeSet<String> = graph
            .members
            .keys()
            .filter(|id| is_complete && !desired_emails.contains_key(id.as_str()))
            .cloned()
            .collect();
        let mut count = graph.members.len();
        if !to_remove.is_empty() {
            let what = format!("remove {} members: {}", to_remove.len(), joined_ids(&to_remove));
            if desired.changes != Changes::Full {
                self.skip(what, ADD_ONLY_REASON);
            } else if desired_emails.is_empty() {
                self.skip(what, "no member would be left, so the list is treated as truncated");
            } else if to_remove.len() > desired.max_removals {
                self.skip(what, format!("more than most_removals ({}) allows in a run", desired.max_removals));
            } else {
                count -= to_remove.len();
                self.changes.push(Change::RemoveMembers { account_ids: to_remove });
            }
        }
        let mut accounts = BTreeSet::new();
        let (mut invalid_email, mut over_limit) = (BTreeSet::new(), BTreeSet::new());
        for (id, email) in &desired_emails {
            let member = graph.members.get(*id);
            let is_missing = match member {
                None => true,
                // Detective found that account id and address do not match: only another address can succeed.
                Some(member) => {
                    let is_other = |known: &String| !known.eq_ignore_ascii_case(email);
                    member.status == MemberStatus::VerificationFailed && member.email.as_ref().is_some_and(is_other)
                }
            };
            if !is_missing {
                continue;
            }
            if !is_email(email) {
                invalid_email.insert((*id).to_owned());
                continue;
            }
            if member.is_none() && count >= MAX_MEMBERS {
                over_limit.insert((*id).to_owned());
                continue;
            }
            count += usize::from(member.is_none());
            accounts.insert(Account { account_id: (*id).to_owned(), email: (*email).to_owned() });
        }
        for (ids, why) in [
            (
                invalid_email,
                "Detective does not accept the e-mail address: more than 64 characters, or unsupported characters"
                    .to_owned(),
            ),
            (over_limit, format!("a behavior graph has at most {MAX_MEMBERS} members")),
        ] {
            if !ids.is_empty() {
                self.skip(format!("add {} members: {}", ids.len(), joined_ids(&ids)), why);
            }
        }
        if !accounts.is_empty() {
            self.changes.push(Change::AddMembers { accounts });
        }
        let disabled =
            |id: &&str| graph.members.get(*id).is_some_and(|it| it.status == MemberStatus::AcceptedButDisabled);
        let account_ids: BTreeSet<String> =
            desired_emails.keys().filter(|id| disabled(id)).map(|id| (*id).to_owned()).collect();
        if !account_ids.is_empty() {
            self.changes.push(Change::StartMonitoring { account_ids });
        }
    }
}

const ADD_ONLY_REASON: &str = "\"changes\" is add-only: set it to full";

/// The accounts that should be members, with their e-mail addresses; never the administrator itself.
pub(crate) fn desired_members<'a>(
    members: &'a DesiredMembers,
    current: &'a CurrentState,
) -> BTreeMap<&'a str, &'a str> {
    let of_organization = current.organization.known().filter(|_| members.organization).into_iter().flatten();
    of_organization
        .chain(&members.accounts)
        .filter(|account| account.account_id != current.account_id && !members.exclude.contains(&account.account_id))
        .map(|account| (account.account_id.as_str(), account.email.as_str()))
        .collect()
}

/// The account that should administer the graph, if it is another account than the function's.
pub(crate) fn other_administrator<'a>(desired: &'a DesiredState, current: &CurrentState) -> Option<&'a str> {
    let administrator = desired.organization.as_ref()?.administrator.as_deref()?;
    (administrator != current.account_id).then_some(administrator)
}

fn is_started(graph: &CurrentGraph, package: Package) -> bool {
    graph.packages.get(&package) == Some(&IngestState::Started)
}

/// A graph as CreateGraph creates it.
fn new_graph(desired: &DesiredState) -> CurrentGraph {
    CurrentGraph {
        arn: String::new(),
        tags: desired.graph.tags.clone().unwrap_or_default(),
        members: BTreeMap::new(),
        packages: BTreeMap::from([(Package::DetectiveCore, IngestState::Started)]),
        auto_enable: Observation::NotRequested,
        package_state_since: BTreeMap::new(),
    }
}

/// The first 20, separated by commas, and the number of the others.
fn joined_ids(ids: &BTreeSet<String>) -> String {
    let first: Vec<&str> = ids.iter().take(20).map(String::as_str).collect();
    match ids.len().saturating_sub(first.len()) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

#[cfg(test)]
mod tests;
