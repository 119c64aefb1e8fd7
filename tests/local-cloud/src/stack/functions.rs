//! Configures, invokes and kills the deployed functions.

use super::{GRAPH_STACK, LocalCloud, MEMBER_STACK, STACK};
use crate::api::call_failed;
use crate::deploy;
use crate::error::CloudError;
use crate::process;
use reqwest::Method;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// Timeout of a function's update.
const UPDATE_TIMEOUT: Duration = Duration::from_secs(30);

/// The deployed name of a function: its stack's name and its own.
#[must_use]
pub fn deployed_name(function: &str) -> String {
    let stack = match function {
        "keep-graph" => GRAPH_STACK,
        "keep-membership" => MEMBER_STACK,
        _ => STACK,
    };
    format!("{stack}-{function}")
}

impl LocalCloud {
    /// Sets a variable of a function's environment. The function's processes end, even if the value is unchanged, and the next
    /// invocation is a cold start. Use it only while no invocation is running.
    ///
    /// # Errors
    ///
    /// A failed call, or an update that does not end in time.
    pub async fn set_variable(&self, function: &str, name: &str, value: &str) -> Result<(), CloudError> {
        let mut environment = self.configuration(function).await?["Environment"].clone();
        environment["Variables"][name] = json!(value);
        let change = json!({"Environment": environment}).to_string().into_bytes();
        self.api.send(Method::PUT, "lambda", &path(function), change).await?;
        self.poll_until(&format!("the update of function {function}"), UPDATE_TIMEOUT, async || {
            let now = self.configuration(function).await?;
            Ok((now["State"] == "Active" && now["LastUpdateStatus"] == "Successful").then_some(()))
        })
        .await
    }

    /// Kills a function's processes immediately, as Lambda does if a function exceeds its memory or its timeout; returns their
    /// number.
    #[must_use]
    pub fn kill(&self, function: &str) -> usize {
        process::kill_functions_with_environment(&[
            format!("AWS_ENDPOINT_URL={}", self.api.url()),
            format!("AWS_LAMBDA_FUNCTION_NAME={}", deployed_name(function)),
        ])
    }

    /// Invokes a function and waits for its response: its result, or its error as `errorType` and `errorMessage`.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn invoke(&self, function: &str, input: &Value) -> Result<Value, CloudError> {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let answer = self.api.send(Method::POST, "lambda", &path, input.to_string().into_bytes()).await?;
        serde_json::from_str(&answer).map_err(|source| call_failed(&path, source))
    }

    /// Builds a package of the workspace that is not a function of the stack with the same settings; returns the folder with its
    /// `bootstrap`.
    ///
    /// # Errors
    ///
    /// A failed build.
    pub async fn build_package(&self, name: &str, progress: &(dyn Fn(&str) + Sync)) -> Result<PathBuf, CloudError> {
        deploy::build_package(&self.tools, name, progress).await
    }

    async fn configuration(&self, function: &str) -> Result<Value, CloudError> {
        let path = path(function);
        let text = self.api.get("lambda", &path).await?;
        serde_json::from_str(&text).map_err(|source| call_failed(&path, source))
    }
}

/// Lambda API Reference, GetFunctionConfiguration and UpdateFunctionConfiguration.
fn path(function: &str) -> String {
    format!("/2015-03-31/functions/{}/configuration", deployed_name(function))
}
