//! Looking at what the stack has done.

use super::LocalCloud;
use crate::cases::{self, CaseItem, FindingItem};
use crate::error::CloudError;
use crate::inbox::{ReceivedMessage, from_queue};
use serde_json::{Value, json};

impl LocalCloud {
    /// An object of the evidence bucket; nothing where there is none.
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

    /// Writes all that the functions have logged beside the other logs, and gives the file.
    ///
    /// # Errors
    ///
    /// As [`LocalCloud::logs`], or the file cannot be written.
    pub async fn write_logs(&self) -> Result<std::path::PathBuf, CloudError> {
        let file = self.tools.scratch_folder()?.join("functions.log");
        let lines = self.logs().await?;
        std::fs::write(&file, lines.join("\n")).map_err(CloudError::io("the functions' log cannot be written"))?;
        Ok(file)
    }

    /// The subject's cases, oldest first.
    ///
    /// # Errors
    ///
    /// A failed Query.
    pub async fn cases(&self, subject: &str) -> Result<Vec<CaseItem>, CloudError> {
        cases::of(&self.api, self.outputs.get("CasesTableName"), subject).await
    }

    /// All cases there are.
    ///
    /// # Errors
    ///
    /// A failed Scan.
    pub async fn all_cases(&self) -> Result<Vec<CaseItem>, CloudError> {
        cases::all(&self.api, self.outputs.get("CasesTableName")).await
    }

    /// All findings that the table holds.
    ///
    /// # Errors
    ///
    /// A failed Scan.
    pub async fn all_findings(&self) -> Result<Vec<FindingItem>, CloudError> {
        cases::all_findings(&self.api, self.outputs.get("CasesTableName")).await
    }

    /// How many of a finding's re-publications were suppressed; nothing when the finding is not known.
    ///
    /// # Errors
    ///
    /// A failed Query.
    pub async fn suppressed(&self, subject: &str, finding_id: &str) -> Result<Option<u64>, CloudError> {
        cases::suppressed(&self.api, self.outputs.get("CasesTableName"), subject, finding_id).await
    }

    /// The messages in the dead-letter queue. They stay there, and can be seen again at once.
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

    /// An execution's status, error and history, under the case's id.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn execution(&self, case_id: &str) -> Result<Value, CloudError> {
        let arn = self.execution_arn(case_id);
        self.api.json("states", "AWSStepFunctions.DescribeExecution", &json!({"executionArn": arn})).await
    }

    /// The events of an execution, in order.
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
