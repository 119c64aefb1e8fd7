//! An investigation, and how it ends.
//!
//! As with Detective's, its status follows from what was stored and the virtual clock alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::organization_role::OrganizationRole;
use crate::protocol::digest;
use crate::protocol::error::AwsError;
use crate::scenario::{Confidence, EndsWhen, FindingScenario, GuardDutyOutcome, RiskLevel};
use crate::world::AccountRegion;

/// The status of an investigation. Source: InvestigationStatus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
    Running,
    Completed,
    Failed,
}

impl From<GuardDutyOutcome> for Status {
    fn from(outcome: GuardDutyOutcome) -> Self {
        match outcome {
            GuardDutyOutcome::Completed => Self::Completed,
            GuardDutyOutcome::Failed => Self::Failed,
        }
    }
}

/// One investigation as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Investigation {
    pub(crate) id: String,
    /// Who created it, and where.
    pub(crate) place: AccountRegion,
    pub(crate) prompt: String,
    /// The finding that the prompt names.
    pub(crate) finding_id: Option<String>,
    /// The account that it is about.
    pub(crate) account: String,
    pub(crate) client_token: Option<String>,
    pub(crate) created: Timestamp,
    /// How many GetInvestigation responses reported it.
    pub(crate) checks: u32,
    /// When GetInvestigation last answered that it is running; before that, when it was created.
    pub(crate) seen_running: Timestamp,
    /// The outcome that a control request set, and when, if any.
    #[serde(rename = "by_hand")]
    pub(crate) manual_outcome: Option<(GuardDutyOutcome, Timestamp)>,
    pub(crate) scenario: Arc<FindingScenario>,
}

impl Investigation {
    /// When it ended, if it has by `now`.
    // assumed: one that ends after so many checks ended at the last of them.
    pub(crate) fn ended_at(&self, now: Timestamp) -> Option<Timestamp> {
        match (self.manual_outcome, self.scenario.ends) {
            (Some((_, at)), _) => Some(at),
            (None, ends @ EndsWhen::AfterChecks(_)) => ends.ended_at(self.created, self.checks, self.seen_running),
            (None, ends) => ends.ended_at(self.created, self.checks, now),
        }
    }

    /// Its status at `now`.
    pub(crate) fn status(&self, now: Timestamp) -> Status {
        match self.ended_at(now) {
            None => Status::Running,
            Some(_) => self.manual_outcome.map_or(self.scenario.outcome, |(outcome, _)| outcome).into(),
        }
    }

    /// Counts an answer of GetInvestigation.
    pub(super) fn check(&mut self, now: Timestamp) {
        if self.status(now) == Status::Running {
            self.seen_running = now;
        }
        self.checks = self.checks.saturating_add(1);
    }

    /// Its result, once it is COMPLETED.
    // assumed: one that is RUNNING or FAILED has no risk, confidence, title or summary.
    pub(super) fn result(&self, now: Timestamp) -> Option<&FindingScenario> {
        (self.status(now) == Status::Completed).then_some(&*self.scenario)
    }

    /// Its risk level, once it has one.
    pub(super) fn risk_level(&self, now: Timestamp) -> Option<RiskLevel> {
        self.result(now).map(|scenario| scenario.risk_level)
    }

    /// Its confidence, once it has one.
    pub(super) fn confidence(&self, now: Timestamp) -> Option<Confidence> {
        self.result(now).map(|scenario| scenario.confidence)
    }

    /// Whether an account may read it; `None` if the account must not learn that it exists.
    // assumed: a member is denied what is another member's of its organization; to everyone else it does not exist.
    pub(super) fn read_permission(&self, place: &AccountRegion, role: OrganizationRole<'_>) -> Option<bool> {
        if self.place.region != place.region {
            return None;
        }
        match role {
            OrganizationRole::Standalone => (self.place.account == place.account).then_some(true),
            OrganizationRole::Administrator(organization) => organization.contains(&self.place.account).then_some(true),
            OrganizationRole::Member(organization) => {
                organization.contains(&self.place.account).then_some(self.account == place.account)
            }
        }
    }
}

/// All investigations.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Investigations {
    /// By number, which grows with time.
    all: BTreeMap<u64, Investigation>,
    last: u64,
}

