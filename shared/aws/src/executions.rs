//! AWS Step Functions: the executions of the state machine, one or several for each case.

use crate::error::ApiCallError;
use aws_sdk_sfn::Client;
use aws_sdk_sfn::types::ExecutionStatus;
use gumshoe_domain::CaseKey;
use gumshoe_domain::case::flows::ExecutionState;
use gumshoe_domain::error::{ErrorName, Fault, Service};
use thiserror::Error;

/// Why an execution could not be started.
#[derive(Debug, Error)]
pub enum ExecutionError {
    /// A failed call.
    #[error(transparent)]
    Call(#[from] ApiCallError),
    /// The case's key could not be serialized as JSON.
    #[error("could not serialize the input of the execution")]
    Input(#[source] serde_json::Error),
}

impl ErrorName for ExecutionError {
    fn error_name(&self) -> &'static str {
        match self {
            Self::Call(call) => call.fault.name(Service::Executions),
            Self::Input(_) => Fault::Rejected.name(Service::Executions),
        }
    }
}

/// The case state machine.
#[derive(Debug, Clone)]
pub struct Executions {
    client: Client,
    state_machine_arn: String,
}

impl Executions {
    /// The state machine with that ARN.
    #[must_use]
    pub fn new(client: Client, state_machine_arn: String) -> Self {
        Self { client, state_machine_arn }
    }

    /// Starts an execution for that attempt of the case, unless it exists already, and returns its state.
    ///
    /// Step Functions answers a repeated StartExecution with the same input as if it had started the execution, while it is running, and with
    /// ExecutionAlreadyExists after it has ended (Step Functions API Reference, StartExecution).
    ///
    /// # Errors
    ///
    /// A failed StartExecution or DescribeExecution.
    pub async fn ensure_started(&self, case: &CaseKey, attempt: u32) -> Result<ExecutionState, ExecutionError> {
        let name = case.execution_name(attempt);
        let input = serde_json::to_string(case).map_err(ExecutionError::Input)?;
        let started =
            self.client.start_execution().state_machine_arn(&self.state_machine_arn).name(&name).input(input).send();
        match started.await.map_err(|error| ApiCallError::new("StartExecution", error)) {
            Ok(_) => Ok(ExecutionState::Started),
            Err(error) if error.code.as_deref() == Some("ExecutionAlreadyExists") => self.execution_state(&name).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn execution_state(&self, name: &str) -> Result<ExecutionState, ExecutionError> {
        let arn = format!("{}:{name}", self.state_machine_arn.replacen(":stateMachine:", ":execution:", 1));
        let answer = self.client.describe_execution().execution_arn(arn).send().await;
        let answer = answer.map_err(|error| ApiCallError::new("DescribeExecution", error))?;
        Ok(match answer.status() {
            ExecutionStatus::Failed | ExecutionStatus::TimedOut | ExecutionStatus::Aborted => ExecutionState::Failed,
            _ => ExecutionState::RunningOrSucceeded,
        })
    }
}
