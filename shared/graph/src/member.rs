//! Member accounts of a behavior graph, in Detective's own words.

use gumshoe_domain::coverage::{DisabledReason, MemberStatus};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

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

/// A data source package of a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Package {
    /// CloudTrail, VPC flow logs and GuardDuty findings. Always there.
    DetectiveCore,
    /// EKS audit logs.
    EksAudit,
    /// Findings of Security Hub.
    AsffSecurityhubFinding,
}

/// The state of a data source package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IngestState {
    /// Data comes in.
    Started,
    /// Data no longer comes in.
    Stopped,
    /// It was never started.
    Disabled,
}

impl fmt::Display for Package {
    /// Detective's own word.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::DetectiveCore => "DETECTIVE_CORE",
            Self::EksAudit => "EKS_AUDIT",
            Self::AsffSecurityhubFinding => "ASFF_SECURITYHUB_FINDING",
        })
    }
}

impl fmt::Display for IngestState {
    /// Detective's own word.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Started => "STARTED",
            Self::Stopped => "STOPPED",
            Self::Disabled => "DISABLED",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_written_as_they_are_read() {
        let word = |value: serde_json::Value| value.as_str().unwrap().to_owned();
        for package in [Package::DetectiveCore, Package::EksAudit, Package::AsffSecurityhubFinding] {
            assert_eq!(word(serde_json::to_value(package).unwrap()), package.to_string());
        }
    }
}
