//! What relay-alert is deployed with.

use gumshoe_bootstrap::environment::Source;
use gumshoe_bootstrap::{ConfigurationError, Environment};

/// No AWS account has this number: it is the local emulator's.
const EMULATOR: &str = "000000000000";

pub(crate) struct Config {
    pub(crate) table_name: String,
    pub(crate) dead_letter_queue_url: String,
    /// How often a message is tried before it goes there.
    pub(crate) tries: u32,
    pub(crate) secret_arn: String,
    /// Whether what stands for Slack, PagerDuty and the webhook may be on this machine: on the local emulator only.
    pub(crate) allow_loopback: bool,
}

impl Config {
    pub(crate) fn from(environment: &Environment) -> Result<Self, ConfigurationError> {
        Ok(Self {
            table_name: environment.text("TABLE_NAME", Source::Template)?,
            dead_letter_queue_url: environment.text("DEAD_LETTER_QUEUE_URL", Source::Template)?,
            tries: environment.parsed("TRIES", Source::Template, "a number from 1", |tries: &u32| *tries > 0)?,
            secret_arn: environment.text("RELAY_SECRET_ARN", Source::Parameter("RelaySecretArn"))?,
            allow_loopback: environment.text("ACCOUNT_ID", Source::Template)? == EMULATOR,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_for_the_emulator_only() {
        let loopback = |account| {
            let given = [
                ("TABLE_NAME", "Cases"),
                ("DEAD_LETTER_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/dead"),
                ("TRIES", "6"),
                ("RELAY_SECRET_ARN", "arn:aws:secretsmanager:us-east-1:123456789012:secret:relay"),
                ("ACCOUNT_ID", account),
            ];
            Config::from(&Environment::of(&given)).map(|config| config.allow_loopback).ok()
        };
        assert_eq!((loopback("000000000000"), loopback("123456789012"), loopback("")), (Some(true), Some(false), None));
    }
}
