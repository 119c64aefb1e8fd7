//! AWS Step Functions: one execution a case.

use crate::error::ApiCallError;
use aws_sdk_sfn::Client;
use aws_sdk_sfn::types::ExecutionStatus;
use gumshoe_domain::CaseKey;
use gumshoe_domain::case::flows::Standing;
use gumshoe_domain::error::{Fault, Named, Service};
use thiserror::Error;

/// What can go wrong with executions.
#[derive(Debug, Error)]
pub enum ExecutionError {
    /// A failed call.
    #[error(transparent)]
    Call(#[from] ApiCallError),
    /// The case's key cannot be written as JSON.
    #[error("the input of the execution cannot be written")]
    Input(#[source] serde_json::Error),
}

impl Named for ExecutionError {
    fn name(&self) -> &'static str {
        match self {
            Self::Call(call) => call.fault.name(Service::Executions),
            Self::Input(_) => Fault::Rejected.name(Service::Executions),
        }
    }
}

/// The state machine.
#[derive(Debug, Clone)]
pub struct Executions {
    client: Client,
    state_machine_arn: String,
}

impl Executions {
    /// The executions of that state machine.
    #[must_use]
    pub fn new(client: Client, state_machine_arn: String) -> Self {
        Self { client, state_machine_arn }
    }

    /// Starts the case's execution of that attempt. That it exists already is success; how it stands is told.
    ///
    /// AWS answers a second StartExecution of a running execution with the same input as if it had started it, and one
    /// of an ended execution with ExecutionAlreadyExists.
    ///
    /// # Errors
    ///
    /// A failed StartExecution or DescribeExecution.
    pub async fn ensure_started(&self, case: &CaseKey, attempt: u32) -> Result<Standing, ExecutionError> {
        let name = case.execution_name(attempt);
        let input = serde_json::to_string(case).map_err(ExecutionError::Input)?;
        let started =
            self.client.start_execution().state_machine_arn(&self.state_machine_arn).name(&name).input(input).send();
        match started.await.map_err(|error| ApiCallError::new("StartExecution", error)) {
            Ok(_) => Ok(Standing::Started),
            Err(error) if error.code.as_deref() == Some("ExecutionAlreadyExists") => self.execution_state(&name).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn execution_state(&self, name: &str) -> Result<Standing, ExecutionError> {
        let arn = format!("{}:{name}", self.state_machine_arn.replacen(":stateMachine:", ":execution:", 1));
        let answer = self.client.describe_execution().execution_arn(arn).send().await;
        let answer = answer.map_err(|error| ApiCallError::new("DescribeExecution", error))?;
        Ok(match answer.status() {
            ExecutionStatus::Failed | ExecutionStatus::TimedOut | ExecutionStatus::Aborted => Standing::Dead,
            _ => Standing::Present,
        })
    }
}
