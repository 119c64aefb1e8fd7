//! Whether the graph holds an account's data: without them, Detective finds nothing, whatever happened.

use super::account::is_account_id;
use super::{DisabledReason, Member, MemberStatus};
use crate::investigation::InvestigationSeverity;
use crate::principal::arn::is_region;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Whether an account sends its data to a behavior graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coverage {
    /// It does: it administers the graph, or is an enabled member.
    InGraph,
    /// It does not.
    Outside(OutsideGraph),
}

/// An account that sends nothing to the graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutsideGraph {
    /// Its id, as the finding's principal has it.
    pub account_id: String,
    /// How far it has come as a member; nothing where it is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<MemberStatus>,
    /// Why it is accepted and disabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_reason: Option<DisabledReason>,
}

impl Coverage {
    /// The account's, by what the graph's administrator sees of it as a member; nothing where it is none.
    ///
    /// A status that this version does not know is not `ENABLED`, and so is told.
    #[must_use]
    pub fn of(account_id: &str, member: Option<&Member>) -> Self {
        let status = member.map(|member| member.status);
        match status {
            Some(MemberStatus::Enabled) => Self::InGraph,
            _ => Self::Outside(OutsideGraph {
                account_id: account_id.to_owned(),
                status,
                disabled_reason: member.and_then(|member| member.disabled_reason),
            }),
        }
    }

    /// Why the account's data are not in the graph; nothing where they are.
    #[must_use]
    pub fn outside(self) -> Option<OutsideGraph> {
        match self {
            Self::InGraph => None,
            Self::Outside(outside) => Some(outside),
        }
    }
}

/// The account that administers a graph, by its ARN: `arn:PARTITION:detective:REGION:ACCOUNT:graph:ID`.
#[must_use]
pub fn administrator_of(graph_arn: &str) -> Option<&str> {
    graph_arn.split(':').nth(4).filter(|id| is_account_id(id))
}

/// The Region of a graph, by its ARN.
#[must_use]
pub fn region_of(graph_arn: &str) -> Option<&str> {
    graph_arn.split(':').nth(3).filter(|region| is_region(region))
}

impl OutsideGraph {
    /// Whether it is why there is no result: people would not hear of the case, or the investigation found nothing, neither an
    /// indicator nor a severity that people would hear of.
    ///
    /// `is_quiet`: what was found alone would close the case.
    ///
    /// What the account sent before it was disabled can still be found. It counts towards an alert, and never towards a quiet
    /// end: what came after it was not seen.
    #[must_use]
    pub fn explains(&self, is_quiet: bool, found_something: bool, severity: Option<InvestigationSeverity>) -> bool {
        is_quiet || (!found_something && severity < Some(InvestigationSeverity::High))
    }

    /// What an operator of the graph can do about it.
    #[must_use]
    pub fn mend(&self) -> &'static str {
        match (self.status, self.disabled_reason) {
            (None, _) => "make it an enabled member of the behavior graph",
            (Some(MemberStatus::Invited), _) => "accept the invitation in that account",
            (Some(MemberStatus::VerificationInProgress), _) => {
                "wait until Detective has verified it, then accept the invitation in that account"
            }
            (Some(MemberStatus::VerificationFailed), _) => "invite it again with the e-mail address of its root user",
            (Some(MemberStatus::AcceptedButDisabled), Some(DisabledReason::VolumeTooHigh)) => {
                "make room in the graph, which takes in too much, then enable it again"
            }
            (Some(MemberStatus::AcceptedButDisabled), Some(DisabledReason::VolumeUnknown)) => {
                "see that GuardDuty is on in it, so that its volume is known, then enable it again"
            }
            (Some(_), _) => "find out in Detective why it is disabled, then enable it again",
        }
    }
}

