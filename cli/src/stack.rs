//! A deployed stack and its outputs.

use crate::error::CliError;
use aws_config::SdkConfig;
use aws_sdk_cloudformation::Client;
use gumshoe_aws::ApiCallError;
use std::collections::BTreeMap;

/// A stack, as DescribeStacks returns it.
#[derive(Debug, Clone)]
pub(crate) struct Stack {
    name: String,
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
        let outputs = stack.outputs.unwrap_or_default().into_iter();
        Ok(Self {
            name: name.to_owned(),
            outputs: outputs.filter_map(|it| Some((it.output_key?, it.output_value.unwrap_or_default()))).collect(),
        })
    }

    /// The output of that name.
    ///
    /// # Errors
    ///
    /// The stack has no such output: it is another stack, or of an earlier version.
    pub(crate) fn output(&self, name: &str) -> Result<&str, CliError> {
        self.outputs.get(name).map(String::as_str).ok_or_else(|| {
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
