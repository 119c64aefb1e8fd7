//! Whether the behavior graph has data of an account. Without data, Detective always finds nothing.

use crate::principal::arn::{is_account_id, is_region};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Detective's `Status` of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MemberStatus {
    /// It has not answered its invitation.
    Invited,
    /// Detective verifies its id and e-mail address.
    VerificationInProgress,
    /// Its id and e-mail address do not match.
    VerificationFailed,
    /// It sends its data.
    Enabled,
    /// It accepted the invitation and sends no data.
    AcceptedButDisabled,
    /// A status that this version does not know.
    Unknown,
}

/// Detective's `DisabledReason` of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DisabledReason {
    /// Its data would exceed the graph's data volume quota.
    VolumeTooHigh,
    /// Detective cannot determine its data volume. Usually GuardDuty is not enabled in it.
    VolumeUnknown,
    /// A reason that this version does not know.
    Unknown,
}

/// Whether an account sends its data to a behavior graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GraphMembership {
    /// It administers the graph, or is an enabled member.
    InGraph,
    /// It sends no data.
    Outside(OutsideGraph),
}

/// An account that sends no data to the graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutsideGraph {
    /// The account's id, as in the finding's principal.
    pub account_id: String,
    /// Its status as a member; `None` if it is not a member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<MemberStatus>,
    /// Why it is disabled after it accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_reason: Option<DisabledReason>,
}

impl GraphMembership {
    /// The membership of an account, by its status as a member (`None` if it is not a member).
    ///
    /// A status that this version does not know is not `ENABLED`, so it is reported.
    #[must_use]
    pub fn of(account_id: &str, status: Option<MemberStatus>, disabled_reason: Option<DisabledReason>) -> Self {
        match status {
            Some(MemberStatus::Enabled) => Self::InGraph,
            _ => Self::Outside(OutsideGraph { account_id: account_id.to_owned(), status, disabled_reason }),
        }
    }

    /// The account, if the graph has no data of it; otherwise `None`.
    #[must_use]
    pub fn into_outside_graph(self) -> Option<OutsideGraph> {
        match self {
            Self::InGraph => None,
            Self::Outside(outside) => Some(outside),
        }
    }
}

/// The account that administers a graph, by its ARN: `arn:PARTITION:detective:REGION:ACCOUNT:graph:ID`.
#[must_use]
pub fn graph_administrator(graph_arn: &str) -> Option<&str> {
    graph_arn.split(':').nth(4).filter(|id| is_account_id(id))
}

/// The Region of a graph, by its ARN.
#[must_use]
pub fn graph_region(graph_arn: &str) -> Option<&str> {
    graph_arn.split(':').nth(3).filter(|region| is_region(region))
}

/// Whether a text is a behavior graph's ARN: `arn:aws:detective:REGION:ACCOUNT:graph:ID` with an id of 32 hexadecimal digits
/// (Detective API Reference, GraphArn).
#[must_use]
pub fn is_graph_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let [arn, partition, service, region, account_id, kind, id] = parts[..] else { return false };
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (arn, service, kind) == ("arn", "detective", "graph")
        && partition.starts_with("aws")
        && partition.len() <= 13
        && is_word(partition)
        && (2..=20).contains(&region.len())
        && is_word(region)
        && is_account_id(account_id)
        && id.len() == 32
        && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl fmt::Display for MemberStatus {
    /// Detective's value.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Invited => "INVITED",
            Self::VerificationInProgress => "VERIFICATION_IN_PROGRESS",
            Self::VerificationFailed => "VERIFICATION_FAILED",
            Self::Enabled => "ENABLED",
            Self::AcceptedButDisabled => "ACCEPTED_BUT_DISABLED",
            Self::Unknown => "UNKNOWN",
        })
    }
}

impl fmt::Display for DisabledReason {
    /// Detective's value.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::VolumeTooHigh => "VOLUME_TOO_HIGH",
            Self::VolumeUnknown => "VOLUME_UNKNOWN",
            Self::Unknown => "UNKNOWN",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "111122223333";

    #[test]
    fn only_an_enabled_member_is_in_the_graph() {
        assert_eq!(GraphMembership::of(ACCOUNT, Some(MemberStatus::Enabled), None).into_outside_graph(), None);
        let outside = |status, reason| GraphMembership::of(ACCOUNT, status, reason).into_outside_graph().unwrap();
        for (status, disabled_reason) in [
            (None, None),
            (Some(MemberStatus::Invited), None),
            (Some(MemberStatus::VerificationInProgress), None),
            (Some(MemberStatus::VerificationFailed), None),
            (Some(MemberStatus::AcceptedButDisabled), Some(DisabledReason::VolumeTooHigh)),
            (Some(MemberStatus::AcceptedButDisabled), Some(DisabledReason::VolumeUnknown)),
            (Some(MemberStatus::Unknown), None),
        ] {
            let expected = OutsideGraph { account_id: ACCOUNT.to_owned(), status, disabled_reason };
            assert_eq!(outside(status, disabled_reason), expected);
        }
    }

    #[test]
    fn statuses_round_trip() {
        for status in [
            MemberStatus::Invited,
            MemberStatus::VerificationInProgress,
            MemberStatus::VerificationFailed,
            MemberStatus::Enabled,
            MemberStatus::AcceptedButDisabled,
        ] {
            assert_eq!(serde_json::to_value(status).unwrap(), status.to_string());
        }
    }

    #[test]
    fn the_administrator_and_the_region_are_parsed_from_the_arn() {
        let arn = "arn:aws-cn:detective:cn-north-1:123456789012:graph:0123456789abcdef0123456789abcdef";
        assert_eq!((graph_administrator(arn), graph_region(arn)), (Some("123456789012"), Some("cn-north-1")));
        assert_eq!((graph_administrator(""), graph_region("")), (None, None));
    }

    #[test]
    fn graph_arns_have_one_format() {
        let good = format!("arn:aws:detective:us-east-1:{ACCOUNT}:graph:0123456789abcdef0123456789abcdef");
        for good in [good.clone(), good.replace("arn:aws:", "arn:aws-us-gov:")] {
            assert!(is_graph_arn(&good), "{good}");
        }
        for wrong in [
            "",
            "graph",
            &good[1..],
            &good[..good.len() - 1],
            &good.to_uppercase(),
            &format!("{good}:x"),
            &good.replace("detective", "guardduty"),
            &good.replace(ACCOUNT, "1"),
        ] {
            assert!(!is_graph_arn(wrong), "{wrong}");
        }
    }
}
