//! An investigation, and how it ends.
//!
//! What an investigation's status is follows from what was stored and the virtual clock alone; nothing runs in the
//! background and nothing sleeps.

use std::fmt::{self, Display};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::entity::EntityType;
use super::indicators::Indicator;
use crate::scenario::Scenario;

/// The severity of an investigation's indicators. Source: Severity of GetInvestigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the reference gives the words no meaning of their own")]
pub enum Severity {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

/// How an investigation ended. Source: Status of GetInvestigation, without RUNNING.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    /// It ended with a severity and, perhaps, indicators.
    Successful,
    /// It ended without either.
    Failed,
}

/// The status of an investigation. Source: Status of GetInvestigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
    Running,
    Failed,
    Successful,
}

/// Whether an investigation is archived. Source: State of UpdateInvestigationState.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum State {
    Active,
    Archived,
}

impl From<Outcome> for Status {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Successful => Self::Successful,
            Outcome::Failed => Self::Failed,
        }
    }
}

/// 21 digits, unique over all accounts and Regions of a simulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct InvestigationId(pub(crate) u128);

impl Default for InvestigationId {
    fn default() -> Self {
        Self::START
    }
}

impl From<InvestigationId> for String {
    fn from(id: InvestigationId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for InvestigationId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("{text:?} is not 21 digits"))
    }
}

impl InvestigationId {
    /// Before the first.
    pub(crate) const START: Self = Self(100_000_000_000_000_000_000);

    /// The id after this one.
    pub(crate) const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// Reads 21 digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == 21 && text.bytes().all(|byte| byte.is_ascii_digit());
        if fits { text.parse().ok().map(Self) } else { None }
    }
}

impl Display for InvestigationId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:021}", self.0)
    }
}

/// One investigation as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Investigation {
    pub(crate) id: InvestigationId,
    pub(crate) entity_arn: String,
    pub(crate) entity_type: EntityType,
    pub(crate) created: Timestamp,
    pub(crate) scope_start: Timestamp,
    pub(crate) scope_end: Timestamp,
    pub(crate) state: State,
    /// How many GetInvestigation responses reported it.
    pub(crate) checks: u32,
    /// The outcome that a control request set, if any.
    #[serde(rename = "by_hand")]
    pub(crate) manual_outcome: Option<Outcome>,
    pub(crate) scenario: Arc<Scenario>,
}

impl Investigation {
    /// Its status at `now`.
    pub(crate) fn status(&self, now: Timestamp) -> Status {
        if let Some(outcome) = self.manual_outcome {
            return outcome.into();
        }
        match self.scenario.ends.ended_at(self.created, self.checks, now) {
            Some(_) => self.scenario.outcome.into(),
            None => Status::Running,
        }
    }

    /// Its severity at `now`.
    // assumed: a RUNNING and a FAILED investigation have none; the reference does not say.
    pub(crate) fn severity(&self, now: Timestamp) -> Option<Severity> {
        (self.status(now) == Status::Successful).then_some(self.scenario.severity)
    }

    /// Its indicators at `now`: only a SUCCESSFUL investigation has any.
    // assumed: ListIndicators of a RUNNING or FAILED investigation answers an empty list, not an error.
    pub(crate) fn indicators(&self, now: Timestamp) -> &[Indicator] {
        match self.status(now) {
            Status::Successful => &self.scenario.indicators,
            Status::Running | Status::Failed => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::EndsWhen;

    fn investigation(ends: EndsWhen) -> Investigation {
        Investigation {
            id: InvestigationId::START,
            entity_arn: "arn:aws:iam::111122223333:role/web".into(),
            entity_type: EntityType::Role,
            created: Timestamp::UNIX_EPOCH,
            scope_start: Timestamp::UNIX_EPOCH,
            scope_end: Timestamp::UNIX_EPOCH,
            state: State::Active,
            checks: 0,
            manual_outcome: None,
            scenario: Arc::new(Scenario { ends, severity: Severity::High, ..Scenario::default() }),
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn it_ends_after_so_many_checks() {
        let mut investigation = investigation(EndsWhen::AfterChecks(2));
        assert_eq!(investigation.status(at(0)), Status::Running);
        investigation.checks = 1;
        assert_eq!(investigation.status(at(1_000_000)), Status::Running);
        assert_eq!(investigation.severity(at(0)), None);
        investigation.checks = 2;
        assert_eq!(investigation.status(at(0)), Status::Successful);
        assert_eq!(investigation.severity(at(0)), Some(Severity::High));
    }

    #[test]
    fn it_ends_after_so_many_seconds() {
        let investigation = investigation(EndsWhen::AfterSeconds(60));
        assert_eq!(investigation.status(at(59)), Status::Running);
        assert_eq!(investigation.status(at(60)), Status::Successful);
    }

    #[test]
    fn control_ends_an_investigation_of_any_scenario() {
        for ends in [EndsWhen::Manually, EndsWhen::Never, EndsWhen::AfterChecks(9)] {
            let mut investigation = investigation(ends);
            investigation.checks = 8;
            assert_eq!(investigation.status(Timestamp::MAX), Status::Running);
            investigation.manual_outcome = Some(Outcome::Failed);
            assert_eq!(investigation.status(at(0)), Status::Failed);
            assert_eq!(investigation.severity(at(0)), None);
        }
    }

    #[test]
    fn ids_have_21_digits() {
        let id = InvestigationId::START.next().to_string();
        assert_eq!(id, "100000000000000000001");
        assert_eq!(InvestigationId::parse(&id), Some(InvestigationId::START.next()));
        assert_eq!(InvestigationId::parse("+00000000000000000001"), None);
        assert_eq!(InvestigationId::parse(&id[1..]), None);
    }
}
