//! The member's side: what an account does about each graph that it is invited to or a member of, and what it skips.
//!
//! | status | listed administrator | another |
//! | --- | --- | --- |
//! | INVITED | accept | reject if configured |
//! | VERIFICATION_IN_PROGRESS | wait | wait |
//! | ENABLED, ACCEPTED_BUT_DISABLED | nothing; leave on request, if ENABLED | the same |
//!
//! A member through its organization can neither accept nor leave.

use crate::member::{InvitationType, Member};
use gumshoe_domain::coverage::{DisabledReason, MemberStatus, graph_administrator};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A call that the member account makes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
pub enum MembershipAction {
    /// AcceptInvitation: the account sends its data into the graph.
    Accept(GraphRef),
    /// RejectInvitation: the invitation is deleted; the administrator account can send another.
    Reject(GraphRef),
    /// DisassociateMembership: the account stops sending data.
    Leave(GraphRef),
}

/// A graph and its administrator.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GraphRef {
    /// The graph's ARN.
    pub graph_arn: String,
    /// The administrator account: 12 digits.
    pub administrator_id: String,
}

impl MembershipAction {
    /// The graph that the action is about.
    #[must_use]
    pub fn graph(&self) -> &GraphRef {
        match self {
            Self::Accept(graph) | Self::Reject(graph) | Self::Leave(graph) => graph,
        }
    }
}

impl fmt::Display for MembershipAction {
    /// The operation's name in Detective's API.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Accept(_) => "AcceptInvitation",
            Self::Reject(_) => "RejectInvitation",
            Self::Leave(_) => "DisassociateMembership",
        })
    }
}

/// The configuration of the stack and the request.
#[derive(Debug, Clone, Copy)]
pub struct MembershipPolicy<'a> {
    /// Accounts whose invitations are accepted.
    pub allowed_administrators: &'a BTreeSet<String>,
    /// Whether invitations of other accounts are rejected. Otherwise they are skipped.
    pub rejects_others: bool,
    /// The ARN of a graph to leave, if the caller requested it.
    pub leave_graph_arn: Option<&'a str>,
}

/// A graph for which no action is needed or possible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedGraph {
    /// The graph's ARN.
    pub graph_arn: String,
    /// The administrator account; `None` if it is not known.
    pub administrator_id: Option<String>,
    /// Why there is no action.
    #[serde(flatten)]
    pub reason: SkipReason,
}

/// Why a graph is skipped. The serialized codes are part of the function's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum SkipReason {
    /// ENABLED.
    IsMember,
    /// ACCEPTED_BUT_DISABLED.
    IsDisabled {
        /// Detective's reason.
        reason: Option<DisabledReason>,
    },
    /// A member through its organization.
    #[serde(rename = "of_organization")]
    OrganizationMember,
    /// VERIFICATION_IN_PROGRESS.
    #[serde(rename = "being_verified")]
    VerificationInProgress,
    /// VERIFICATION_FAILED.
    VerificationFailed,
    /// INVITED by an account that is not in the parameter `Administrators`.
    #[serde(rename = "not_listed")]
    AdministratorNotAllowed,
    /// INVITED, but neither Detective nor the ARN contains the administrator.
    AdministratorUnknown,
    /// The caller requested to leave it, which is not possible in this status.
    CannotLeave {
        /// The member's status.
        status: MemberStatus,
    },
    /// The caller requested to leave it, but the account is neither a member nor invited.
    NotMember,
    /// A status that this version does not know.
    StatusUnknown,
}

