//! The points of each kind of evidence, which a deployment may change.
//!
//! From 60 points the level is High.

use super::VerdictLevel;
use crate::finding::SeverityBand;
use serde::Deserialize;
use std::str::FromStr;

/// The points of one kind of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weight {
    /// For the first of the kind.
    pub first: u8,
    /// For each further distinct one.
    pub further: u8,
    /// The most points of the kind.
    pub most: u8,
}

/// The points of each kind of evidence. Members that the JSON does not have keep their defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Weights {
    /// Threat intelligence lists the address as abusive. Enough for High alone.
    pub flagged_address: Weight,
    /// One credential was used in two locations within an impossible time. A shared credential or a proxy is the benign exception.
    /// Enough for High alone.
    pub impossible_travel: Weight,
    /// The technique succeeded: something was changed or read. Two of them, or one with a High finding, are enough for High.
    pub technique_succeeded: Weight,
    /// The technique was tried and denied: intent without damage.
    pub technique_failed: Weight,
    /// New for the entire account: rarer than new for one principal, but people do travel and change tools.
    pub new_for_account: Weight,
    /// New for this principal only: colleagues were seen doing the same.
    pub new_for_principal: Weight,
    /// GuardDuty has another finding about the same principal.
    pub related_finding: Weight,
    /// Detective relates several findings to one event.
    pub related_finding_group: Weight,
    /// The worst finding's own severity.
    pub severity: SeverityWeights,
}

/// The points of the worst finding's severity, by its band.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SeverityWeights {
    /// GuardDuty itself rates these as minor.
    pub low: u8,
    /// Suspicious activity, without further evidence.
    pub medium: u8,
    /// With novelty alone the sum stays below 60: other evidence is needed for High.
    pub high: u8,
    /// People are notified of these, attack sequences included, for every result of Detective.
    pub critical: u8,
}

impl Default for Weights {
    fn default() -> Self {
        let weight = |first, further, most| Weight { first, further, most };
        Self {
            flagged_address: weight(60, 10, 80),
            impossible_travel: weight(60, 5, 70),
            technique_succeeded: weight(40, 20, 80),
            technique_failed: weight(10, 5, 20),
            new_for_account: weight(10, 5, 20),
            new_for_principal: weight(4, 2, 10),
            related_finding: weight(10, 5, 25),
            related_finding_group: weight(10, 5, 15),
            severity: SeverityWeights::default(),
        }
    }
}

impl Default for SeverityWeights {
    fn default() -> Self {
        Self { low: 0, medium: 10, high: 25, critical: 60 }
    }
}

impl SeverityWeights {
    pub(super) fn points(&self, band: SeverityBand) -> u8 {
        match band {
            SeverityBand::Low => self.low,
            SeverityBand::Medium => self.medium,
            SeverityBand::High => self.high,
            SeverityBand::Critical => self.critical,
        }
    }
}

impl Weight {
    /// No points.
    pub(super) const ZERO: Self = Self { first: 0, further: 0, most: 0 };

    pub(super) fn points(&self, count: usize) -> u8 {
        let Some(further) = count.checked_sub(1) else { return 0 };
        let further = u8::try_from(further).unwrap_or(u8::MAX).saturating_mul(self.further);
        self.first.saturating_add(further).min(self.most)
    }
}

/// Why weights are rejected.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// The text is not JSON, or has an unknown member.
    #[error("could not parse the verdict weights as JSON")]
    InvalidJson(#[source] serde_json::Error),
    /// A number is out of range.
    #[error("invalid weight {name}: {what}")]
    OutOfRange {
        /// The weight's name.
        name: &'static str,
        /// The rule that it violates, and the remedy.
        what: &'static str,
    },
}

/// Parses JSON such as `{"flagged_address": {"first": 40, "further": 5, "most": 60}}`; an empty text keeps the defaults.
impl FromStr for Weights {
    type Err = WeightsError;

    fn from_str(text: &str) -> Result<Self, WeightsError> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let weights: Self = serde_json::from_str(text).map_err(WeightsError::InvalidJson)?;
        weights.check()?;
        Ok(weights)
    }
}

impl Weights {
    /// The rules that every set of weights must satisfy: points never fall with more evidence or a higher severity, and novelty together
    /// with a High finding stays below High.
    fn check(&self) -> Result<(), WeightsError> {
        let kinds = [
            ("flagged_address", self.flagged_address),
            ("impossible_travel", self.impossible_travel),
            ("technique_succeeded", self.technique_succeeded),
            ("technique_failed", self.technique_failed),
            ("new_for_account", self.new_for_account),
            ("new_for_principal", self.new_for_principal),
            ("related_finding", self.related_finding),
            ("related_finding_group", self.related_finding_group),
        ];
        let wrong = |name, what| Err(WeightsError::OutOfRange { name, what });
        for (name, weight) in kinds {
            if weight.most > 100 {
                return wrong(name, "`most` is greater than 100, the highest score; lower `most`");
            }
            if weight.first > weight.most {
                return wrong(name, "`first` is greater than `most`; raise `most`");
            }
        }
        let SeverityWeights { low, medium, high, critical } = self.severity;
        if critical > 100 || !(low <= medium && medium <= high && high <= critical) {
            return wrong("severity", "the points must not fall from low to critical, and must be at most 100");
        }
        let novelty = u32::from(self.new_for_account.most) + u32::from(self.new_for_principal.most) + u32::from(high);
        if novelty >= u32::from(VerdictLevel::HIGH_MIN_SCORE) {
            return wrong(
                "new_for_account.most + new_for_principal.most + severity.high",
                "the sum must stay below 60, because novelty alone must not reach High",
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Weights, String> {
        text.parse().map_err(|error: WeightsError| crate::error::with_causes(&error))
    }

    #[test]
    fn only_the_given_members_change() {
        assert_eq!(read("").unwrap(), Weights::default());
        assert_eq!(read("{}").unwrap(), Weights::default());
        let changed = read(r#"{"related_finding": {"first": 1, "further": 2, "most": 3}, "severity": {"high": 20}}"#);
        let expected = Weights {
            related_finding: Weight { first: 1, further: 2, most: 3 },
            severity: SeverityWeights { high: 20, ..SeverityWeights::default() },
            ..Weights::default()
        };
        assert_eq!(changed.unwrap(), expected);
        Weights::default().check().unwrap();
    }

    #[test]
    fn weights_that_violate_a_rule_are_rejected_by_name() {
        for (text, name) in [
            ("{", "JSON"),
            (r#"{"flagged_adress": {"first": 1, "further": 1, "most": 1}}"#, "flagged_adress"),
            (r#"{"flagged_address": {"first": 1}}"#, "further"),
            (r#"{"flagged_address": {"first": 300, "further": 1, "most": 1}}"#, "300"),
            (r#"{"flagged_address": {"first": -1, "further": 1, "most": 1}}"#, "-1"),
            (r#"{"flagged_address": {"first": 2, "further": 1, "most": 1}}"#, "flagged_address"),
            (r#"{"impossible_travel": {"first": 2, "further": 1, "most": 101}}"#, "impossible_travel"),
            (r#"{"severity": {"low": 30}}"#, "severity"),
            (r#"{"new_for_account": {"first": 10, "further": 5, "most": 25}}"#, "novelty alone"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(name), "{text}: {error}");
        }
    }
}
