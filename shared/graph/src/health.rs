//! What is wrong with the graph.

use crate::current::{CurrentGraph, CurrentState, Observation};
use crate::document::DesiredState;
use crate::issue::counts_by_kind;
use crate::member::InvitationType;
use crate::plan::{MAX_MEMBERS, desired_members, other_administrator};
use gumshoe_alerts::message::{GraphReadTarget, IngestState, Issue, IssueKind, Package};
use gumshoe_domain::coverage::MemberStatus;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// From how many hundredths of the most members on it is told how near the limit is.
const NEAR: [u8; 3] = [90, 95, 100];

/// The graph's health.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Health {
    /// What is wrong.
    #[serde(rename = "ailments")]
    pub issues: BTreeSet<Issue>,
    /// Since when, of what Detective tells that of.
    #[serde(skip)]
    pub since: BTreeMap<Issue, Timestamp>,
    /// Kinds of issues that could not be looked for: what is known of them still holds.
    #[serde(skip)]
    pub unevaluated_kinds: BTreeSet<IssueKind>,
    /// Members of any status.
    pub members: usize,
    /// Those that send their data.
    pub members_enabled: usize,
}

impl Health {
    /// How the graph is.
    #[must_use]
    pub fn of(desired: &DesiredState, actual: &CurrentState, now: Timestamp) -> Self {
        let mut health = Self::default();
        health.administrator(desired, actual);
        if other_administrator(desired, actual).is_some() || !desired.graph.enabled {
            return health;
        }
        if desired.includes_organization()
            && let Observation::Unavailable(why) = &actual.organization
        {
            health.add(unread(GraphReadTarget::Organization, &format!("the organization's accounts ({why})")), None);
            health.unevaluated_kinds.insert(IssueKind::AccountOutside);
        }
        match &actual.graph {
            None => health.add(Issue::NoGraph, None),
            Some(graph) => health.graph(desired, actual, graph, now),
        }
        health
    }

    /// A health with nothing but a document that cannot be used: why, and at which places of it.
    #[must_use]
    pub fn from_invalid_document(why: &str, places: Vec<String>) -> Self {
        let mut health = Self::default();
        health.add(Issue::DocumentWrong { why: gumshoe_domain::text::one_line(why, 500), places }, None);
        let judged = IssueKind::DocumentWrong;
        health.unevaluated_kinds = IssueKind::ALL.into_iter().filter(|kind| *kind != judged).collect();
        health
    }

    /// How many there are of each kind.
    #[must_use]
    pub fn counts_by_kind(&self) -> BTreeMap<IssueKind, usize> {
        counts_by_kind(&self.issues)
    }

    fn add(&mut self, issue: Issue, since: Option<Timestamp>) {
        if let Some(since) = since {
            self.since.insert(issue.clone(), since);
        }
        self.issues.insert(issue);
    }

    fn administrator(&mut self, desired: &DesiredState, actual: &CurrentState) {
        let Some(wanted) = desired.organization.as_ref().and_then(|it| it.administrator.as_ref()) else { return };
        match &actual.administrator {
            Observation::Known(current) if current.as_ref() != Some(wanted) => {
                self.add(Issue::OtherAdministrator { account_id: current.clone() }, None);
            }
            Observation::Unavailable(why) => {
                self.add(unread(GraphReadTarget::Administrator, &format!("Detective's administrator ({why})")), None);
                self.unevaluated_kinds.insert(IssueKind::OtherAdministrator);
            }
            Observation::Known(_) | Observation::NotRequested => {}
        }
    }

    fn graph(&mut self, desired: &DesiredState, actual: &CurrentState, graph: &CurrentGraph, now: Timestamp) {
        self.members = graph.members.len();
        self.members_enabled = graph.members.values().filter(|it| it.status == MemberStatus::Enabled).count();
        let percent = self.members.saturating_mul(100) / MAX_MEMBERS;
        if let Some(percent) = NEAR.into_iter().rev().find(|near| percent >= usize::from(*near)) {
            self.add(Issue::NearLimit { percent }, None);
        }
        let wanted_packages = desired.packages.iter().copied().chain([Package::DetectiveCore]).collect::<BTreeSet<_>>();
        for package in &wanted_packages {
            let state = graph.packages.get(package).copied();
            if state != Some(IngestState::Started) {
                self.add(Issue::PackageStopped { package: *package, state }, None);
            }
        }
        if let Some(auto_enable) = desired.organization.as_ref().and_then(|it| it.auto_enable) {
            match &graph.auto_enable {
                Observation::Known(is) if *is != auto_enable => self.add(Issue::AutoEnable { is: *is }, None),
                Observation::Unavailable(why) => {
                    self.add(unread(GraphReadTarget::AutoEnable, &format!("auto-enable ({why})")), None);
                    self.unevaluated_kinds.insert(IssueKind::AutoEnable);
                }
                Observation::Known(_) | Observation::NotRequested => {}
            }
        }
        let wanted = desired.members.as_ref().map(|members| desired_members(members, actual)).unwrap_or_default();
        for id in wanted.keys().filter(|id| !graph.members.contains_key(**id)) {
            self.add(Issue::AccountOutside { account_id: (*id).to_owned() }, None);
        }
        let patience = SignedDuration::from_hours(24 * i64::from(desired.invitation_days));
        for member in graph.members.values() {
            let account_id = member.account_id.clone();
            match member.status {
                MemberStatus::AcceptedButDisabled => {
                    self.add(Issue::MemberDisabled { account_id, reason: member.disabled_reason }, member.updated_at);
                }
                MemberStatus::VerificationFailed => {
                    self.add(Issue::VerificationFailed { account_id }, member.updated_at);
                }
                MemberStatus::Invited | MemberStatus::VerificationInProgress => {
                    let old = member.invited_at.is_some_and(|at| now.duration_since(at) > patience);
                    if old && member.invitation == InvitationType::Invitation {
                        self.add(Issue::InvitationOld { account_id }, member.invited_at);
                    }
                }
                // Detective has told nothing of its packages yet.
                MemberStatus::Enabled if member.packages.is_empty() => {}
                MemberStatus::Enabled => {
                    // What the graph itself does not take in is told of once, not of every member.
                    let taken =
                        wanted_packages.iter().filter(|it| graph.packages.get(it) == Some(&IngestState::Started));
                    for package in taken.copied() {
                        let state = member.packages.get(&package).copied();
                        if state != Some(IngestState::Started) {
                            let since = graph.package_state_since.get(&(account_id.clone(), package)).copied();
                            let account_id = account_id.clone();
                            self.add(Issue::MemberPackageStopped { account_id, package, state }, since);
                        }
                    }
                }
                MemberStatus::Unknown => {}
            }
        }
    }
}

fn unread(part: GraphReadTarget, what: &str) -> Issue {
    Issue::NotReadable { part: Some(part), what: what.to_owned() }
}

#[cfg(test)]
mod tests;