impl Investigations {
    /// An id that no investigation has had: it has the form of a UUID and ends with the investigation's number.
    pub(super) fn next_id(&mut self) -> String {
        self.last += 1;
        let digest = format!("{:032x}", digest::of(["guardduty investigation", &self.last.to_string()]));
        format!("{}-{}-4{}-a{}-{:012x}", &digest[..8], &digest[8..12], &digest[12..15], &digest[15..18], self.last)
    }

    /// Adds the investigation of the id that was issued last.
    pub(super) fn add(&mut self, investigation: Investigation) {
        self.all.insert(self.last, investigation);
    }

    /// The investigation of an id, of any account.
    pub(super) fn get(&self, id: &str) -> Option<&Investigation> {
        let investigation = self.all.get(&id_number(id)?)?;
        (investigation.id == id).then_some(investigation)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Investigation> {
        self.all.get_mut(&id_number(id)?).filter(|investigation| investigation.id == id)
    }

    /// The investigation of an id, if the account may read it.
    ///
    /// # Errors
    /// AccessDeniedException when it may not, ResourceNotFoundException when there is none that it may know of.
    pub(super) fn get_readable(
        &mut self,
        id: &str,
        place: &AccountRegion,
        role: OrganizationRole<'_>,
    ) -> Result<&mut Investigation, AwsError> {
        let found = self.get_mut(id);
        match found.map(|investigation| (investigation.read_permission(place, role), investigation)) {
            Some((Some(true), investigation)) => Ok(investigation),
            Some((Some(false), _)) => Err(AwsError::access_denied(format!(
                "The investigation {id} is not one of account {}; only the administrator account can read it.",
                place.account
            ))),
            Some((None, _)) | None => Err(AwsError::not_found(format!("The investigation {id} does not exist."))),
        }
    }

    /// All of them with their numbers, oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &Investigation)> {
        self.all.iter().map(|(number, investigation)| (*number, investigation))
    }

    pub(super) fn continue_ids_from(&mut self, before: &Self) {
        self.last = before.last;
    }
}

/// The number that an id ends with.
fn id_number(id: &str) -> Option<u64> {
    let (_, number) = id.rsplit_once('-')?;
    u64::from_str_radix(number, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn investigation(ends: EndsWhen) -> Investigation {
        Investigation {
            id: "a-1".into(),
            place: AccountRegion::new("111122223333", "us-east-1"),
            prompt: String::new(),
            finding_id: None,
            account: "111122223333".into(),
            client_token: None,
            created: at(0),
            checks: 0,
            seen_running: at(0),
            manual_outcome: None,
            scenario: Arc::new(FindingScenario { ends, ..FindingScenario::default() }),
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn end_time_does_not_change() {
        let mut investigation = investigation(EndsWhen::AfterChecks(2));
        investigation.check(at(10));
        assert_eq!(investigation.ended_at(at(15)), None);
        investigation.check(at(20));
        assert_eq!(investigation.ended_at(at(30)), Some(at(20)));
        investigation.check(at(40));
        assert_eq!(investigation.ended_at(at(50)), Some(at(20)));
        assert_eq!(investigation.checks, 3);
    }

    #[test]
    fn investigation_ends_by_the_clock_or_manually() {
        let mut timed = investigation(EndsWhen::AfterSeconds(60));
        assert_eq!(timed.status(at(59)), Status::Running);
        assert_eq!(timed.ended_at(at(100)), Some(at(60)));
        timed = investigation(EndsWhen::Never);
        timed.check(at(1));
        assert_eq!(timed.status(Timestamp::MAX), Status::Running);
        timed.manual_outcome = Some((GuardDutyOutcome::Failed, at(7)));
        assert_eq!((timed.status(at(9)), timed.ended_at(at(9))), (Status::Failed, Some(at(7))));
        assert!(timed.result(at(9)).is_none());
    }

    #[test]
    fn ids_have_the_documented_form_and_are_found() {
        let mut investigations = Investigations::default();
        let ids: Vec<String> = (0..3).map(|_| investigations.next_id()).collect();
        for id in &ids {
            assert_eq!(id.len(), 36);
            assert!(id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()), "{id}");
        }
        investigations.add(Investigation { id: ids[2].clone(), ..investigation(EndsWhen::Never) });
        assert!(investigations.get(&ids[2]).is_some());
        for id in [ids[0].as_str(), "x-3", "3", ""] {
            assert!(investigations.get(id).is_none(), "{id}");
        }
    }
}
