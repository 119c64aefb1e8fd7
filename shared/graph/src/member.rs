//! Member accounts of a behavior graph, in Detective's own words.

use gumshoe_alerts::message::{IngestState, Package};
use gumshoe_domain::coverage::{DisabledReason, MemberStatus};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A member account, as ListMembers, GetMembers and ListInvitations describe it (Detective API Reference, MemberDetail).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its id: 12 digits.
    pub account_id: String,
    /// The root user's e-mail address, as far as it was told.
    pub email: Option<String>,
    /// The graph that it sends its data to, or is invited to.
    pub graph_arn: String,
    /// The account that administers that graph; nothing where it was not told.
    pub administrator_id: Option<String>,
    /// How far it has come.
    pub status: MemberStatus,
    /// Why it is accepted and disabled.
    pub disabled_reason: Option<DisabledReason>,
    /// How it came to be one.
    pub invitation: InvitationType,
    /// When it was invited.
    pub invited_at: Option<Timestamp>,
    /// When its status last changed.
    pub updated_at: Option<Timestamp>,
    /// What it sends, by data source package.
    pub packages: BTreeMap<Package, IngestState>,
}

/// Detective's `InvitationType` of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InvitationType {
    /// It was invited, and has to accept.
    Invitation,
    /// It is of the organization, and asked nothing.
    Organization,
}
