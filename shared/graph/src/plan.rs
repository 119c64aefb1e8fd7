//! From what the graph is to what it should be: a pure function, so that a plan can be shown before it is carried out.

use crate::account::{Account, is_email};
use crate::current::{CurrentGraph, CurrentState, Observation};
use crate::document::{Changes, DesiredMembers, DesiredState};
use gumshoe_alerts::message::{IngestState, Package};
use gumshoe_domain::coverage::MemberStatus;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Detective User Guide, "Quotas": member accounts of a behavior graph.
pub const MAX_MEMBERS: usize = 1200;

/// What would bring the graph to what it should be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// In the order in which they are carried out.
    pub changes: Vec<Change>,
    /// What is not as it should be and is left so.
    #[serde(rename = "withheld")]
    pub skipped: Vec<SkippedChange>,
}

/// One change. Lists may be longer than a call takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the fields are what the operations take")]
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
    /// StartMonitoringMember, once for each.
    StartMonitoring { account_ids: BTreeSet<String> },
}

/// Something that is left as it is, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SkippedChange {
    /// What would have to be done.
    #[serde(rename = "what")]
    pub change: String,
    /// Why it is not.
    #[serde(rename = "why")]
    pub reason: String,
}

/// Whether a graph may be deleted: its ARN, where somebody gave it as confirmation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeletionConfirmation {
    /// The ARN that the caller gave.
    pub graph_arn: Option<String>,
}

