//! Scenarios: how investigations and member verifications end.

mod account;
mod entity;
mod finding;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use account::{AccountScenario, Verification};
pub use entity::Scenario;
pub use finding::{Confidence, FindingScenario, GuardDutyOutcome, RiskLevel};

use crate::world::{AccountRegion, AccountRegionFilter};

/// When an investigation or a verification ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndsWhen {
    /// It is reported as running this many times, then with its outcome.
    AfterChecks(u32),
    /// This many seconds of the virtual clock after it was started.
    AfterSeconds(u64),
    /// When a control request ends it.
    #[serde(rename = "by_hand")]
    Manually,
    /// Never automatically. A control request can still end it.
    Never,
}

impl EndsWhen {
    /// When it ended, if it has by `now`.
    pub(crate) fn ended_at(self, started: Timestamp, checks: u32, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::AfterChecks(wanted) => (checks >= wanted).then_some(now),
            Self::AfterSeconds(seconds) => {
                let seconds = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
                started.checked_add(seconds).ok().filter(|end| *end <= now)
            }
            Self::Manually | Self::Never => None,
        }
    }
}

impl Default for EndsWhen {
    fn default() -> Self {
        Self::AfterChecks(2)
    }
}

/// Why a scenario is invalid.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The text is not JSON, or not a scenario's: a member is missing, unknown or of the wrong type.
    #[error("the scenario at `{path}` cannot be read; compare it with the README of the simulator")]
    Unreadable {
        /// Where, such as `ends.after_checks` or, in a list, `[1].severity`.
        path: String,
        /// The parser's error.
        source: serde_json::Error,
    },
    /// A member does not have the shape of the API's.
    #[error("the scenario's `{path}` {what}")]
    Invalid {
        /// Where, such as `indicators[3].IndicatorDetail.NewAsoDetail.Aso`.
        path: String,
        /// The problem.
        what: String,
    },
    /// The scenario has no subject, or more than one.
    #[error("the scenario at `{path}` must have one of entity_arn, finding_id and account_id; it has {found}")]
    Subject {
        /// Where, such as `[1]`; `.` for the whole.
        path: String,
        /// How many of them it has.
        found: usize,
    },
    /// No scenario of that name comes with the simulator.
    #[error("no scenario is named {name:?}; there are high, quiet, failed and stuck")]
    UnknownName {
        /// The name asked for.
        name: String,
    },
}

/// Scenarios of all kinds. Of those that fit, the one added last is taken, and of a list the first.
///
/// What has started keeps the scenario it started with; a member's volume is looked up when it is to be enabled.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Scenarios {
    entities: Vec<(AccountRegionFilter, Arc<Scenario>)>,
    findings: Vec<(AccountRegionFilter, Arc<FindingScenario>)>,
    accounts: Vec<(AccountRegionFilter, AccountScenario)>,
}

impl Scenarios {
    /// Reads one scenario, or a list of them, the first of which is tried first. Its subject determines its kind:
    /// `entity_arn` a Detective investigation, `finding_id` a GuardDuty investigation, `account_id` a member account.
    ///
    /// # Errors
    /// Every [`ScenarioError`] but an unknown name, with the path of what is wrong, such as `[1].ends`.
    pub fn from_json(text: &str) -> Result<Self, ScenarioError> {
        let value: Value =
            serde_json::from_str(text).map_err(|source| ScenarioError::Unreadable { path: ".".into(), source })?;
        let mut scenarios = Self::default();
        match value {
            Value::Array(items) => {
                for (at, item) in items.into_iter().enumerate().rev() {
                    scenarios.read(&format!("[{at}]"), item)?;
                }
            }
            value => scenarios.read("", value)?,
        }
        Ok(scenarios)
    }

    /// Adds a scenario of a Detective investigation.
    pub fn add(&mut self, places: AccountRegionFilter, scenario: Scenario) {
        self.entities.push((places, Arc::new(scenario)));
    }

    /// Adds a scenario of a GuardDuty investigation.
    pub fn add_finding(&mut self, places: AccountRegionFilter, scenario: FindingScenario) {
        self.findings.push((places, Arc::new(scenario)));
    }

