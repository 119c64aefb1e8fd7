//! The functions as the emulator runs them.

use super::{GRAPH_STACK, LocalCloud, MEMBER_STACK, STACK};
use crate::api::call_failed;
use crate::deploy;
use crate::error::CloudError;
use crate::process;
use reqwest::Method;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// How long an update of a function may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What a function is deployed as: its name after that of its stack.
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
    /// Sets a variable of a function's environment. Its processes end, also where it is set so already, and the next call
    /// starts one that remembers nothing. For when none of its calls is under way.
    ///
    /// # Errors
    ///
    /// A failed call, or an update that does not end.
    pub async fn set_variable(&self, function: &str, name: &str, value: &str) -> Result<(), CloudError> {
        let mut environment = self.configuration(function).await?["Environment"].clone();
        environment["Variables"][name] = json!(value);
        let change = json!({"Environment": environment}).to_string().into_bytes();
        self.api.send(Method::PUT, "lambda", &path(function), change).await?;
        self.poll_until("the end of a function's update", TIMEOUT, async || {
            let now = self.configuration(function).await?;
            Ok((now["State"] == "Active" && now["LastUpdateStatus"] == "Successful").then_some(()))
        })
        .await
    }

    /// Kills a function's processes in the middle of what they do, as Lambda does where a function uses too much memory or
    /// time; gives how many there were.
    #[must_use]
    pub fn kill(&self, function: &str) -> usize {
        process::kill_those_with(&[
            format!("AWS_ENDPOINT_URL={}", self.api.url()),
            format!("AWS_LAMBDA_FUNCTION_NAME={}", deployed_name(function)),
        ])
    }

    /// Invokes a function and waits for its answer: what it gives back, or its error as `errorType` and `errorMessage`.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn invoke(&self, function: &str, input: &Value) -> Result<Value, CloudError> {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let answer = self.api.send(Method::POST, "lambda", &path, input.to_string().into_bytes()).await?;
        serde_json::from_str(&answer).map_err(|source| call_failed(&path, source))
    }

    /// Builds a package of the workspace that is no function of the stack's in the same way, and gives the folder with its
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