impl fmt::Display for OutsideGraph {
    /// `account 111122223333 is not in the behavior graph: ACCEPTED_BUT_DISABLED, VOLUME_TOO_HIGH`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = crate::text::one_line(&self.account_id, 32);
        write!(formatter, "account {account} is not in the behavior graph: ")?;
        match (self.status, self.disabled_reason) {
            (None, _) => formatter.write_str("not a member"),
            (Some(status), None) => write!(formatter, "{status}"),
            (Some(status), Some(reason)) => write!(formatter, "{status}, {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::InvitationType;
    use std::collections::BTreeMap;

    const ACCOUNT: &str = "111122223333";

    fn member(status: MemberStatus, disabled_reason: Option<DisabledReason>) -> Member {
        Member {
            account_id: ACCOUNT.to_owned(),
            email: None,
            graph_arn: String::new(),
            administrator_id: None,
            status,
            disabled_reason,
            invitation: InvitationType::Invitation,
            invited_at: None,
            updated_at: None,
            packages: BTreeMap::new(),
        }
    }

    #[test]
    fn only_an_enabled_member_is_in_the_graph() {
        assert_eq!(Coverage::of(ACCOUNT, Some(&member(MemberStatus::Enabled, None))).outside(), None);
        let words = |member: Option<Member>| Coverage::of(ACCOUNT, member.as_ref()).outside().unwrap().to_string();
        for (member, end) in [
            (None, "not a member"),
            (Some(member(MemberStatus::Invited, None)), "INVITED"),
            (Some(member(MemberStatus::VerificationInProgress, None)), "VERIFICATION_IN_PROGRESS"),
            (Some(member(MemberStatus::VerificationFailed, None)), "VERIFICATION_FAILED"),
            (
                Some(member(MemberStatus::AcceptedButDisabled, Some(DisabledReason::VolumeTooHigh))),
                "ACCEPTED_BUT_DISABLED, VOLUME_TOO_HIGH",
            ),
            (
                Some(member(MemberStatus::AcceptedButDisabled, Some(DisabledReason::VolumeUnknown))),
                "ACCEPTED_BUT_DISABLED, VOLUME_UNKNOWN",
            ),
            (Some(member(MemberStatus::Unknown, None)), "UNKNOWN"),
        ] {
            assert_eq!(words(member), format!("account {ACCOUNT} is not in the behavior graph: {end}"));
        }
    }

    #[test]
    fn an_empty_result_is_explained_by_it_and_no_case_ends_quietly_with_it() {
        let outside = OutsideGraph { account_id: ACCOUNT.to_owned(), status: None, disabled_reason: None };
        for severity in [None, Some(InvestigationSeverity::Informational), Some(InvestigationSeverity::Medium)] {
            assert!(outside.explains(false, false, severity));
            assert!(!outside.explains(false, true, severity), "what was found counts");
            assert!(outside.explains(true, true, severity), "one trivial indicator does not make it quiet");
            assert!(outside.explains(true, false, severity));
        }
        for severity in [InvestigationSeverity::High, InvestigationSeverity::Critical] {
            assert!(!outside.explains(false, false, Some(severity)), "people hear of that");
        }
    }

    #[test]
    fn what_to_do_depends_on_the_status() {
        let mend =
            |status, disabled_reason| OutsideGraph { account_id: ACCOUNT.to_owned(), status, disabled_reason }.mend();
        assert!(mend(None, None).contains("make it an enabled member"));
        assert!(mend(Some(MemberStatus::Invited), None).contains("accept the invitation"));
        let disabled = |reason| mend(Some(MemberStatus::AcceptedButDisabled), reason);
        assert!(disabled(Some(DisabledReason::VolumeUnknown)).contains("GuardDuty is on"));
        assert!(disabled(Some(DisabledReason::VolumeTooHigh)).contains("takes in too much"));
        assert!(disabled(None).contains("why it is disabled"));
    }

    #[test]
    fn the_administrator_and_the_region_stand_in_the_arn() {
        let arn = "arn:aws-cn:detective:cn-north-1:123456789012:graph:0123456789abcdef0123456789abcdef";
        assert_eq!((administrator_of(arn), region_of(arn)), (Some("123456789012"), Some("cn-north-1")));
        assert_eq!((administrator_of(""), region_of("")), (None, None));
    }
}
