//! What open-case is deployed with.

use gumshoe_bootstrap::environment::Source;
use gumshoe_bootstrap::{ConfigurationError, Environment};
use gumshoe_domain::Severity;
use gumshoe_domain::admission::Admission;
use jiff::SignedDuration;

pub(crate) struct Config {
    pub(crate) table_name: String,
    pub(crate) state_machine_arn: String,
    pub(crate) dead_letter_queue_url: String,
    pub(crate) admission: Admission,
    pub(crate) realert_after: SignedDuration,
}

impl Config {
    pub(crate) fn from(environment: &Environment) -> Result<Self, ConfigurationError> {
        let minimum_severity = environment.parsed(
            "MINIMUM_SEVERITY",
            Source::Parameter("MinimumSeverity"),
            "a finding severity from 0 to 10",
            |_: &Severity| true,
        )?;
        let hours: f64 = environment.parsed(
            "REALERT_HOURS",
            Source::Parameter("RealertHours"),
            "hours from 1 to 2160",
            |hours| (1.0..=2160.0).contains(hours),
        )?;
        let rehearsal: bool =
            environment.parsed("REHEARSAL", Source::Parameter("Rehearsal"), "true or false", |_| true)?;
        Ok(Self {
            table_name: environment.text("TABLE_NAME", Source::Template)?,
            state_machine_arn: environment.text("STATE_MACHINE_ARN", Source::Template)?,
            dead_letter_queue_url: environment.text("DEAD_LETTER_QUEUE_URL", Source::Template)?,
            admission: Admission { minimum_severity, rehearsal },
            realert_after: SignedDuration::from_secs_f64(hours * 3600.0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 6] = [
        ("TABLE_NAME", "Cases"),
        ("STATE_MACHINE_ARN", "arn:aws:states:us-east-1:123456789012:stateMachine:case"),
        ("DEAD_LETTER_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/dead"),
        ("MINIMUM_SEVERITY", "4"),
        ("REALERT_HOURS", "24"),
        ("REHEARSAL", "false"),
    ];

    #[test]
    fn each_wrong_value_is_named_with_its_parameter() {
        assert!(Config::from(&Environment::of(&GOOD)).is_ok());
        for (variable, wrong, parameter) in [
            ("MINIMUM_SEVERITY", "11", "MinimumSeverity"),
            ("MINIMUM_SEVERITY", "high", "MinimumSeverity"),
            ("REALERT_HOURS", "0", "RealertHours"),
            ("REHEARSAL", "yes", "Rehearsal"),
        ] {
            let changed: Vec<(&str, &str)> =
                GOOD.iter().map(|&(name, value)| (name, if name == variable { wrong } else { value })).collect();
            let error = Config::from(&Environment::of(&changed)).err().unwrap().to_string();
            assert!(error.contains(variable) && error.contains(parameter), "{error}");
        }
        for (missing, _) in GOOD {
            let rest: Vec<(&str, &str)> = GOOD.iter().copied().filter(|(name, _)| *name != missing).collect();
            assert!(Config::from(&Environment::of(&rest)).is_err(), "{missing}");
        }
    }
}
