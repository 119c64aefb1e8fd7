//! A member account of a behavior graph, and how it comes from one status to the next.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::constraints::GRAPH_BYTES_MAX;
use super::datasource::{IngestState, Package, Packages};
use crate::protocol::{iso, wire_name};
use crate::scenario::{AccountScenario, EndsWhen, Verification};

/// MemberStatus of the API reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MemberStatus {
    /// The account can accept the invitation or reject it.
    Invited,
    /// Detective checks that the e-mail address is the account's.
    VerificationInProgress,
    /// It is not.
    VerificationFailed,
    /// The account sends its data.
    Enabled,
    /// The account accepted but cannot send its data; the reason is in DisabledReason.
    AcceptedButDisabled,
}

/// MemberDisabledReason of the API reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DisabledReason {
    /// With the account's data the graph would ingest more than it can.
    VolumeTooHigh,
    /// Detective does not know how much data the account sends.
    VolumeUnknown,
}

/// InvitationType of the API reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum InvitationType {
    Invitation,
    Organization,
}

/// One member account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) account: String,
    pub(crate) email: String,
    pub(crate) invitation: InvitationType,
    status: MemberStatus,
    disabled_reason: Option<DisabledReason>,
    invited: Timestamp,
    updated: Timestamp,
    /// How its verification ends, of an account that is verified.
    ends: EndsWhen,
    outcome: Verification,
    /// How many responses reported that its verification is in progress.
    checks: u32,
    /// In bytes a day, since when.
    volume: Option<(u64, Timestamp)>,
    packages: Packages,
}

impl Member {
    /// An account that is verified before it is invited.
    pub(crate) fn invited(account: &str, email: &str, scenario: &AccountScenario, now: Timestamp) -> Self {
        Self {
            account: account.into(),
            email: email.into(),
            invitation: InvitationType::Invitation,
            status: MemberStatus::VerificationInProgress,
            disabled_reason: None,
            invited: now,
            updated: now,
            ends: scenario.ends,
            outcome: scenario.outcome,
            checks: 0,
            volume: None,
            packages: Packages::default(),
        }
    }

    /// An account of the organization, which needs no invitation. It is still to be enabled.
    pub(crate) fn of_organization(account: &str, email: &str, now: Timestamp) -> Self {
        let member = Self::invited(account, email, &AccountScenario::default(), now);
        Self { invitation: InvitationType::Organization, status: MemberStatus::AcceptedButDisabled, ..member }
    }

    /// Its status at `now`. A verification ends automatically.
    pub(crate) fn status(&self, now: Timestamp) -> MemberStatus {
        self.status_and_since(now).0
    }

    /// What its verification ends with.
    fn verification_result(&self) -> MemberStatus {
        match self.outcome {
            Verification::Invited => MemberStatus::Invited,
            Verification::VerificationFailed => MemberStatus::VerificationFailed,
        }
    }

    /// The status, and since when it is in it.
    fn status_and_since(&self, now: Timestamp) -> (MemberStatus, Timestamp) {
        // After some checks it ends with the last of them (`count_check`).
        let end = match self.ends {
            EndsWhen::AfterChecks(1..) => None,
            ends => ends.ended_at(self.invited, 0, now),
        };
        if self.status == MemberStatus::VerificationInProgress
            && let Some(end) = end
        {
            let since = if self.ends == EndsWhen::AfterChecks(0) { self.invited } else { end };
            return (self.verification_result(), since);
        }
        (self.status, self.updated)
    }

    /// How much data it sends into the graph, in bytes a day.
    pub(crate) fn volume_sent(&self) -> u64 {
        match (self.status, self.volume) {
            (MemberStatus::Enabled, Some((volume, _))) => volume,
            _ => 0,
        }
    }

    /// Counts a response to the administrator that reported it.
    pub(crate) fn count_check(&mut self, now: Timestamp) {
        if self.status(now) != MemberStatus::VerificationInProgress {
            return;
        }
        self.checks = self.checks.saturating_add(1);
        if let EndsWhen::AfterChecks(_) = self.ends
            && self.ends.ended_at(self.invited, self.checks, now).is_some()
        {
            (self.status, self.updated) = (self.verification_result(), now);
        }
    }

    /// Enables it if its volume is known and the graph can ingest it. Without it the graph ingests `others` bytes a day.
    /// If not, it is accepted but disabled.
    pub(crate) fn enable(&mut self, volume: Option<u64>, others: u64, started: &[Package], now: Timestamp) {
        self.volume = volume.map(|volume| (volume, now));
        let reason = match volume {
            None => Some(DisabledReason::VolumeUnknown),
            Some(volume) if others.saturating_add(volume) > GRAPH_BYTES_MAX => Some(DisabledReason::VolumeTooHigh),
            Some(_) => None,
        };
        let status = if reason.is_none() { MemberStatus::Enabled } else { MemberStatus::AcceptedButDisabled };
        self.set(status, reason, started, now);
    }

