//! Scenarios of Detective investigations, by entity.

use serde::{Deserialize, Serialize};

use super::{EndsWhen, ScenarioError, joined};
use crate::detective::{Indicator, Outcome, Severity};
use crate::glob;

/// How an investigation of a matching entity ends.
///
/// Investigations take the scenario that matches when they are started; scenarios added later change nothing about
/// them. An entity that no scenario matches gets [`Scenario::default`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// A name for readers; it has no effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The entities it is for: an ARN in which `*` matches any characters.
    pub entity_arn: String,
    /// Whether the graph knows the entity. If not, StartInvestigation answers ResourceNotFoundException.
    #[serde(default = "default_known_to_graph")]
    pub known_to_graph: bool,
    /// Whether StartInvestigation refuses the entity with a ValidationException.
    #[serde(default, skip_serializing_if = "is_false")]
    pub refused: bool,
    /// When the investigation ends. Default: after two checks.
    #[serde(default)]
    pub ends: EndsWhen,
    /// How it ends. Default: SUCCESSFUL.
    #[serde(default = "default_outcome")]
    pub outcome: Outcome,
    /// Its severity once it ended SUCCESSFUL. Default: INFORMATIONAL.
    #[serde(default = "default_severity")]
    pub severity: Severity,
    /// Its indicators once it ended SUCCESSFUL, in the order ListIndicators answers them. Default: none.
    #[serde(default)]
    pub indicators: Vec<Indicator>,
}

impl Scenario {
    /// A scenario that comes with the simulator, for every entity (`tests/fixtures/scenarios`):
    ///
    /// - `high`: three checks, then SUCCESSFUL and CRITICAL with indicators of all eight types;
    /// - `quiet`: SUCCESSFUL and LOW with two novelties that are not new for the entire account;
    /// - `failed`: FAILED;
    /// - `stuck`: RUNNING for ever;
    /// - `refused`: StartInvestigation refuses the entity with a ValidationException.
    ///
    /// # Errors
    /// [`ScenarioError::UnknownName`] for any other name.
    pub fn named(name: &str) -> Result<Self, ScenarioError> {
        let text = match name {
            "high" => include_str!("../../../fixtures/scenarios/high.json"),
            "quiet" => include_str!("../../../fixtures/scenarios/quiet.json"),
            "failed" => include_str!("../../../fixtures/scenarios/failed.json"),
            "stuck" => include_str!("../../../fixtures/scenarios/stuck.json"),
            "refused" => include_str!("../../../fixtures/scenarios/refused.json"),
            _ => return Err(ScenarioError::UnknownName { name: name.into() }),
        };
        Self::from_json(text)
    }

    /// Reads one scenario.
    ///
    /// # Errors
    /// [`ScenarioError::Unreadable`] and [`ScenarioError::Invalid`], with the path of what is wrong.
    pub fn from_json(text: &str) -> Result<Self, ScenarioError> {
        let value =
            serde_json::from_str(text).map_err(|source| ScenarioError::Unreadable { path: ".".into(), source })?;
        let scenario: Self = super::typed("", value)?;
        scenario.check("")?;
        Ok(scenario)
    }

    /// The same scenario for other entities: an ARN in which `*` matches any characters.
    #[must_use]
    pub fn with_entity(self, entity_arn: impl Into<String>) -> Self {
        Self { entity_arn: entity_arn.into(), ..self }
    }

    /// The same scenario with another end.
    #[must_use]
    pub fn with_end(self, ends: EndsWhen) -> Self {
        Self { ends, ..self }
    }

    pub(crate) fn matches(&self, entity_arn: &str) -> bool {
        glob::matches(&self.entity_arn, entity_arn)
    }

    pub(super) fn check(&self, prefix: &str) -> Result<(), ScenarioError> {
        for (index, indicator) in self.indicators.iter().enumerate() {
            indicator.check().map_err(|(path, what)| ScenarioError::Invalid {
                path: joined(prefix, &format!("indicators[{index}].{path}")),
                what: format!("{what} (API reference, ListIndicators)"),
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
            known_to_graph: default_known_to_graph(),
            refused: false,
            ends: EndsWhen::default(),
            outcome: default_outcome(),
            severity: default_severity(),
            indicators: Vec::new(),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

const fn default_known_to_graph() -> bool {
    true
}

const fn default_outcome() -> Outcome {
    Outcome::Successful
}

const fn default_severity() -> Severity {
    Severity::Informational
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_scenarios_are_read() {
        let high = Scenario::named("high").unwrap();
        assert_eq!(high.ends, EndsWhen::AfterChecks(3));
        let mut kinds: Vec<_> = high.indicators.iter().map(|indicator| &indicator.indicator_type).collect();
        kinds.sort();
        kinds.dedup();
        assert_eq!(kinds.len(), 8);
        assert_eq!(Scenario::named("quiet").unwrap().outcome, Outcome::Successful);
        assert_eq!(Scenario::named("failed").unwrap().outcome, Outcome::Failed);
        assert!(Scenario::named("refused").unwrap().refused);
        assert_eq!(Scenario::named("stuck").unwrap().ends, EndsWhen::Never);
        assert!(matches!(Scenario::named("loud"), Err(ScenarioError::UnknownName { .. })));
    }

    #[test]
    fn omitted_members_have_defaults() {
        let scenario = Scenario::from_json(r#"{"entity_arn":"*"}"#).unwrap();
        assert_eq!(scenario, Scenario::default());
    }
}
