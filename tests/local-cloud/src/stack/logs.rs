//! Reads the stack's log groups and counts running executions.

use super::{GRAPH_STACK, LocalCloud, MEMBER_STACK, STACK};
use crate::api::call_failed;
use crate::error::CloudError;
use serde_json::{Value, json};
use std::collections::BTreeMap;

impl LocalCloud {
    /// All log lines of the functions, grouped by function.
    ///
    /// # Errors
    ///
    /// A failed FilterLogEvents.
    pub async fn logs(&self) -> Result<Vec<String>, CloudError> {
        let mut lines = Vec::new();
        for (_, group) in self.functions().await? {
            lines.extend(self.lines_of(&group).await?);
        }
        Ok(lines)
    }

    /// All log lines by log group.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn logs_by_group(&self) -> Result<BTreeMap<String, Vec<String>>, CloudError> {
        let answer = self.read_logs("DescribeLogGroups", &json!({})).await?;
        let groups = answer["logGroups"].as_array().into_iter().flatten();
        let mut all = BTreeMap::new();
        for name in groups.filter_map(|group| group["logGroupName"].as_str()) {
            all.insert(name.to_owned(), self.lines_of(name).await?);
        }
        Ok(all)
    }

    /// Calls a read operation of CloudWatch Logs. The emulator returns 500 if a function creates a log group during the call;
    /// such a call is retried.
    async fn read_logs(&self, operation: &str, body: &Value) -> Result<Value, CloudError> {
        const MAX_ATTEMPTS: usize = 5;
        let target = format!("Logs_20140328.{operation}");
        let mut attempts = 0;
        loop {
            attempts += 1;
            match self.api.json("logs", &target, body).await {
                Err(CloudError::Answer { status: 500, ref body, .. })
                    if attempts < MAX_ATTEMPTS && body.contains("changed size during iteration") => {}
                answer => return answer,
            }
        }
    }

    async fn lines_of(&self, group: &str) -> Result<Vec<String>, CloudError> {
        let (mut lines, mut next) = (Vec::new(), Value::Null);
        loop {
            let mut filter = json!({ "logGroupName": group });
            if next.is_string() {
                filter["nextToken"] = next;
            }
            let answer = self.read_logs("FilterLogEvents", &filter).await?;
            let events = answer["events"].as_array().into_iter().flatten();
            lines.extend(events.map(|event| event["message"].as_str().unwrap_or_default().to_owned()));
            next = answer["nextToken"].clone();
            if !next.is_string() {
                return Ok(lines);
            }
        }
    }

    /// The functions of all stacks: short name and log group.
    ///
    /// # Errors
    ///
    /// A failed ListFunctions.
    pub async fn functions(&self) -> Result<Vec<(String, String)>, CloudError> {
        let path = "/2015-03-31/functions";
        let answer = self.api.get("lambda", path).await?;
        let answer: Value = serde_json::from_str(&answer).map_err(|source| call_failed(path, source))?;
        let names = answer["Functions"].as_array().into_iter().flatten().filter_map(|it| it["FunctionName"].as_str());
        let stacks = [STACK, GRAPH_STACK, MEMBER_STACK];
        let own = |name: &str| {
            let mut own = stacks.iter().filter_map(|stack| name.strip_prefix(stack)?.strip_prefix('-'));
            own.next().map(str::to_owned)
        };
        let ours = names.filter_map(|name| own(name).map(|ours| (ours, name)));
        Ok(ours.map(|(ours, name)| (ours, format!("/aws/lambda/{name}"))).collect())
    }

    /// The number of running case executions.
    ///
    /// # Errors
    ///
    /// A failed ListExecutions.
    pub async fn running(&self) -> Result<usize, CloudError> {
        let list = json!({"stateMachineArn": self.outputs.get("CaseStateMachineArn"), "statusFilter": "RUNNING"});
        let answer = self.api.json("states", "AWSStepFunctions.ListExecutions", &list).await?;
        Ok(answer["executions"].as_array().map(Vec::len).unwrap_or_default())
    }
}
