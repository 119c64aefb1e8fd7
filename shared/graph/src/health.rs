//! The graph's health: its issues, and the numbers of members.

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

/// The percentages of [`MAX_MEMBERS`] from which an issue is reported.
const LIMIT_WARNING_PERCENTS: [u8; 3] = [90, 95, 100];

/// The issues of the graph and its numbers of members.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Health {
    /// The differences from the desired state, and what could not be read.
    #[serde(rename = "ailments")]
    pub issues: BTreeSet<Issue>,
    /// Since when an issue exists, if Detective reports that.
    #[serde(skip)]
    pub since: BTreeMap<Issue, Timestamp>,
    /// Kinds that could not be evaluated. Their known issues count as unresolved.
    #[serde(skip)]
    pub unevaluated_kinds: BTreeSet<IssueKind>,
    /// The number of members of any status.
    pub members: usize,
    /// The number of members with status ENABLED, which send data.
    pub members_enabled: usize,
}

impl Health {
    /// Compares the current state with the desired state.
    #[must_use]
    pub fn of(desired: &DesiredState, current: &CurrentState, now: Timestamp) -> Self {
        let mut health = Self::default();
        health.administrator(desired, current);
        if other_administrator(desired, current).is_some() || !desired.graph.enabled {
            return health;
        }
        if desired.includes_organization()
            && let Observation::Unavailable(why) = &current.organization
        {
            health.add(
                not_readable_issue(GraphReadTarget::Organization, &format!("the organization's accounts ({why})")),
                None,
            );
            health.unevaluated_kinds.insert(IssueKind::AccountOutside);
        }
        match &current.graph {
            None => health.add(Issue::NoGraph, None),
            Some(graph) => health.graph(desired, current, graph, now),
        }
        health
    }

    /// The health if the document is invalid: one issue, with the reason and the paths of the faults. All other kinds are not
    /// evaluated.
    #[must_use]
    pub fn from_invalid_document(why: &str, places: Vec<String>) -> Self {
        let mut health = Self::default();
        health.add(Issue::DocumentWrong { why: gumshoe_domain::text::one_line(why, 500), places }, None);
        let evaluated = IssueKind::DocumentWrong;
        health.unevaluated_kinds = IssueKind::ALL.into_iter().filter(|kind| *kind != evaluated).collect();
        health
    }

    /// The number of issues of each kind.
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

    fn administrator(&mut self, desired: &DesiredState, current: &CurrentState) {
        let Some(wanted) = desired.organization.as_ref().and_then(|it| it.administrator.as_ref()) else { return };
        match &current.administrator {
            Observation::Known(administrator) if administrator.as_ref() != Some(wanted) => {
                self.add(Issue::OtherAdministrator { account_id: administrator.clone() }, None);
            }
            Observation::Unavailable(why) => {
                self.add(
                    not_readable_issue(GraphReadTarget::Administrator, &format!("Detective's administrator ({why})")),
                    None,
                );
                self.unevaluated_kinds.insert(IssueKind::OtherAdministrator);
            }
            Observation::Known(_) | Observation::NotRequested => {}
        }
    }

    fn graph(&mut self, desired: &DesiredState, current: &CurrentState, graph: &CurrentGraph, now: Timestamp) {
        self.members = graph.members.len();
        self.members_enabled = graph.members.values().filter(|it| it.status == MemberStatus::Enabled).count();
        let percent = self.members.saturating_mul(100) / MAX_MEMBERS;
        if let Some(percent) = LIMIT_WARNING_PERCENTS.into_iter().rev().find(|near| percent >= usize::from(*near)) {
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
                    self.add(not_readable_issue(GraphReadTarget::AutoEnable, &format!("auto-enable ({why})")), None);
                    self.unevaluated_kinds.insert(IssueKind::AutoEnable);
                }
                Observation::Known(_) | Observation::NotRequested => {}
            }
        }
        let wanted = desired.members.as_ref().map(|members| desired_members(members, current)).unwrap_or_default();
        for id in wanted.keys().filter(|id| !graph.members.contains_key(**id)) {
            self.add(Issue::AccountOutside { account_id: (*id).to_owned() }, None);
        }
        let invitation_age_limit = SignedDuration::from_hours(24 * i64::from(desired.invitation_days));
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
                    let old = member.invited_at.is_some_and(|at| now.duration_since(at) > invitation_age_limit);
                    if old && member.invitation == InvitationType::Invitation {
                        self.add(Issue::InvitationOld { account_id }, member.invited_at);
                    }
                }
                // Detective has not reported its packages yet.
                MemberStatus::Enabled if member.packages.is_empty() => {}
                MemberStatus::Enabled => {
                    // A package that the graph itself does not ingest is one issue, not one of every member.
                    let ingested =
                        wanted_packages.iter().filter(|it| graph.packages.get(it) == Some(&IngestState::Started));
                    for package in ingested.copied() {
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

fn not_readable_issue(part: GraphReadTarget, what: &str) -> Issue {
    Issue::NotReadable { part: Some(part), what: what.to_owned() }
}

#[cfg(test)]
mod tests;