    /// Brings it into a status, with all that comes with it.
    pub(crate) fn set(
        &mut self,
        status: MemberStatus,
        reason: Option<DisabledReason>,
        started: &[Package],
        now: Timestamp,
    ) {
        if (self.status, self.disabled_reason) != (status, reason) {
            self.updated = now;
        }
        if status == MemberStatus::VerificationInProgress {
            // Only the control interface sets this status again, and only the control interface ends it.
            self.ends = EndsWhen::Manually;
        }
        self.status = status;
        self.disabled_reason = reason;
        match status {
            MemberStatus::Enabled => {
                for package in started {
                    self.set_package(*package, IngestState::Started, now);
                }
            }
            _ => self.packages.stop(now),
        }
    }

    /// Brings a package into a state, if the member is enabled.
    pub(crate) fn set_package(&mut self, package: Package, state: IngestState, now: Timestamp) {
        if self.status == MemberStatus::Enabled {
            self.packages.set(package, state, now);
        }
    }

    pub(crate) fn packages(&self) -> &Packages {
        &self.packages
    }

    /// MemberDetail.
    pub(crate) fn detail(&self, graph_arn: &str, administrator: &str, now: Timestamp) -> Value {
        let (status, updated) = self.status_and_since(now);
        let mut detail = json!({
            "AccountId": self.account,
            "EmailAddress": self.email,
            "GraphArn": graph_arn,
            "MasterId": administrator,
            "AdministratorId": administrator,
            "Status": status,
            "InvitedTime": iso(self.invited),
            "UpdatedTime": iso(updated),
            "InvitationType": self.invitation,
            "DatasourcePackageIngestStates": self.packages.states(),
        });
        if let Some(reason) = self.disabled_reason {
            detail["DisabledReason"] = json!(reason);
        }
        // assumed: all of a member's volume is the core package's, and the utilization is its share of what a graph can
        // ingest.
        if let Some((volume, since)) = self.volume {
            detail["VolumeUsageInBytes"] = volume.into();
            detail["VolumeUsageUpdatedTime"] = iso(since).into();
            #[expect(clippy::cast_precision_loss, reason = "a percentage")]
            let percent = 100.0 * volume as f64 / GRAPH_BYTES_MAX as f64;
            detail["PercentOfGraphUtilization"] = percent.into();
            detail["PercentOfGraphUtilizationUpdatedTime"] = iso(since).into();
            let usage = json!({ "VolumeUsageInBytes": volume, "VolumeUsageUpdateTime": iso(since) });
            detail["VolumeUsageByDatasourcePackage"] = json!({ wire_name(Package::DetectiveCore): usage });
        }
        detail
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CORE: &[Package] = &[Package::DetectiveCore];

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn member(ends: EndsWhen, outcome: Verification) -> Member {
        let scenario = AccountScenario { ends, outcome, ..AccountScenario::default() };
        Member::invited("111122223333", "a@example.com", &scenario, at(0))
    }

    #[test]
    fn a_verification_ends_as_the_scenario_says() {
        let later = member(EndsWhen::AfterSeconds(60), Verification::Invited);
        assert_eq!(later.status(at(59)), MemberStatus::VerificationInProgress);
        assert_eq!(later.status_and_since(at(99)), (MemberStatus::Invited, at(60)));
        let mut checked = member(EndsWhen::AfterChecks(1), Verification::VerificationFailed);
        assert_eq!(checked.status(at(99)), MemberStatus::VerificationInProgress);
        checked.count_check(at(99));
        assert_eq!(checked.status(at(99)), MemberStatus::VerificationFailed);
    }

    #[test]
    fn the_volume_decides_whether_a_member_is_enabled() {
        let mut member = member(EndsWhen::AfterSeconds(0), Verification::Invited);
        member.enable(None, 0, CORE, at(1));
        assert_eq!(member.disabled_reason, Some(DisabledReason::VolumeUnknown));
        member.enable(Some(1), GRAPH_BYTES_MAX, CORE, at(2));
        assert_eq!(member.disabled_reason, Some(DisabledReason::VolumeTooHigh));
        assert_eq!(member.status(at(2)), MemberStatus::AcceptedButDisabled);
        member.enable(Some(1), GRAPH_BYTES_MAX - 1, CORE, at(3));
        assert_eq!((member.status(at(3)), member.volume_sent()), (MemberStatus::Enabled, 1));
        assert_eq!(member.packages().states(), json!({ "DETECTIVE_CORE": "STARTED" }));
        member.enable(None, 0, CORE, at(4));
        assert_eq!(member.packages().states(), json!({ "DETECTIVE_CORE": "STOPPED" }));
        assert_eq!(member.volume_sent(), 0);
    }
}
