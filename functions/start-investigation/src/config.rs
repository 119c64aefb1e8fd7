//! What start-investigation is deployed with.

use gumshoe_bootstrap::environment::Source;
use gumshoe_bootstrap::{ConfigurationError, Environment};
use gumshoe_domain::Regions;
use gumshoe_domain::coverage::region_of;
use gumshoe_domain::guardduty::{self, Limits, When};
use gumshoe_domain::schedule::Schedule;
use jiff::SignedDuration;
use std::time::Duration;

pub(crate) struct Config {
    pub(crate) table_name: String,
    /// The graph of its own Region. Nothing, and in other Regions: the graph is looked up with ListGraphs.
    pub(crate) graph_arn: Option<String>,
    pub(crate) scope: SignedDuration,
    pub(crate) schedule: Schedule,
    /// For which cases GuardDuty is asked.
    pub(crate) guardduty_when: When,
    /// How often it may be.
    pub(crate) guardduty_limits: Limits,
    /// The Regions in which is investigated.
    pub(crate) regions: Regions,
    /// Whether the stack archives investigations of quiet cases.
    pub(crate) archives_quiet: bool,
}

impl Config {
    pub(crate) fn from(environment: &Environment) -> Result<Self, ConfigurationError> {
        let hours: f64 =
            environment.parsed("SCOPE_HOURS", Source::Parameter("ScopeHours"), "hours from 3 to 720", |hours| {
                (3.0..=720.0).contains(hours)
            })?;
        let minutes: f64 = environment.parsed(
            "DEADLINE_MINUTES",
            Source::Parameter("DeadlineMinutes"),
            "minutes from 1 to 1440",
            |minutes| (1.0..=1440.0).contains(minutes),
        )?;
        let regions = Regions::only(&environment.text("REGION", Source::Template)?);
        let regions = environment.parsed_or(
            regions,
            "INVESTIGATION_REGIONS",
            Source::Parameter("InvestigationRegions"),
            "Regions such as us-east-1, with commas between them, or nothing",
        )?;
        let graph_arn = match environment.optional("GRAPH_ARN") {
            None => None,
            Some(_) => Some(environment.parsed(
                "GRAPH_ARN",
                Source::Parameter("GraphArn"),
                "arn:PARTITION:detective:REGION:ACCOUNT:graph:ID in one of the InvestigationRegions, or nothing",
                |arn: &String| is_graph_arn(arn) && region_of(arn).is_some_and(|region| regions.contains(region)),
            )?),
        };
        let kept: usize = environment.parsed(
            "GUARDDUTY_SLOTS_FOR_CRITICAL",
            Source::Parameter("GuardDutySlotsForCritical"),
            "a number from 0 to 10",
            |kept| *kept <= guardduty::A_DAY,
        )?;
        Ok(Self {
            table_name: environment.text("TABLE_NAME", Source::Template)?,
            graph_arn,
            scope: SignedDuration::from_secs_f64(hours * 3600.0),
            schedule: Schedule::new(Duration::from_secs_f64(minutes * 60.0)),
            guardduty_when: environment.parsed(
                "GUARDDUTY_INVESTIGATIONS",
                Source::Parameter("GuardDutyInvestigations"),
                "off, attack-sequences, uninvestigable, high or all",
                |_| true,
            )?,
            guardduty_limits: Limits::keeping(kept),
            regions,
            archives_quiet: environment.parsed(
                "ARCHIVE_QUIET_INVESTIGATIONS",
                Source::Parameter("ArchiveQuietInvestigations"),
                "true or false",
                |_| true,
            )?,
        })
    }
}

/// Detective API Reference, StartInvestigation: GraphArn.
fn is_graph_arn(arn: &str) -> bool {
    let parts: Vec<&str> = arn.split(':').collect();
    let [arn, partition, "detective", region, account, "graph", id] = parts.as_slice() else { return false };
    *arn == "arn"
        && partition.starts_with("aws")
        && (2..=20).contains(&region.len())
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && id.len() == 32
        && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(variable: &str, value: &str) -> Result<Config, ConfigurationError> {
        let good = [
            ("TABLE_NAME", "Cases"),
            ("SCOPE_HOURS", "24"),
            ("DEADLINE_MINUTES", "120"),
            ("GRAPH_ARN", ""),
            ("GUARDDUTY_INVESTIGATIONS", "off"),
            ("GUARDDUTY_SLOTS_FOR_CRITICAL", "3"),
            ("REGION", "us-east-1"),
            ("INVESTIGATION_REGIONS", ""),
            ("ARCHIVE_QUIET_INVESTIGATIONS", "false"),
        ];
        let changed: Vec<(&str, &str)> =
            good.iter().map(|&(name, good)| (name, if name == variable { value } else { good })).collect();
        Config::from(&Environment::of(&changed))
    }

    #[test]
    fn the_regions_are_the_stacks_own_unless_others_are_named() {
        let regions = |value| config("INVESTIGATION_REGIONS", value).map(|it| it.regions.to_string());
        assert_eq!(regions("").ok().unwrap(), "us-east-1");
        assert_eq!(regions("eu-west-1,us-east-1").ok().unwrap(), "eu-west-1, us-east-1");
        assert_eq!(regions("eu-west-1").ok().unwrap(), "eu-west-1", "the own one has to be named then");
    }

    #[test]
    fn each_wrong_value_is_named_with_its_parameter() {
        assert_eq!(config("", "").ok().unwrap().graph_arn, None);
        let graph = "arn:aws:detective:us-east-1:123456789012:graph:0123456789abcdef0123456789abcdef";
        assert_eq!(config("GRAPH_ARN", graph).ok().unwrap().graph_arn.as_deref(), Some(graph));
        for (variable, wrong, parameter) in [
            ("GRAPH_ARN", "arn:aws:detective:us-east-1:1:graph:x", "GraphArn"),
            (
                "GRAPH_ARN",
                "arn:aws:detective:eu-west-1:123456789012:graph:0123456789abcdef0123456789abcdef",
                "InvestigationRegions",
            ),
            ("INVESTIGATION_REGIONS", "us-east-1;eu-west-1", "InvestigationRegions"),
            ("SCOPE_HOURS", "2", "ScopeHours"),
            ("SCOPE_HOURS", "721", "ScopeHours"),
            ("DEADLINE_MINUTES", "0", "DeadlineMinutes"),
            ("GUARDDUTY_INVESTIGATIONS", "on", "GuardDutyInvestigations"),
            ("GUARDDUTY_SLOTS_FOR_CRITICAL", "11", "GuardDutySlotsForCritical"),
            ("ARCHIVE_QUIET_INVESTIGATIONS", "yes", "ArchiveQuietInvestigations"),
        ] {
            let error = config(variable, wrong).err().unwrap().to_string();
            assert!(error.contains(variable) && error.contains(parameter), "{error}");
        }
    }
}