impl fmt::Display for SkipReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::IsMember => "the account is a member",
            Self::IsDisabled { reason: None } => "the account has accepted and is disabled",
            Self::IsDisabled { reason: Some(reason) } => {
                return write!(formatter, "the account has accepted and is disabled ({reason}): its administrator enables it");
            }
            Self::OrganizationMember => {
                "the account is a member through its organization and can neither accept nor leave: its administrator decides"
            }
            Self::VerificationInProgress => "Detective still verifies the account: a later run accepts the invitation",
            Self::VerificationFailed => {
                "the e-mail address of the invitation is not the account's: the administrator has to invite the account again"
            }
            Self::AdministratorNotAllowed => "the administrator account is not in the parameter Administrators",
            Self::AdministratorUnknown => "Detective returned no administrator of the graph",
            Self::CannotLeave { status } => {
                return write!(formatter, "only a member that is ENABLED can leave, and the account is {status}");
            }
            Self::NotMember => "nothing to leave: the account is neither a member nor invited",
            Self::StatusUnknown => "this version does not know the status that Detective returned",
        })
    }
}

/// The actions of a run, and the graphs without one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MembershipPlan {
    /// In the order of the graphs' ARNs.
    pub actions: Vec<MembershipAction>,
    /// The graphs for which there is no action.
    pub skipped: Vec<SkippedGraph>,
}

impl MembershipPlan {
    /// The plan for the response of ListInvitations. A request to leave a graph has priority over everything except rejecting its
    /// invitation.
    #[must_use]
    pub fn of(invitations: &[Member], policy: MembershipPolicy<'_>) -> Self {
        // A graph that moved between two pages can be listed twice.
        let by_graph: BTreeMap<&str, &Member> = invitations.iter().map(|it| (it.graph_arn.as_str(), it)).collect();
        let mut plan = Self::default();
        for (arn, member) in &by_graph {
            let administrator_id = administrator_id_of(member).map(str::to_owned);
            match decide(member, administrator_id.as_deref(), policy) {
                Ok(action) => plan.actions.push(action),
                Err(reason) => {
                    plan.skipped.push(SkippedGraph { graph_arn: (*arn).to_owned(), administrator_id, reason })
                }
            }
        }
        if let Some(arn) = policy.leave_graph_arn.filter(|arn| !by_graph.contains_key(arn)) {
            let administrator_id = graph_administrator(arn).map(str::to_owned);
            plan.skipped.push(SkippedGraph {
                graph_arn: arn.to_owned(),
                administrator_id,
                reason: SkipReason::NotMember,
            });
        }
        plan
    }
}

fn decide(
    member: &Member,
    administrator_id: Option<&str>,
    policy: MembershipPolicy<'_>,
) -> Result<MembershipAction, SkipReason> {
    let leave_requested = policy.leave_graph_arn == Some(member.graph_arn.as_str());
    if member.invitation == InvitationType::Organization {
        return Err(SkipReason::OrganizationMember);
    }
    let graph =
        administrator_id.map(|id| GraphRef { graph_arn: member.graph_arn.clone(), administrator_id: id.to_owned() });
    let graph = graph.ok_or(SkipReason::AdministratorUnknown);
    match member.status {
        MemberStatus::Enabled if leave_requested => graph.map(MembershipAction::Leave),
        MemberStatus::Enabled => Err(SkipReason::IsMember),
        MemberStatus::Invited => {
            let graph = graph?;
            let is_listed = policy.allowed_administrators.contains(&graph.administrator_id);
            match (is_listed, policy.rejects_others) {
                (false, true) => Ok(MembershipAction::Reject(graph)),
                _ if leave_requested => Err(SkipReason::CannotLeave { status: member.status }),
                (true, _) => Ok(MembershipAction::Accept(graph)),
                (false, false) => Err(SkipReason::AdministratorNotAllowed),
            }
        }
        status if leave_requested => Err(SkipReason::CannotLeave { status }),
        MemberStatus::AcceptedButDisabled => Err(SkipReason::IsDisabled { reason: member.disabled_reason }),
        MemberStatus::VerificationInProgress => Err(SkipReason::VerificationInProgress),
        MemberStatus::VerificationFailed => Err(SkipReason::VerificationFailed),
        MemberStatus::Unknown => Err(SkipReason::StatusUnknown),
    }
}

/// The administrator account as Detective returned it, or else from the graph's ARN.
fn administrator_id_of(member: &Member) -> Option<&str> {
    member.administrator_id.as_deref().or_else(|| graph_administrator(&member.graph_arn))
}

#[cfg(test)]
mod tests;
