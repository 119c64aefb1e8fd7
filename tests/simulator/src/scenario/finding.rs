//! Scenarios of GuardDuty investigations, by finding.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{EndsWhen, ScenarioError, joined};
use crate::glob;

/// How a GuardDuty investigation of a matching finding ends.
///
/// An investigation takes the scenario that matches when it is created. One that no scenario matches gets
/// [`FindingScenario::default`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingScenario {
    /// A name for readers; it has no effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The findings it is for: an id in which `*` matches any characters. Of a prompt that names an account, the
    /// account's id is compared; of a prompt that names neither, the text `organization`.
    pub finding_id: String,
    /// When the investigation ends. Default: after two checks.
    #[serde(default)]
    pub ends: EndsWhen,
    /// How it ends. Default: COMPLETED.
    #[serde(default)]
    pub outcome: GuardDutyOutcome,
    /// Its risk level once it is COMPLETED. Default: Info.
    #[serde(default)]
    pub risk_level: RiskLevel,
    /// Why it has that risk level, at most 1,024 characters.
    #[serde(default)]
    pub risk: String,
    /// The confidence in the risk level. Default: Unknown.
    #[serde(default)]
    pub confidence: Confidence,
    /// Its title in ListInvestigations, at most 1,024 characters.
    #[serde(default)]
    pub title: String,
    /// Its summary: text as it is, or a structure, which GetInvestigation answers as JSON in a string.
    #[serde(default)]
    pub summary: Value,
    /// Why it failed, when it ends FAILED; at most 2,048 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How a GuardDuty investigation ends. Source: InvestigationStatus, without RUNNING.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GuardDutyOutcome {
    /// It has a risk level and a summary.
    #[default]
    Completed,
    /// It has an error, and does not count against the limits.
    Failed,
}

/// RiskLevel of GuardDuty's GetInvestigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the reference gives the words no meaning of their own")]
pub enum RiskLevel {
    #[default]
    Info,
    Low,
    Medium,
    High,
    Critical,
}

/// Confidence of GuardDuty's GetInvestigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the reference gives the words no meaning of their own")]
pub enum Confidence {
    #[default]
    Unknown,
    Low,
    Medium,
    High,
}

impl FindingScenario {
    pub(super) fn matches(&self, finding_id: &str) -> bool {
        glob::matches(&self.finding_id, finding_id)
    }

    /// Checks the texts against the lengths of the API reference.
    pub(super) fn check(&self, prefix: &str) -> Result<(), ScenarioError> {
        let texts = [
            ("risk", Some(&self.risk), 1024),
            ("title", Some(&self.title), 1024),
            ("error", self.error.as_ref(), 2048),
        ];
        for (name, text, most) in texts {
            if text.is_some_and(|text| text.chars().count() > most) {
                return Err(ScenarioError::Invalid {
                    path: joined(prefix, name),
                    what: format!("has more than {most} characters (API reference, GetInvestigation)"),
                });
            }
        }
        Ok(())
    }
}

impl Default for FindingScenario {
    fn default() -> Self {
        Self {
            name: None,
            finding_id: "*".into(),
            ends: EndsWhen::default(),
            outcome: GuardDutyOutcome::default(),
            risk_level: RiskLevel::default(),
            risk: String::new(),
            confidence: Confidence::default(),
            title: String::new(),
            summary: Value::Null,
            error: None,
        }
    }
}
