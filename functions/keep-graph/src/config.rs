//! What keep-graph is deployed with.

use crate::mode::Mode;
use gumshoe_bootstrap::environment::Source;
use gumshoe_bootstrap::{ConfigurationError, Environment};

pub(crate) struct Config {
    /// The name of the parameter that says what the graph should be.
    pub(crate) document: String,
    /// The most that may be done.
    pub(crate) most: Mode,
    /// The role in the organization's management account, and the external id that it asks for.
    pub(crate) management_role: Option<(String, String)>,
    pub(crate) table_name: String,
    pub(crate) topic_arn: String,
    /// The stack's name, under which is counted.
    pub(crate) stack_name: String,
    pub(crate) account_id: String,
    pub(crate) region: String,
}

impl Config {
    pub(crate) fn from(environment: &Environment) -> Result<Self, ConfigurationError> {
        let role = environment.optional("MANAGEMENT_ROLE_ARN").map(|_| {
            let arn = environment.text("MANAGEMENT_ROLE_ARN", Source::Parameter("ManagementRoleArn"))?;
            let id = environment.text("MANAGEMENT_ROLE_EXTERNAL_ID", Source::Parameter("ManagementRoleExternalId"))?;
            Ok((arn, id))
        });
        Ok(Self {
            document: environment.text("GRAPH_DOCUMENT", Source::Parameter("GraphDocument"))?,
            most: environment
                .parsed("KEEP_GRAPH", Source::Parameter("KeepGraph"), "plan, apply or destroy", |_| true)?,
            management_role: role.transpose()?,
            table_name: environment.text("TABLE_NAME", Source::Template)?,
            topic_arn: environment.text("TOPIC_ARN", Source::Template)?,
            stack_name: environment.text("STACK_NAME", Source::Template)?,
            account_id: environment.text("ACCOUNT_ID", Source::Template)?,
            region: environment.text("REGION", Source::Template)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(more: &[(&'static str, &'static str)]) -> Result<Config, ConfigurationError> {
        let template = [
            ("GRAPH_DOCUMENT", "/gumshoe/graph"),
            ("TABLE_NAME", "Cases"),
            ("TOPIC_ARN", "arn"),
            ("STACK_NAME", "gumshoe"),
            ("ACCOUNT_ID", "111122223333"),
            ("REGION", "us-east-1"),
        ];
        Config::from(&Environment::of(&template.iter().chain(more).copied().collect::<Vec<_>>()))
    }

    #[test]
    fn each_wrong_value_is_named_with_its_parameter() {
        assert_eq!(config(&[("KEEP_GRAPH", "apply")]).ok().unwrap().most, Mode::Apply);
        for wrong in ["off", "yes", ""] {
            let error = config(&[("KEEP_GRAPH", wrong)]).err().unwrap().to_string();
            assert!(error.contains("KEEP_GRAPH") && error.contains("KeepGraph"), "{error}");
        }
        let error = config(&[("KEEP_GRAPH", "plan"), ("MANAGEMENT_ROLE_ARN", "arn")]).err().unwrap().to_string();
        assert!(error.contains("MANAGEMENT_ROLE_EXTERNAL_ID") && error.contains("ManagementRoleExternalId"), "{error}");
    }
}
