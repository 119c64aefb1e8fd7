//! What check-investigation is deployed with.

use gumshoe_bootstrap::environment::Source;
use gumshoe_bootstrap::{ConfigurationError, Environment};
use gumshoe_domain::schedule::Schedule;
use std::time::Duration;

pub(crate) struct Config {
    pub(crate) table_name: String,
    pub(crate) schedule: Schedule,
}

impl Config {
    pub(crate) fn from(environment: &Environment) -> Result<Self, ConfigurationError> {
        let minutes: f64 = environment.parsed(
            "DEADLINE_MINUTES",
            Source::Parameter("DeadlineMinutes"),
            "minutes from 1 to 1440",
            |minutes| (1.0..=1440.0).contains(minutes),
        )?;
        Ok(Self {
            table_name: environment.text("TABLE_NAME", Source::Template)?,
            schedule: Schedule::new(Duration::from_secs_f64(minutes * 60.0)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_deadline_is_named_with_its_parameter() {
        let config = |value| Config::from(&Environment::of(&[("TABLE_NAME", "Cases"), ("DEADLINE_MINUTES", value)]));
        assert!(config("1440").is_ok());
        for wrong in ["0", "1441", "soon", ""] {
            let error = config(wrong).err().unwrap().to_string();
            assert!(error.contains("DEADLINE_MINUTES") && error.contains("DeadlineMinutes"), "{error}");
        }
    }
}
