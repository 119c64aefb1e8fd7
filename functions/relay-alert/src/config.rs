//! What relay-alert is deployed with.

use gumshoe_bootstrap::environment::Source;
use gumshoe_bootstrap::{ConfigurationError, Environment};

pub(crate) struct Config {
    pub(crate) table_name: String,
    pub(crate) dead_letter_queue_url: String,
    /// How often a message is tried before it goes there.
    pub(crate) tries: u32,
    pub(crate) secret_arn: String,
    /// Whether what stands for Slack, PagerDuty and the webhook may be on this machine, and be posted to without TLS. samconfig.toml
    /// sets it for the local cloud only.
    pub(crate) allow_loopback: bool,
}

impl Config {
    pub(crate) fn from(environment: &Environment) -> Result<Self, ConfigurationError> {
        Ok(Self {
            table_name: environment.text("TABLE_NAME", Source::Template)?,
            dead_letter_queue_url: environment.text("DEAD_LETTER_QUEUE_URL", Source::Template)?,
            tries: environment.parsed("TRIES", Source::Template, "a number from 1", |tries: &u32| *tries > 0)?,
            secret_arn: environment.text("RELAY_SECRET_ARN", Source::Parameter("RelaySecretArn"))?,
            allow_loopback: environment.parsed(
                "LOCAL_CLOUD",
                Source::Parameter("LocalCloud"),
                "true or false",
                |_: &bool| true,
            )?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_for_the_local_cloud_only() {
        let loopback = |local_cloud| {
            let given = [
                ("TABLE_NAME", "Cases"),
                ("DEAD_LETTER_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/dead"),
                ("TRIES", "6"),
                ("RELAY_SECRET_ARN", "arn:aws:secretsmanager:us-east-1:123456789012:secret:relay"),
                ("LOCAL_CLOUD", local_cloud),
            ];
            Config::from(&Environment::of(&given)).map(|config| config.allow_loopback).ok()
        };
        assert_eq!(
            (loopback("true"), loopback("false"), loopback(""), loopback("1")),
            (Some(true), Some(false), None, None)
        );
    }
}
