//! What send-alert is deployed with.

use gumshoe_bootstrap::environment::Source;
use gumshoe_bootstrap::{ConfigurationError, Environment};

pub(crate) struct Config {
    pub(crate) table_name: String,
    pub(crate) topic_arn: String,
}

impl Config {
    pub(crate) fn from(environment: &Environment) -> Result<Self, ConfigurationError> {
        Ok(Self {
            table_name: environment.text("TABLE_NAME", Source::Template)?,
            topic_arn: environment.text("TOPIC_ARN", Source::Template)?,
        })
    }
}
