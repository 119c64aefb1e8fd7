//! Scenarios: what investigations of which entities come to.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::glob;
use crate::indicators::Indicator;
use crate::lifecycle::{Outcome, Severity};

/// What an investigation of a matching entity comes to.
///
/// Investigations take the scenario that matches when they are started; scenarios added later change nothing about
/// them. An entity that no scenario matches gets [`Scenario::default`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// A name for people; it changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The entities it is for: an ARN in which `*` stands for any characters.
    pub entity_arn: String,
    /// Whether the graph knows the entity. If not, StartInvestigation answers ResourceNotFoundException.
    #[serde(default = "known")]
    pub known_to_graph: bool,
    /// When the investigation ends. Left out: after two checks.
    #[serde(default)]
    pub ends: Ends,
    /// How it ends. Left out: SUCCESSFUL.
    #[serde(default = "successful")]
    pub outcome: Outcome,
    /// Its severity once it ended SUCCESSFUL. Left out: INFORMATIONAL.
    #[serde(default = "informational")]
    pub severity: Severity,
    /// Its indicators once it ended SUCCESSFUL, in the order ListIndicators answers them. Left out: none.
    #[serde(default)]
    pub indicators: Vec<Indicator>,
}

/// When an investigation ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ends {
    /// GetInvestigation answers RUNNING so many times, then the outcome.
    AfterChecks(u32),
    /// So many seconds of the virtual clock after it was started.
    AfterSeconds(u64),
    /// When control says so.
    ByHand,
    /// Not by itself. Control can still end it.
    Never,
}

/// What is wrong with a scenario.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The text is not JSON, or not a scenario's: a member is missing, unknown or of the wrong type.
    #[error("the scenario at `{path}` cannot be read; compare it with the README of the simulator")]
    Unreadable {
        /// Where, such as `ends.after_checks` or, in a list, `[1].severity`.
        path: String,
        /// What the parser says.
        source: serde_json::Error,
    },
    /// An indicator of a known type does not have that type's shape.
    #[error("the scenario's `{path}` {what} (API reference, ListIndicators)")]
    Indicator {
        /// Where, such as `indicators[3].IndicatorDetail.NewAsoDetail.Aso`.
        path: String,
        /// What is wrong there.
        what: String,
    },
    /// No scenario of that name comes with the simulator.
    #[error("no scenario is named {name:?}; there are high, quiet, failed and stuck")]
    UnknownName {
        /// The name asked for.
        name: String,
    },
}

impl Scenario {
    /// A scenario that comes with the simulator, for every entity (`tests/fixtures/scenarios`):
    ///
    /// - `high`: three checks, then SUCCESSFUL and CRITICAL with indicators of all eight types;
    /// - `quiet`: SUCCESSFUL and LOW with two novelties that are not new for the entire account;
    /// - `failed`: FAILED;
    /// - `stuck`: RUNNING for ever.
    ///
    /// # Errors
    /// [`ScenarioError::UnknownName`] for any other name.
    pub fn named(name: &str) -> Result<Self, ScenarioError> {
        let text = match name {
            "high" => include_str!("../../fixtures/scenarios/high.json"),
            "quiet" => include_str!("../../fixtures/scenarios/quiet.json"),
            "failed" => include_str!("../../fixtures/scenarios/failed.json"),
            "stuck" => include_str!("../../fixtures/scenarios/stuck.json"),
            _ => return Err(ScenarioError::UnknownName { name: name.into() }),
        };
        Self::from_json(text)
    }

    /// Reads one scenario.
    ///
    /// # Errors
    /// [`ScenarioError::Unreadable`] and [`ScenarioError::Indicator`], with the path of what is wrong.
    pub fn from_json(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = read(text)?;
        scenario.check("")?;
        Ok(scenario)
    }

