//! What assess-case is deployed with.

use gumshoe_bootstrap::environment::Source;
use gumshoe_bootstrap::{ConfigurationError, Environment};
use gumshoe_domain::case::SecondLook;
use gumshoe_domain::guardduty::When;
use gumshoe_domain::verdict::Weights;
use gumshoe_domain::{Regions, VerdictLevel};

pub(crate) struct Config {
    pub(crate) table_name: String,
    /// Where evidence and reports are kept.
    pub(crate) evidence_bucket: String,
    /// The Region of the stack, and so of the bucket.
    pub(crate) region: String,
    /// The Regions in which is investigated.
    pub(crate) regions: Regions,
    /// The stack's name, under which is counted.
    pub(crate) stack_name: String,
    /// The lowest level of verdict that people hear of.
    pub(crate) threshold: VerdictLevel,
    /// What each kind of evidence weighs.
    pub(crate) weights: Weights,
    /// For which cases GuardDuty is asked.
    pub(crate) guardduty_when: When,
    /// Whether investigations of cases that close quietly are archived in Detective.
    pub(crate) archives_quiet: bool,
    /// When quiet cases are looked at again.
    pub(crate) second_look: SecondLook,
}

impl Config {
    pub(crate) fn from(environment: &Environment) -> Result<Self, ConfigurationError> {
        let region = environment.text("EVIDENCE_REGION", Source::Template)?;
        let second_look: SecondLook = environment.parsed(
            "SECOND_LOOK_HOURS",
            Source::Parameter("SecondLookHours"),
            "hours from 0 to 24",
            |_| true,
        )?;
        Ok(Self {
            second_look,
            table_name: environment.text("TABLE_NAME", Source::Template)?,
            evidence_bucket: environment.text("EVIDENCE_BUCKET", Source::Template)?,
            regions: environment.parsed_or(
                Regions::only(&region),
                "INVESTIGATION_REGIONS",
                Source::Parameter("InvestigationRegions"),
                "Regions such as us-east-1, with commas between them, or nothing",
            )?,
            region,
            stack_name: environment.text("STACK_NAME", Source::Template)?,
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
            guardduty_when: environment.parsed(
                "GUARDDUTY_INVESTIGATIONS",
                Source::Parameter("GuardDutyInvestigations"),
                "off, attack-sequences, uninvestigable, high or all",
                |_| true,
            )?,
            archives_quiet: environment.parsed(
                "ARCHIVE_QUIET_INVESTIGATIONS",
                Source::Parameter("ArchiveQuietInvestigations"),
                "true or false",
                |_| true,
            )?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(more: &[(&'static str, &'static str)]) -> Result<Config, ConfigurationError> {
        let template = [
            ("TABLE_NAME", "Cases"),
            ("EVIDENCE_BUCKET", "evidence"),
            ("EVIDENCE_REGION", "us-east-1"),
            ("STACK_NAME", "gumshoe"),
            ("GUARDDUTY_INVESTIGATIONS", "off"),
            ("ARCHIVE_QUIET_INVESTIGATIONS", "false"),
            ("SECOND_LOOK_HOURS", "6"),
        ];
        Config::from(&Environment::of(&more.iter().chain(&template).copied().collect::<Vec<_>>()))
    }

    #[test]
    fn the_regions_are_the_stacks_own_unless_others_are_named() {
        let regions = |value| {
            of(&[("ALERT_THRESHOLD", "High"), ("INVESTIGATION_REGIONS", value)]).map(|it| it.regions.to_string())
        };
        assert_eq!(regions("").ok().unwrap(), "us-east-1");
        assert_eq!(regions("us-east-1,eu-west-1").ok().unwrap(), "eu-west-1, us-east-1");
        assert!(regions("everywhere").err().unwrap().to_string().contains("InvestigationRegions"));
    }

    #[test]
    fn a_wrong_threshold_is_named_with_its_parameter() {
        let config = |value| of(&[("ALERT_THRESHOLD", value)]);
        assert_eq!(config("High").ok().map(|config| config.threshold), Some(VerdictLevel::High));
        for wrong in ["Informational", "60", "severe", ""] {
            let error = config(wrong).err().unwrap().to_string();
            assert!(error.contains("ALERT_THRESHOLD") && error.contains("AlertThreshold"), "{error}");
        }
    }

    #[test]
    fn what_is_archived_is_said_in_a_word() {
        let config = |value| of(&[("ALERT_THRESHOLD", "High"), ("ARCHIVE_QUIET_INVESTIGATIONS", value)]);
        assert_eq!(config("true").ok().map(|config| config.archives_quiet), Some(true));
        let error = config("yes").err().unwrap().to_string();
        assert!(error.contains("ArchiveQuietInvestigations"), "{error}");
    }

    #[test]
    fn zero_hours_turn_second_looks_off() {
        let config = |value| of(&[("ALERT_THRESHOLD", "High"), ("SECOND_LOOK_HOURS", value)]);
        assert_eq!(config("0").ok().map(|config| config.second_look), Some(SecondLook::OFF));
        for wrong in ["-1", "24.5", "soon"] {
            let error = config(wrong).err().unwrap().to_string();
            assert!(error.contains("SECOND_LOOK_HOURS") && error.contains("SecondLookHours"), "{error}");
        }
    }

    #[test]
    fn wrong_weights_are_named_with_their_parameter() {
        let config =
            |value| of(&[("ALERT_THRESHOLD", "High"), ("VERDICT_WEIGHTS", value)]).map(|config| config.weights);
        assert_eq!(config("").ok().unwrap(), Weights::default());
        assert_eq!(config(r#"{"severity": {"high": 20}}"#).ok().unwrap().severity.high, 20);
        let error = config(r#"{"severity": {"high": 59}}"#).err().unwrap();
        let told = gumshoe_domain::error::with_causes(&error);
        for part in ["VERDICT_WEIGHTS", "VerdictWeights", "novelty alone"] {
            assert!(told.contains(part), "{told}");
        }
    }
}