impl Plan {
    /// The plan. A second one, made when the first was carried out, has no changes.
    #[must_use]
    pub fn of(desired: &DesiredState, actual: &CurrentState, confirmed: &DeletionConfirmation) -> Self {
        let mut plan = Self::default();
        plan.administrator(desired, actual);
        if let Some(other) = other_administrator(desired, actual) {
            plan.skip("keep the behavior graph", format!("{other} administers it: deploy there"));
            return plan;
        }
        match (&actual.graph, desired.graph.enabled) {
            (Some(graph), true) => plan.graph(desired, actual, graph),
            (None, true) => {
                plan.changes.push(Change::CreateGraph { tags: desired.graph.tags.clone().unwrap_or_default() });
                plan.graph(desired, actual, &new_graph(desired));
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

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    fn skip(&mut self, change: impl Into<String>, reason: impl Into<String>) {
        self.skipped.push(SkippedChange { change: change.into(), reason: reason.into() });
    }

    fn administrator(&mut self, desired: &DesiredState, actual: &CurrentState) {
        let Some(organization) = &desired.organization else { return };
        let Some(wanted) = &organization.administrator else { return };
        let what = format!("see to it that {wanted} is Detective's administrator");
        let current = match &actual.administrator {
            Observation::NotRequested => return,
            Observation::Unavailable(why) => return self.skip(what, why.clone()),
            Observation::Known(current) => current.as_ref(),
        };
        if current == Some(wanted) {
            return;
        }
        // Before anything is removed: Detective would not take the next one.
        match &actual.candidates {
            Observation::Known(candidates) if !candidates.allows(wanted) => {
                let delegated = candidates.delegated.as_deref().unwrap_or_default();
                let why = "deregister it there first, which removes it, with its graphs, in all Regions";
                return self.skip(
                    what,
                    format!("Organizations has {delegated} as Detective's delegated administrator: {why}"),
                );
            }
            Observation::Known(_) => {}
            Observation::Unavailable(why) if current.is_some() => return self.skip(what, why.clone()),
            Observation::NotRequested | Observation::Unavailable(_) => {} // naming the first one does no harm where Detective refuses it
        }
        if let Some(current) = current {
            if organization.replaces.as_ref() != Some(current) {
                let why =
                    format!("{current} is, and its behavior graph would be deleted: name it in organization.replaces");
                return self.skip(what, why);
            }
            if desired.changes != Changes::Full {
                return self.skip(what, ADD_ONLY);
            }
            self.changes.push(Change::DisableAdministrator { account_id: current.clone() });
        }
        self.changes.push(Change::EnableAdministrator { account_id: wanted.clone() });
    }

    fn graph(&mut self, desired: &DesiredState, actual: &CurrentState, graph: &CurrentGraph) {
        let full = desired.changes == Changes::Full;
        if let Some(wanted) = &desired.graph.tags {
            self.tags(wanted, &graph.tags, full);
        }
        let lacking: BTreeSet<Package> = desired.packages.iter().copied().filter(|it| !started(graph, *it)).collect();
        if !lacking.is_empty() {
            self.changes.push(Change::StartPackages { packages: lacking });
        }
        for (package, _) in graph.packages.iter().filter(|(package, _)| started(graph, **package)) {
            if !desired.packages.is_empty() && !desired.packages.contains(package) && *package != Package::DetectiveCore
            {
                self.skip(format!("stop {package}"), "Detective's API starts packages only: stop it in the console");
            }
        }
        if let Some(wanted) = desired.organization.as_ref().and_then(|it| it.auto_enable) {
            // Named administrator of the organization, its graph becomes the organization's, with auto-enable off.
            let named = Change::EnableAdministrator { account_id: actual.account_id.clone() };
            let becomes = if self.changes.contains(&named) { &Observation::Known(false) } else { &graph.auto_enable };
            self.auto_enable(wanted, becomes, full);
        }
        if let Some(members) = &desired.members {
            self.members(desired, members, actual, graph);
        }
    }

    fn tags(&mut self, wanted: &BTreeMap<String, String>, are: &BTreeMap<String, String>, full: bool) {
        let tags: BTreeMap<_, _> = wanted
            .iter()
            .filter(|(key, value)| are.get(*key) != Some(*value))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        let keys: BTreeSet<_> = are.keys().filter(|key| !wanted.contains_key(*key)).cloned().collect();
        // Those that go make room for those that come: a graph has at most 50.
        if !keys.is_empty() && full {
            self.changes.push(Change::Untag { keys });
        } else if !keys.is_empty() {
            self.skip(format!("remove the tags {}", joined(&keys)), ADD_ONLY);
        }
        if !tags.is_empty() {
            self.changes.push(Change::Tag { tags });
        }
    }

    fn auto_enable(&mut self, wanted: bool, is: &Observation<bool>, full: bool) {
        let what = format!("set auto-enable to {wanted}");
        match is {
            Observation::Known(is) if *is == wanted => {}
            Observation::Known(_) if !wanted && !full => self.skip(what, ADD_ONLY),
            Observation::Known(_) => self.changes.push(Change::SetAutoEnable { auto_enable: wanted }),
            Observation::Unavailable(why) => self.skip(what, why.clone()),
            Observation::NotRequested => {
                self.skip(what, "the graph is new: the next run can tell whether it is the organization's")
            }
        }
    }

    fn members(
        &mut self,
        desired: &DesiredState,
        members: &DesiredMembers,
        actual: &CurrentState,
        graph: &CurrentGraph,
    ) {
        if members.organization
            && let Observation::Unavailable(why) = &actual.organization
        {
            // A list that is not whole removes nobody and adds nobody of whom only the organization knows.
            self.skip("see to the organization's accounts", why.clone());
        }
        let wanted = desired_members(members, actual);
        let whole = !members.organization || actual.organization.known().is_some();
        let unwanted: BTreeSet<String> =
            graph.members.keys().filter(|id| whole && !wanted.contains_key(id.as_str())).cloned().collect();
        let mut count = graph.members.len();
        if !unwanted.is_empty() {
            let what = format!("remove {} members: {}", unwanted.len(), joined(&unwanted));
            if desired.changes != Changes::Full {
                self.skip(what, ADD_ONLY);
            } else if wanted.is_empty() {
                self.skip(what, "nobody would be left: a list that says so is taken for one that was cut off");
            } else if unwanted.len() > desired.max_removals {
                self.skip(what, format!("more than most_removals ({}) allows in a run", desired.max_removals));
            } else {
                count -= unwanted.len();
                self.changes.push(Change::RemoveMembers { account_ids: unwanted });
            }
        }
        let mut accounts = BTreeSet::new();
        let (mut unaddressed, mut without_room) = (BTreeSet::new(), BTreeSet::new());
        for (id, email) in &wanted {
            let is = graph.members.get(*id);
            let is_lacking = match is {
                None => true,
                // Detective has found that id and address do not belong together: only another address is worth a try.
                Some(member) => {
                    let is_other = |known: &String| !known.eq_ignore_ascii_case(email);
                    member.status == MemberStatus::VerificationFailed && member.email.as_ref().is_some_and(is_other)
                }
            };
            if !is_lacking {
                continue;
            }
            if !is_email(email) {
                unaddressed.insert((*id).to_owned());
                continue;
            }
            if is.is_none() && count >= MAX_MEMBERS {
                without_room.insert((*id).to_owned());
                continue;
            }
            count += usize::from(is.is_none());
            accounts.insert(Account { account_id: (*id).to_owned(), email: (*email).to_owned() });
        }
        for (ids, why) in [
            (
                unaddressed,
                "Detective takes no such e-mail address: more than 64 characters, or other letters".to_owned(),
            ),
            (without_room, format!("a behavior graph has at most {MAX_MEMBERS} members")),
        ] {
            if !ids.is_empty() {
                self.skip(format!("add {} members: {}", ids.len(), joined(&ids)), why);
            }
        }
        if !accounts.is_empty() {
            self.changes.push(Change::AddMembers { accounts });
        }
        let disabled =
            |id: &&str| graph.members.get(*id).is_some_and(|it| it.status == MemberStatus::AcceptedButDisabled);
        let account_ids: BTreeSet<String> =
            wanted.keys().filter(|id| disabled(id)).map(|id| (*id).to_owned()).collect();
        if !account_ids.is_empty() {
            self.changes.push(Change::StartMonitoring { account_ids });
        }
    }
}

const ADD_ONLY: &str = "changes is add-only";

/// Who should be a member, with the e-mail address: never the administrator itself.
pub(crate) fn desired_members<'a>(members: &'a DesiredMembers, actual: &'a CurrentState) -> BTreeMap<&'a str, &'a str> {
    let of_organization = actual.organization.known().filter(|_| members.organization).into_iter().flatten();
    of_organization
        .chain(&members.accounts)
        .filter(|account| account.account_id != actual.account_id && !members.exclude.contains(&account.account_id))
        .map(|account| (account.account_id.as_str(), account.email.as_str()))
        .collect()
}

/// The account that should administer the graph, where it is not the looking one.
pub(crate) fn other_administrator<'a>(desired: &'a DesiredState, actual: &CurrentState) -> Option<&'a str> {
    let administrator = desired.organization.as_ref()?.administrator.as_deref()?;
    (administrator != actual.account_id).then_some(administrator)
}

fn started(graph: &CurrentGraph, package: Package) -> bool {
    graph.packages.get(&package) == Some(&IngestState::Started)
}

/// A graph as CreateGraph makes it.
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

/// The first few, and how many more.
fn joined(words: &BTreeSet<String>) -> String {
    let first: Vec<&str> = words.iter().take(20).map(String::as_str).collect();
    match words.len().saturating_sub(first.len()) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

#[cfg(test)]
mod tests;
