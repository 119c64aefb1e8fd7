//! Waiting until nothing moves any more, and what an operator then does about what is left: what the runbook says.

use crate::ledger::Dead;
use local_cloud::{CaseItem, CloudError, LocalCloud};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The longest that is waited until nothing moves.
const TIMEOUT: Duration = Duration::from_secs(600);
/// How often nothing must have moved, look after look.
const LOOKS: u32 = 8;
/// How many executions of a case Gumshoe starts by itself.
const BY_ITSELF: u32 = 3;
/// How often an operator starts over.
const ROUNDS: u32 = 6;

/// What only an operator could mend.
#[derive(Debug, Default, Clone)]
pub(crate) struct Operator {
    /// Findings that were redriven from the dead-letter queue.
    pub(crate) redriven: usize,
    /// Executions that were started by hand.
    pub(crate) started: Vec<String>,
    /// Those that Gumshoe should have started by itself.
    pub(crate) abandoned: Vec<String>,
}

/// The queue, executions and what was received: what moves.
#[derive(Debug, PartialEq)]
struct Moving {
    waiting: u64,
    running: usize,
    received: usize,
    executions: usize,
}

/// Waits until the findings queue and the subscriber's are empty, no execution runs, no case waits for its second look, and
/// nothing changes. Meanwhile it sweeps, as the scheduled rule does.
pub(crate) async fn settled(cloud: &LocalCloud, queue: &str) -> Result<(), CloudError> {
    let (mut last, mut same) = (None, 0);
    cloud
        .poll_until("the end of all movement", TIMEOUT, async || {
            let executions = executions(cloud).await?;
            let running = executions.values().filter(|status| *status == "RUNNING").count();
            let waiting = cloud.depth(queue).await? + cloud.depth(cloud.inbox().queue_url()).await?;
            let received = cloud.inbox().received().len();
            let now = Some(Moving { waiting, running, received, executions: executions.len() });
            same = if waiting == 0 && running == 0 && now == last { same + 1 } else { 0 };
            last = now;
            if same < LOOKS {
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

/// Waits until several executions run, or the queue is empty and there is nothing to wait for.
pub(crate) async fn busy(cloud: &LocalCloud, queue: &str) -> Result<(), CloudError> {
    cloud
        .poll_until("work", TIMEOUT, async || {
            let waiting = cloud.depth(queue).await?;
            let running = executions(cloud).await?.values().filter(|status| *status == "RUNNING").count();
            Ok((running >= 3 || waiting == 0).then_some(()))
        })
        .await
}

/// What open-case says of a message that is no finding.
const NO_FINDING: [&str; 4] = ["NotJson", "NotOneFinding", "NotAFinding", "OtherEvent"];

/// Takes out what the dead-letter queue holds, redrives what is a finding, and runs cases again whose executions have all
/// failed, until nothing is left to do. Gives what stays dead-lettered.
pub(crate) async fn operate(cloud: &LocalCloud, queue: &str) -> Result<(Operator, Vec<Dead>), CloudError> {
    let (mut operator, mut dead) = (Operator::default(), Vec::new());
    for _ in 0..ROUNDS {
        let mut again = false;
        for letter in take(cloud, cloud.outputs().get("DeadLetterQueueUrl")).await? {
            // What is no finding will never be one; what failed too often is sent through again.
            if letter.error.as_deref().is_some_and(|error| NO_FINDING.contains(&error)) {
                dead.push(letter);
            } else {
                cloud.enqueue(&letter.body).await?;
                operator.redriven += 1;
                again = true;
            }
        }
        if again {
            settled(cloud, queue).await?;
        }
        let executions = executions(cloud).await?;
        for case in cloud.all_cases().await?.iter().filter(|case| case.status != "CLOSED") {
            operator.abandoned.extend(abandoned(case, &executions));
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
        settled(cloud, queue).await?;
    }
    Ok((operator, dead))
}

/// Gumshoe takes a case up again by itself, until its third execution has failed too.
fn abandoned(case: &CaseItem, executions: &BTreeMap<String, String>) -> Option<String> {
    let name = match case.execution_attempt {
        0 | 1 => case.case_id.clone(),
        attempt => format!("{}-{attempt}", case.case_id),
    };
    match executions.get(&name).map(String::as_str) {
        None => Some(format!("ABANDONED: case {} is at execution {name}, which was never started", case.case_id)),
        Some("FAILED") if case.execution_attempt - case.first_attempt + 1 >= BY_ITSELF => None,
        Some(status) => Some(format!("ABANDONED: execution {name} is {status}, and none followed it")),
    }
}

/// All executions: their status by name.
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

/// Takes everything out of a queue.
pub(crate) async fn take(cloud: &LocalCloud, queue: &str) -> Result<Vec<Dead>, CloudError> {
    let (mut taken, mut seen) = (Vec::new(), BTreeSet::new());
    let receive = json!({"QueueUrl": queue, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]});
    loop {
        let answer = cloud.api().json("sqs", "AmazonSQS.ReceiveMessage", &receive).await?;
        let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
        if messages.is_empty() {
            return Ok(taken);
        }
        for message in &messages {
            if seen.insert(message["MessageId"].to_string()) {
                taken.push(dead(message));
            }
            let delete = json!({"QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"]});
            cloud.api().json("sqs", "AmazonSQS.DeleteMessage", &delete).await?;
        }
    }
}

fn dead(message: &Value) -> Dead {
    let error = message["MessageAttributes"]["error"]["StringValue"].as_str();
    Dead { body: message["Body"].as_str().unwrap_or_default().to_owned(), error: error.map(str::to_owned) }
}
