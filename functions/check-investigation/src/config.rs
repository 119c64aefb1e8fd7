//! What check-investigation is deployed with.

use gumshoe_bootstrap::environment::Source;
use gumshoe_bootstrap::{ConfigurationError, Environment};
use gumshoe_domain::Regions;
use gumshoe_domain::schedule::Schedule;
use std::time::Duration;

pub(crate) struct Config {
    pub(crate) table_name: String,
    pub(crate) schedule: Schedule,
    /// The Regions in which is investigated.
    pub(crate) regions: Regions,
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
            regions: environment.parsed_or(
                Regions::only(&environment.text("REGION", Source::Template)?),
                "INVESTIGATION_REGIONS",
                Source::Parameter("InvestigationRegions"),
                "Regions such as us-east-1, with commas between them, or nothing",
            )?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(more: &[(&'static str, &'static str)]) -> Result<Config, ConfigurationError> {
        let template = [("TABLE_NAME", "Cases"), ("DEADLINE_MINUTES", "120"), ("REGION", "us-east-1")];
        Config::from(&Environment::of(&more.iter().chain(&template).copied().collect::<Vec<_>>()))
    }

    #[test]
    fn the_regions_are_the_stacks_own_unless_others_are_named() {
        let regions = |value| of(&[("INVESTIGATION_REGIONS", value)]).map(|it| it.regions.to_string());
        assert_eq!(regions("").ok().unwrap(), "us-east-1");
        assert_eq!(regions("us-east-1,eu-west-1").ok().unwrap(), "eu-west-1, us-east-1");
        let error = regions("everywhere").err().unwrap().to_string();
        assert!(error.contains("INVESTIGATION_REGIONS") && error.contains("InvestigationRegions"), "{error}");
    }

    #[test]
    fn a_wrong_deadline_is_named_with_its_parameter() {
        let config = |value| of(&[("DEADLINE_MINUTES", value)]);
        assert!(config("1440").is_ok());
        for wrong in ["0", "1441", "soon", ""] {
            let error = config(wrong).err().unwrap().to_string();
            assert!(error.contains("DEADLINE_MINUTES") && error.contains("DeadlineMinutes"), "{error}");
        }
    }
}
