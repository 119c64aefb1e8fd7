//! Member accounts of a behavior graph, in the terms of Detective's API.

use gumshoe_alerts::message::{IngestState, Package};
use gumshoe_domain::coverage::{DisabledReason, MemberStatus};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A member account, as ListMembers, GetMembers and ListInvitations describe it (Detective API Reference, MemberDetail).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// 12 digits.
    pub account_id: String,
    /// The root user's e-mail address, if Detective returned it.
    pub email: Option<String>,
    /// The graph that it sends its data to, or is invited to.
    pub graph_arn: String,
    /// The account that administers that graph; `None` if Detective did not return it.
    pub administrator_id: Option<String>,
    /// Where the account is on the way from invitation to sending data.
    pub status: MemberStatus,
    /// Detective's reason for status ACCEPTED_BUT_DISABLED.
    pub disabled_reason: Option<DisabledReason>,
    /// Whether it was invited or is a member through its organization.
    pub invitation: InvitationType,
    /// When it was invited.
    pub invited_at: Option<Timestamp>,
    /// When its status last changed.
    pub updated_at: Option<Timestamp>,
    /// The state of each data source package that it may send.
    pub packages: BTreeMap<Package, IngestState>,
}

/// Detective's `InvitationType` of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InvitationType {
    /// It was invited, and has to accept the invitation.
    Invitation,
    /// It is a member through its organization, without an invitation.
    Organization,
}
