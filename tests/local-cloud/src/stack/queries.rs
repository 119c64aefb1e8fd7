//! Reads the stack's records: cases, findings, evidence, dead-letter queue, executions.

use super::LocalCloud;
use crate::cases::{self, CaseItem, FindingItem};
use crate::error::CloudError;
use crate::inbox::{ReceivedMessage, from_queue};
use serde_json::{Value, json};

impl LocalCloud {
    /// Reads an object of the evidence bucket; `None` if it does not exist.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn evidence(&self, key: &str) -> Result<Option<String>, CloudError> {
        let path = format!("/{}/{key}", self.outputs.get("EvidenceBucketName"));
        match self.api.get("s3", &path).await {
            Err(CloudError::Answer { status: 404, .. }) => Ok(None),
            other => other.map(Some),
        }
    }

    /// Writes all log lines of the functions to `functions.log` in the scratch folder and returns the path.
    ///
    /// # Errors
    ///
    /// As [`LocalCloud::logs`], or the file cannot be written.
    pub async fn write_logs(&self) -> Result<std::path::PathBuf, CloudError> {
        let file = self.tools.scratch_folder()?.join("functions.log");
        let lines = self.logs().await?;
        std::fs::write(&file, lines.join("\n")).map_err(CloudError::io("could not write functions.log"))?;
        Ok(file)
    }

    /// The subject's cases, oldest first.
    ///
    /// # Errors
    ///
    /// A failed Query.
    pub async fn cases(&self, subject: &str) -> Result<Vec<CaseItem>, CloudError> {
        cases::cases_of_subject(&self.api, self.outputs.get("CasesTableName"), subject).await
    }

    /// All cases in the table.
    ///
    /// # Errors
    ///
    /// A failed Scan.
    pub async fn all_cases(&self) -> Result<Vec<CaseItem>, CloudError> {
        cases::all_cases(&self.api, self.outputs.get("CasesTableName")).await
    }

    /// All findings in the table.
    ///
    /// # Errors
    ///
    /// A failed Scan.
    pub async fn all_findings(&self) -> Result<Vec<FindingItem>, CloudError> {
        cases::all_findings(&self.api, self.outputs.get("CasesTableName")).await
    }

    /// How many of a finding's updates were suppressed; `None` if the table does not have the finding.
    ///
    /// # Errors
    ///
    /// A failed Query.
    pub async fn suppressed_count(&self, subject: &str, finding_id: &str) -> Result<Option<u64>, CloudError> {
        cases::suppressed_count(&self.api, self.outputs.get("CasesTableName"), subject, finding_id).await
    }

    /// Up to ten messages of the dead-letter queue. They stay in the queue and remain visible.
    ///
    /// # Errors
    ///
    /// A failed ReceiveMessage.
    pub async fn peek_dead_letters(&self) -> Result<Vec<ReceivedMessage>, CloudError> {
        let receive = json!({"QueueUrl": self.outputs.get("DeadLetterQueueUrl"), "MaxNumberOfMessages": 10,
            "VisibilityTimeout": 0, "MessageAttributeNames": ["All"]});
        let answer = self.api.json("sqs", "AmazonSQS.ReceiveMessage", &receive).await?;
        Ok(answer["Messages"].as_array().into_iter().flatten().map(|message| from_queue("sqs", message)).collect())
    }

    /// Describes the execution of a case: status and error.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn execution(&self, case_id: &str) -> Result<Value, CloudError> {
        let arn = self.execution_arn(case_id);
        self.api.json("states", "AWSStepFunctions.DescribeExecution", &json!({"executionArn": arn})).await
    }

    /// The history events of a case's execution, in order.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn history(&self, case_id: &str) -> Result<Vec<Value>, CloudError> {
        let mut get = json!({"executionArn": self.execution_arn(case_id), "maxResults": 1000});
        let mut events = Vec::new();
        loop {
            let answer = self.api.json("states", "AWSStepFunctions.GetExecutionHistory", &get).await?;
            events.extend(answer["events"].as_array().into_iter().flatten().cloned());
            if !answer["nextToken"].is_string() {
                return Ok(events);
            }
            get["nextToken"] = answer["nextToken"].clone();
        }
    }

    fn execution_arn(&self, case_id: &str) -> String {
        let machine = self.outputs.get("CaseStateMachineArn").replacen(":stateMachine:", ":execution:", 1);
        format!("{machine}:{case_id}")
    }
}
