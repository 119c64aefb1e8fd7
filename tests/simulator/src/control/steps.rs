//! Changes to investigations and members through the control interface.

use serde_json::Value;

use crate::detective::{DisabledReason, IngestState, MemberStatus, Outcome, Package, Status};
use crate::guardduty;
use crate::organization::Organization;
use crate::scenario::GuardDutyOutcome;
use crate::world::{AccountRegionFilter, World};

/// Why the control interface rejected a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// No such investigation, in any account or Region.
    #[error(
        "there is no investigation {id:?}; the investigations there are: GET /_control/investigations and guardduty/investigations"
    )]
    NoSuchInvestigation {
        /// The id asked for.
        id: String,
    },
    /// The investigation has ended already, and an end is final.
    #[error("the investigation {id} has ended already; start another")]
    AlreadyEnded {
        /// The investigation's id.
        id: String,
    },
    /// The account is a member of none of the graphs.
    #[error("{account} is a member of no behavior graph there; CreateMembers makes it one")]
    NoSuchMember {
        /// The account's id.
        account: String,
    },
    /// ACCEPTED_BUT_DISABLED needs a reason, and no other status has one.
    #[error("a reason belongs to ACCEPTED_BUT_DISABLED, and to no other status: VOLUME_TOO_HIGH or VOLUME_UNKNOWN")]
    Reason,
    /// The organization is not in order.
    #[error("the organization is not in order: {what}")]
    Organization {
        /// The problem.
        what: String,
    },
    /// A finding is not in the shape of GetFindings.
    #[error("the finding's `{path}` {what} (API reference, GetFindings)")]
    Finding {
        /// Where, such as `[1].detail.severity`; `.` for the whole.
        path: String,
        /// The problem.
        what: String,
    },
}

impl World {
    /// As [`World::change_organization`], with the error of the control interface.
    pub(crate) fn set_organization(&mut self, organization: Organization) -> Result<(), ControlError> {
        self.change_organization(organization).map_err(|what| ControlError::Organization { what })
    }

    /// Ends a Detective investigation.
    pub(crate) fn end_investigation(&mut self, id: &str, outcome: Outcome) -> Result<(), ControlError> {
        let now = self.clock.now();
        let investigation =
            self.detective.find_investigation(id).ok_or_else(|| ControlError::NoSuchInvestigation { id: id.into() })?;
        if investigation.status(now) != Status::Running {
            return Err(ControlError::AlreadyEnded { id: id.into() });
        }
        investigation.manual_outcome = Some(outcome);
        Ok(())
    }

    /// Ends a GuardDuty investigation.
    pub(crate) fn end_guardduty_investigation(
        &mut self,
        id: &str,
        outcome: GuardDutyOutcome,
    ) -> Result<(), ControlError> {
        let now = self.clock.now();
        let investigation =
            self.guardduty.find_investigation(id).ok_or_else(|| ControlError::NoSuchInvestigation { id: id.into() })?;
        if investigation.status(now) != guardduty::Status::Running {
            return Err(ControlError::AlreadyEnded { id: id.into() });
        }
        investigation.manual_outcome = Some((outcome, now));
        Ok(())
    }

    /// As [`guardduty::State::add_findings`], with the error of the control interface.
    pub(crate) fn add_findings(&mut self, places: &AccountRegionFilter, given: Value) -> Result<(), ControlError> {
        self.guardduty.add_findings(places, given).map_err(|guardduty::FindingError { path, what }| {
            let path = if path.is_empty() { ".".into() } else { path };
            ControlError::Finding { path, what }
        })
    }

    /// Brings a member account into a status.
    pub(crate) fn set_member(
        &mut self,
        administrators: &AccountRegionFilter,
        account: &str,
        status: MemberStatus,
        reason: Option<DisabledReason>,
    ) -> Result<(), ControlError> {
        if (status == MemberStatus::AcceptedButDisabled) != reason.is_some() {
            return Err(ControlError::Reason);
        }
        let now = self.clock.now();
        let mut found = false;
        for (_, graph) in self.detective.graphs_mut().filter(|(place, _)| administrators.matches(place)) {
            let started: Vec<Package> = graph.packages.started().collect();
            if let Some(member) = graph.members.get_mut(account) {
                member.set(status, reason, &started, now);
                found = true;
            }
        }
        if found { Ok(()) } else { Err(ControlError::NoSuchMember { account: account.into() }) }
    }

    /// Brings a package of one member into a state, if the member is enabled.
    pub(crate) fn set_member_package(
        &mut self,
        administrators: &AccountRegionFilter,
        account: &str,
        package: Package,
        state: IngestState,
    ) -> Result<(), ControlError> {
        let now = self.clock.now();
        let mut found = false;
        for (_, graph) in self.detective.graphs_mut().filter(|(place, _)| administrators.matches(place)) {
            if let Some(member) = graph.members.get_mut(account) {
                member.set_package(package, state, now);
                found = true;
            }
        }
        if found { Ok(()) } else { Err(ControlError::NoSuchMember { account: account.into() }) }
    }
}