    /// Adds a scenario of a member account.
    pub fn add_account(&mut self, places: AccountRegionFilter, scenario: AccountScenario) {
        self.accounts.push((places, scenario));
    }

    /// Adds what others hold, narrowed to some accounts or Regions; it is tried before what is there.
    pub(crate) fn add_all(&mut self, places: &AccountRegionFilter, others: Self) {
        let narrowed = |own: AccountRegionFilter| AccountRegionFilter {
            account: own.account.or_else(|| places.account.clone()),
            region: own.region.or_else(|| places.region.clone()),
        };
        self.entities.extend(others.entities.into_iter().map(|(all, one)| (narrowed(all), one)));
        self.findings.extend(others.findings.into_iter().map(|(all, one)| (narrowed(all), one)));
        self.accounts.extend(others.accounts.into_iter().map(|(all, one)| (narrowed(all), one)));
    }

    /// The scenario of an investigation of an entity.
    pub(crate) fn of_entity(&self, place: &AccountRegion, entity_arn: &str) -> Arc<Scenario> {
        last(&self.entities, place, |scenario| scenario.matches(entity_arn)).cloned().unwrap_or_default()
    }

    /// The scenario of an investigation of a finding.
    pub(crate) fn of_finding(&self, place: &AccountRegion, finding_id: &str) -> Arc<FindingScenario> {
        last(&self.findings, place, |scenario| scenario.matches(finding_id)).cloned().unwrap_or_default()
    }

    /// The scenario of a member account.
    pub(crate) fn of_account(&self, place: &AccountRegion, account_id: &str) -> AccountScenario {
        last(&self.accounts, place, |scenario| scenario.matches(account_id)).cloned().unwrap_or_default()
    }

    fn read(&mut self, path: &str, value: Value) -> Result<(), ScenarioError> {
        let has = |name: &&str| value.get(*name).is_some();
        let subjects: Vec<&str> = ["entity_arn", "finding_id", "account_id"].into_iter().filter(has).collect();
        match subjects.as_slice() {
            ["entity_arn"] => {
                let scenario: Scenario = typed(path, value)?;
                scenario.check(path)?;
                self.add(AccountRegionFilter::default(), scenario);
            }
            ["finding_id"] => {
                let scenario: FindingScenario = typed(path, value)?;
                scenario.check(path)?;
                self.add_finding(AccountRegionFilter::default(), scenario);
            }
            ["account_id"] => {
                let scenario: AccountScenario = typed(path, value)?;
                scenario.check(path)?;
                self.add_account(AccountRegionFilter::default(), scenario);
            }
            others => {
                let path = if path.is_empty() { "." } else { path };
                return Err(ScenarioError::Subject { path: path.into(), found: others.len() });
            }
        }
        Ok(())
    }
}

fn last<'a, T>(
    scenarios: &'a [(AccountRegionFilter, T)],
    place: &AccountRegion,
    matches: impl Fn(&T) -> bool,
) -> Option<&'a T> {
    let fits = |(places, scenario): &&(AccountRegionFilter, T)| places.matches(place) && matches(scenario);
    scenarios.iter().rev().find(fits).map(|(_, scenario)| scenario)
}

fn typed<T: DeserializeOwned>(prefix: &str, value: Value) -> Result<T, ScenarioError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        ScenarioError::Unreadable { path: joined(prefix, &path), source: error.into_inner() }
    })
}

