//! A deployed stack: its parameters and outputs.

use crate::error::CliError;
use aws_config::SdkConfig;
use aws_sdk_cloudformation::Client;
use gumshoe_aws::ApiCallError;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A stack, as DescribeStacks returns it.
#[derive(Debug, Clone)]
pub(crate) struct Stack {
    /// The name.
    pub(crate) name: String,
    /// The status, such as `UPDATE_COMPLETE`.
    pub(crate) status: String,
    /// When it was created or last updated.
    pub(crate) updated_at: Option<Timestamp>,
    /// The parameters, with `****` for those that are not shown.
    pub(crate) parameters: BTreeMap<String, String>,
    outputs: BTreeMap<String, String>,
}

impl Stack {
    /// Reads the stack of that name.
    ///
    /// # Errors
    ///
    /// There is no such stack, or a failed DescribeStacks.
    pub(crate) async fn read(config: &SdkConfig, name: &str) -> Result<Self, CliError> {
        let described = Client::new(config).describe_stacks().stack_name(name).send().await;
        let described = described.map_err(|error| ApiCallError::new("DescribeStacks", error));
        let answer = match described {
            // CloudFormation API Reference, DescribeStacks: "If the stack doesn't exist, a ValidationError is returned."
            Err(error) if error.code.as_deref() == Some("ValidationError") => return Err(no_stack(config, name)),
            other => other?,
        };
        let stack = answer.stacks.unwrap_or_default().into_iter().next().ok_or_else(|| no_stack(config, name))?;
        let updated = stack.last_updated_time.or(stack.creation_time);
        let pairs = |key: Option<String>, value: Option<String>| Some((key?, value.unwrap_or_default()));
        Ok(Self {
            name: name.to_owned(),
            status: stack.stack_status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
            updated_at: updated.and_then(|time| Timestamp::from_second(time.secs()).ok()),
            parameters: stack
                .parameters
                .unwrap_or_default()
                .into_iter()
                .filter_map(|it| pairs(it.parameter_key, it.parameter_value))
                .collect(),
            outputs: stack
                .outputs
                .unwrap_or_default()
                .into_iter()
                .filter_map(|it| pairs(it.output_key, it.output_value))
                .collect(),
        })
    }

    /// The output of that name; `None` if the stack has none, such as that of the relay without a relay.
    pub(crate) fn optional_output(&self, name: &str) -> Option<&str> {
        self.outputs.get(name).map(String::as_str)
    }

    /// The output of that name.
    ///
    /// # Errors
    ///
    /// The stack has no such output: it is another stack, or of an earlier version.
    pub(crate) fn output(&self, name: &str) -> Result<&str, CliError> {
        self.optional_output(name).ok_or_else(|| {
            CliError::Failed(format!(
                "the stack {} has no output {name}: it is no case stack of Gumshoe, or of an earlier version; \
                 name the case stack with --stack, or deploy this version",
                self.name
            ))
        })
    }
}

fn no_stack(config: &SdkConfig, name: &str) -> CliError {
    let region = config.region().map_or("?", AsRef::as_ref);
    CliError::Failed(format!(
        "there is no stack {name} in {region} for these credentials; check the account, the Region (--region) and the \
         name (--stack)"
    ))
}
