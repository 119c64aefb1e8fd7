//! What assess-case is deployed with.

use gumshoe_bootstrap::environment::Source;
use gumshoe_bootstrap::{ConfigurationError, Environment};
use gumshoe_domain::VerdictLevel;

pub(crate) struct Config {
    pub(crate) table_name: String,
    /// The lowest level of verdict that people hear of.
    pub(crate) threshold: VerdictLevel,
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
}