/// `[1]` and `ends` is `[1].ends`.
pub(crate) fn joined(prefix: &str, path: &str) -> String {
    match (prefix, path) {
        ("", path) => path.into(),
        (prefix, "" | ".") => prefix.into(),
        (prefix, path) => format!("{prefix}.{path}"),
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    fn error(text: &str) -> (String, String) {
        let error = Scenarios::from_json(text).unwrap_err();
        (error.to_string(), error.source().map(ToString::to_string).unwrap_or_default())
    }

    fn place() -> AccountRegion {
        AccountRegion::new("111122223333", "us-east-1")
    }

    #[test]
    fn each_end_is_serialized_and_parsed() {
        for (text, ends) in [
            (r#"{"after_checks":3}"#, EndsWhen::AfterChecks(3)),
            (r#"{"after_seconds":60}"#, EndsWhen::AfterSeconds(60)),
            (r#""by_hand""#, EndsWhen::Manually),
            (r#""never""#, EndsWhen::Never),
        ] {
            assert_eq!(serde_json::from_str::<EndsWhen>(text).unwrap(), ends);
            assert_eq!(serde_json::to_string(&ends).unwrap(), text);
        }
    }

    #[test]
    fn end_beyond_the_calendar_is_never_reached() {
        assert_eq!(EndsWhen::AfterSeconds(u64::MAX).ended_at(Timestamp::UNIX_EPOCH, 0, Timestamp::MAX), None);
    }

    #[test]
    fn subject_determines_the_kind_of_a_scenario() {
        let scenarios = Scenarios::from_json(
            r#"[{"entity_arn":"*web","name":"e"},{"finding_id":"ab*","name":"f"},{"account_id":"1*","name":"a"}]"#,
        )
        .unwrap();
        assert_eq!(scenarios.of_entity(&place(), "web").name.as_deref(), Some("e"));
        assert_eq!(scenarios.of_entity(&place(), "other").name, None);
        assert_eq!(scenarios.of_finding(&place(), "abc").name.as_deref(), Some("f"));
        assert_eq!(scenarios.of_account(&place(), "12").name.as_deref(), Some("a"));
    }

    #[test]
    fn first_of_a_list_and_last_addition_are_tried_first() {
        let list = |name: &str| format!(r#"[{{"entity_arn":"a*","name":"{name}"}},{{"entity_arn":"*","name":"any"}}]"#);
        let mut scenarios = Scenarios::from_json(&list("first")).unwrap();
        let name = |scenarios: &Scenarios, entity: &str| scenarios.of_entity(&place(), entity).name.clone().unwrap();
        assert_eq!(name(&scenarios, "ab"), "first");
        assert_eq!(name(&scenarios, "b"), "any");
        scenarios.add_all(&AccountRegionFilter::default(), Scenarios::from_json(&list("later")).unwrap());
        assert_eq!(name(&scenarios, "ab"), "later");
        let elsewhere = AccountRegionFilter { account: Some("2".into()), region: None };
        scenarios.add_all(&elsewhere, Scenarios::from_json(&list("elsewhere")).unwrap());
        assert_eq!(name(&scenarios, "ab"), "later");
        let mut theirs = Scenarios::default();
        theirs.add(elsewhere, Scenario::default());
        scenarios.add_all(&AccountRegionFilter::default(), theirs);
        assert_eq!(name(&scenarios, "ab"), "later", "what is for one account stays so");
    }

    #[test]
    fn errors_name_the_path() {
        let (message, source) = error(r#"{"entity_arn":"*","severty":"HIGH"}"#);
        assert!(message.contains("`severty`"), "{message}");
        assert!(source.contains("unknown field `severty`"), "{source}");

        let (message, _) = error(r#"[{"entity_arn":"*"},{"entity_arn":"*","ends":{"after_checks":-1}}]"#);
        assert!(message.contains("`[1].ends.after_checks`"), "{message}");

        let (message, _) = error(
            r#"{"entity_arn":"*","indicators":[{"IndicatorType":"NEW_ASO","IndicatorDetail":{"NewAsoDetail":{"Aso":1}}}]}"#,
        );
        assert!(message.contains("`indicators[0].IndicatorDetail.NewAsoDetail.Aso` must be a string"), "{message}");

        let (message, _) = error(
            r#"[{"entity_arn":"*"},{"entity_arn":"*","indicators":[{"IndicatorType":"NEW_ASO","IndicatorDetail":1}]}]"#,
        );
        assert!(message.contains("`[1].indicators[0].IndicatorDetail`"), "{message}");

        let (message, _) = error(r#"[{"finding_id":"*","risk":1}]"#);
        assert!(message.contains("`[0].risk`"), "{message}");

        for (text, found) in [("{}", 0), (r#"{"entity_arn":"*","account_id":"*"}"#, 2), ("[[]]", 0), ("1", 0)] {
            let (message, _) = error(text);
            assert!(message.contains(&format!("it has {found}")), "{message}");
        }
        assert!(error("").0.contains("`.`"));
        assert!(error("{}{}").0.contains("`.`"));
    }
}
