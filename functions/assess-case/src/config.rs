//! What assess-case is deployed with.

use gumshoe_bootstrap::environment::Source;
use gumshoe_bootstrap::{ConfigurationError, Environment};
use gumshoe_domain::VerdictLevel;
use gumshoe_domain::verdict::Weights;

pub(crate) struct Config {
    pub(crate) table_name: String,
    /// The lowest level of verdict that people hear of.
    pub(crate) threshold: VerdictLevel,
    /// What each kind of evidence weighs.
    pub(crate) weights: Weights,
}

impl Config {
    pub(crate) fn from(environment: &Environment) -> Result<Self, ConfigurationError> {
        Ok(Self {
            table_name: environment.text("TABLE_NAME", Source::Template)?,
            threshold: environment.parsed(
                "ALERT_THRESHOLD",
                Source::Parameter("AlertThreshold"),
                "Low, Medium, High or Critical",
                |level| *level > VerdictLevel::Informational,
            )?,
            weights: environment.parsed_or_default(
                "VERDICT_WEIGHTS",
                Source::Parameter("VerdictWeights"),
                "JSON with weights that keep the verdict's promises, see the README",
            )?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_threshold_is_named_with_its_parameter() {
        let config = |value| Config::from(&Environment::of(&[("TABLE_NAME", "Cases"), ("ALERT_THRESHOLD", value)]));
        assert_eq!(config("High").ok().map(|config| config.threshold), Some(VerdictLevel::High));
        for wrong in ["Informational", "60", "severe", ""] {
            let error = config(wrong).err().unwrap().to_string();
            assert!(error.contains("ALERT_THRESHOLD") && error.contains("AlertThreshold"), "{error}");
        }
    }

    #[test]
    fn wrong_weights_are_named_with_their_parameter() {
        let config = |value| {
            let given = [("TABLE_NAME", "Cases"), ("ALERT_THRESHOLD", "High"), ("VERDICT_WEIGHTS", value)];
            Config::from(&Environment::of(&given)).map(|config| config.weights)
        };
        assert_eq!(config("").ok().unwrap(), Weights::default());
        assert_eq!(config(r#"{"severity": {"high": 20}}"#).ok().unwrap().severity.high, 20);
        let error = config(r#"{"severity": {"high": 59}}"#).err().unwrap();
        let told = gumshoe_aws::error::with_causes(&error);
        for part in ["VERDICT_WEIGHTS", "VerdictWeights", "novelty alone"] {
            assert!(told.contains(part), "{told}");
        }
    }
}