    /// Reads one scenario, or a list of them, the first of which is tried first.
    ///
    /// # Errors
    /// As [`Scenario::from_json`]; paths begin with the place in the list, such as `[1]`.
    pub fn list_from_json(text: &str) -> Result<Vec<Self>, ScenarioError> {
        if !text.trim_start().starts_with('[') {
            return Ok(vec![Self::from_json(text)?]);
        }
        let scenarios: Vec<Self> = read(text)?;
        for (index, scenario) in scenarios.iter().enumerate() {
            scenario.check(&format!("[{index}]."))?;
        }
        Ok(scenarios)
    }

    /// The same scenario for other entities: an ARN in which `*` stands for any characters.
    #[must_use]
    pub fn for_entity(self, entity_arn: impl Into<String>) -> Self {
        Self { entity_arn: entity_arn.into(), ..self }
    }

    /// The same scenario with another end.
    #[must_use]
    pub fn ending(self, ends: Ends) -> Self {
        Self { ends, ..self }
    }

    pub(crate) fn matches(&self, entity_arn: &str) -> bool {
        glob::matches(&self.entity_arn, entity_arn)
    }

    fn check(&self, prefix: &str) -> Result<(), ScenarioError> {
        for (index, indicator) in self.indicators.iter().enumerate() {
            indicator.check().map_err(|(path, what)| ScenarioError::Indicator {
                path: format!("{prefix}indicators[{index}].{path}"),
                what,
            })?;
        }
        Ok(())
    }
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            name: None,
            entity_arn: "*".into(),
            known_to_graph: known(),
            ends: Ends::default(),
            outcome: successful(),
            severity: informational(),
            indicators: Vec::new(),
        }
    }
}

impl Default for Ends {
    fn default() -> Self {
        Self::AfterChecks(2)
    }
}

const fn known() -> bool {
    true
}

const fn successful() -> Outcome {
    Outcome::Successful
}

const fn informational() -> Severity {
    Severity::Informational
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, ScenarioError> {
    // First as plain JSON, so that what is behind the value is noticed too.
    let value: Value =
        serde_json::from_str(text).map_err(|source| ScenarioError::Unreadable { path: ".".into(), source })?;
    serde_path_to_error::deserialize(value)
        .map_err(|error| ScenarioError::Unreadable { path: error.path().to_string(), source: error.into_inner() })
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    fn error(text: &str) -> (String, String) {
        let error = Scenario::list_from_json(text).unwrap_err();
        (error.to_string(), error.source().map(ToString::to_string).unwrap_or_default())
    }

    #[test]
    fn the_named_scenarios_are_read() {
        let high = Scenario::named("high").unwrap();
        assert_eq!(high.ends, Ends::AfterChecks(3));
        let mut kinds: Vec<_> = high.indicators.iter().map(|indicator| &indicator.indicator_type).collect();
        kinds.sort();
        kinds.dedup();
        assert_eq!(kinds.len(), 8);
        assert_eq!(Scenario::named("quiet").unwrap().outcome, Outcome::Successful);
        assert_eq!(Scenario::named("failed").unwrap().outcome, Outcome::Failed);
        assert_eq!(Scenario::named("stuck").unwrap().ends, Ends::Never);
        assert!(matches!(Scenario::named("loud"), Err(ScenarioError::UnknownName { .. })));
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let scenario = Scenario::from_json(r#"{"entity_arn":"*"}"#).unwrap();
        assert_eq!(scenario, Scenario::default());
    }

    #[test]
    fn every_way_to_end_is_read_and_written() {
        for (text, ends) in [
            (r#"{"after_checks":3}"#, Ends::AfterChecks(3)),
            (r#"{"after_seconds":60}"#, Ends::AfterSeconds(60)),
            (r#""by_hand""#, Ends::ByHand),
            (r#""never""#, Ends::Never),
        ] {
            assert_eq!(serde_json::from_str::<Ends>(text).unwrap(), ends);
            assert_eq!(serde_json::to_string(&ends).unwrap(), text);
        }
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

        assert!(error("{}").1.contains("missing field `entity_arn`"));
        assert!(error("").0.contains("`.`"));
    }
}
