//! Waits until everything is idle, and then does what an operator would do according to docs/OPERATIONS.md.

use crate::ledger::DeadLetter;
use local_cloud::{CaseItem, CloudError, LocalCloud};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Timeout of the wait until everything is idle.
const TIMEOUT: Duration = Duration::from_secs(600);
/// Number of consecutive polls without a change.
const STABLE_POLLS: u32 = 8;
/// Number of executions of a case that Gumshoe starts automatically.
const MAX_AUTO_RESTARTS: u32 = 3;
/// Maximum number of the operator's rounds.
const MAX_OPERATOR_ROUNDS: u32 = 6;

/// The actions that only an operator could take.
#[derive(Debug, Default, Clone)]
pub(crate) struct OperatorActions {
    /// Number of findings that were redriven from the dead-letter queue.
    pub(crate) redriven: usize,
    /// Executions that were started manually.
    pub(crate) started: Vec<String>,
    /// Violations: executions that Gumshoe should have started automatically.
    pub(crate) not_recovered: Vec<String>,
}

/// The counts whose changes show activity.
#[derive(Debug, PartialEq)]
struct ActivitySnapshot {
    waiting: u64,
    running: usize,
    received: usize,
    executions: usize,
}

/// Waits until the findings queue and the subscriber's queue are empty, no execution runs, no case waits for its follow-up
/// investigation, and nothing changes. Meanwhile it requests sweeps, as the scheduled rule does.
pub(crate) async fn wait_until_idle(cloud: &LocalCloud, queue: &str) -> Result<(), CloudError> {
    let (mut last, mut same) = (None, 0);
    cloud
        .poll_until("an idle stack: empty queues, no running execution, no follow-up due", TIMEOUT, async || {
            let executions = executions(cloud).await?;
            let running = executions.values().filter(|status| *status == "RUNNING").count();
            let waiting = cloud.depth(queue).await? + cloud.depth(cloud.inbox().queue_url()).await?;
            let received = cloud.inbox().received().len();
            let now = Some(ActivitySnapshot { waiting, running, received, executions: executions.len() });
            same = if waiting == 0 && running == 0 && now == last { same + 1 } else { 0 };
            last = now;
            if same < STABLE_POLLS {
                return Ok(None);
            }
            same = 0;
            let listed = cloud.all_cases().await?.iter().any(|case| !case.watch_until.is_empty());
            if listed {
                cloud.run_sweep().await?;
            }
            Ok((!listed).then_some(()))
        })
        .await
}

/// Waits until at least three executions run, or the queue is empty.
pub(crate) async fn wait_until_busy(cloud: &LocalCloud, queue: &str) -> Result<(), CloudError> {
    cloud
        .poll_until("three running executions", TIMEOUT, async || {
            let waiting = cloud.depth(queue).await?;
            let running = executions(cloud).await?.values().filter(|status| *status == "RUNNING").count();
            Ok((running >= 3 || waiting == 0).then_some(()))
        })
        .await
}

/// The error names of open-case for messages that are not findings.
const INVALID_MESSAGE_ERRORS: [&str; 4] = ["NotJson", "NotOneFinding", "NotAFinding", "OtherEvent"];

/// Empties the dead-letter queue, redrives findings, and starts executions for cases whose executions have all failed, until
/// nothing is left to do. Returns the messages that stay dead-lettered.
pub(crate) async fn run_operator_actions(
    cloud: &LocalCloud,
    queue: &str,
) -> Result<(OperatorActions, Vec<DeadLetter>), CloudError> {
    let (mut operator, mut dead) = (OperatorActions::default(), Vec::new());
    for _ in 0..MAX_OPERATOR_ROUNDS {
        let mut again = false;
        for message in take_messages(cloud, cloud.outputs().get("DeadLetterQueueUrl")).await? {
            // Invalid messages stay dead-lettered; findings that failed too often are redriven.
            if message.error.as_deref().is_some_and(|error| INVALID_MESSAGE_ERRORS.contains(&error)) {
                dead.push(message);
            } else {
                cloud.enqueue(&message.body).await?;
                operator.redriven += 1;
                again = true;
            }
        }
        if again {
            wait_until_idle(cloud, queue).await?;
        }
        let executions = executions(cloud).await?;
        for case in cloud.all_cases().await?.iter().filter(|case| case.status != "CLOSED") {
            operator.not_recovered.extend(not_recovered(case, &executions));
            let next = (2..).map(|number| format!("{}-{number}", case.case_id));
            let Some(name) = next.into_iter().find(|name| !executions.contains_key(name)) else { continue };
            let key = json!({"subject": case.subject, "sequence": case.sequence, "case_id": case.case_id});
            let start = json!({"stateMachineArn": cloud.outputs().get("CaseStateMachineArn"), "name": name,
                "input": key.to_string()});
            cloud.api().json("states", "AWSStepFunctions.StartExecution", &start).await?;
            operator.started.push(name);
            again = true;
        }
        if !again {
            break;
        }
        wait_until_idle(cloud, queue).await?;
    }
    Ok((operator, dead))
}

/// A violation if Gumshoe did not restart the case's failed execution automatically, which it does until the third has failed.
fn not_recovered(case: &CaseItem, executions: &BTreeMap<String, String>) -> Option<String> {
    let name = match case.execution_attempt {
        0 | 1 => case.case_id.clone(),
        attempt => format!("{}-{attempt}", case.case_id),
    };
    match executions.get(&name).map(String::as_str) {
        None => Some(format!("NOT RECOVERED case={} execution={name}: never started", case.case_id)),
        Some("FAILED") if case.execution_attempt - case.first_attempt + 1 >= MAX_AUTO_RESTARTS => None,
        Some(status) => {
            Some(format!("NOT RECOVERED case={} execution={name} status={status}: no restart", case.case_id))
        }
    }
}

/// The status of each execution, by name.
pub(crate) async fn executions(cloud: &LocalCloud) -> Result<BTreeMap<String, String>, CloudError> {
    let mut list = json!({"stateMachineArn": cloud.outputs().get("CaseStateMachineArn"), "maxResults": 1000});
    let mut all = BTreeMap::new();
    loop {
        let answer = cloud.api().json("states", "AWSStepFunctions.ListExecutions", &list).await?;
        for execution in answer["executions"].as_array().into_iter().flatten() {
            let text = |name: &str| execution[name].as_str().unwrap_or_default().to_owned();
            all.insert(text("name"), text("status"));
        }
        if !answer["nextToken"].is_string() {
            return Ok(all);
        }
        list["nextToken"] = answer["nextToken"].clone();
    }
}

/// Receives and deletes all messages of a queue.
pub(crate) async fn take_messages(cloud: &LocalCloud, queue: &str) -> Result<Vec<DeadLetter>, CloudError> {
    let (mut applied, mut seen) = (Vec::new(), BTreeSet::new());
    let receive = json!({"QueueUrl": queue, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]});
    loop {
        let answer = cloud.api().json("sqs", "AmazonSQS.ReceiveMessage", &receive).await?;
        let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
        if messages.is_empty() {
            return Ok(applied);
        }
        for message in &messages {
            if seen.insert(message["MessageId"].to_string()) {
                applied.push(dead_letter(message));
            }
            let delete = json!({"QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"]});
            cloud.api().json("sqs", "AmazonSQS.DeleteMessage", &delete).await?;
        }
    }
}

fn dead_letter(message: &Value) -> DeadLetter {
    let error = message["MessageAttributes"]["error"]["StringValue"].as_str();
    DeadLetter { body: message["Body"].as_str().unwrap_or_default().to_owned(), error: error.map(str::to_owned) }
}
