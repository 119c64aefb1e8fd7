//! The end of it for the graph: the last runs, what an operator does about dead letters, and the books.

use super::document::WORSE;
use super::plan::{KEEP_GRAPH, KEEP_MEMBERSHIP, LISTED, OTHERS};
use super::{GraphWork, send};
use crate::ledger::{GraphBooks, GraphNotice};
use crate::settle::take;
use crate::witness::Witness;
use local_cloud::{CloudError, LocalCloud, ReceivedMessage, STACK_ACCOUNT};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// The longest that is waited for the end of all runs.
const TIMEOUT: Duration = Duration::from_secs(240);
/// How often there are last runs, until nothing is left to do.
const ROUNDS: u32 = 8;
/// How long a claim must have stood unchanged before it is ended. The queue is empty by then, so whoever claimed is dead.
const ABANDONED: Duration = Duration::from_secs(2);
/// How often an account asks Detective, for which faults may be left.
const TRIES: u32 = 30;

/// Both functions run as their schedules have it, until queues and dead-letter queues are empty and no claim stands. Nothing
/// goes wrong any more, except for faults of Detective that were planned and not met before.
pub(crate) async fn settle(work: &mut GraphWork, cloud: &LocalCloud) -> Result<(), CloudError> {
    for _ in 0..ROUNDS {
        work.ask(cloud, KEEP_GRAPH, 1).await?;
        work.ask(cloud, KEEP_MEMBERSHIP, 1).await?;
        at_rest(work, cloud).await?;
        let mut again = false;
        let queues = work.queues.clone();
        for (dead, queue) in [(queues.graph_dead, queues.graph), (queues.membership_dead, queues.membership)] {
            for letter in take(cloud, &dead).await? {
                send(cloud, &queue, &letter.body).await?;
                work.redriven += 1;
                again = true;
            }
        }
        if again {
            at_rest(work, cloud).await?;
        }
        again |= end_claim(work, cloud).await?;
        if !again {
            return Ok(());
        }
    }
    let what = "a round of runs after which no dead letter and no claim is left".to_owned();
    Err(CloudError::TimedOut { what, seconds: TIMEOUT.as_secs(), hint: None })
}

/// Waits until no run of keep-graph's is asked for and none is under way.
pub(super) async fn no_run(work: &GraphWork, cloud: &LocalCloud) -> Result<(), CloudError> {
    let look = async || Ok((cloud.depth(&work.queues.graph).await? == 0).then_some(()));
    cloud.poll_until("the end of keep-graph's runs", TIMEOUT, look).await
}

/// The same of both functions, and that the subscriber has received all notices.
async fn at_rest(work: &GraphWork, cloud: &LocalCloud) -> Result<(), CloudError> {
    let look = async || {
        let mut waiting = 0;
        for queue in [&work.queues.graph, &work.queues.membership, cloud.inbox().queue_url()] {
            waiting += cloud.depth(queue).await?;
        }
        Ok((waiting == 0).then_some(()))
    };
    cloud.poll_until("the end of all runs of keep-graph and keep-membership", TIMEOUT, look).await
}

/// Ends a claim that a killed run has left behind, as if its six minutes had passed; gives whether there was one.
pub(super) async fn end_claim(work: &mut GraphWork, cloud: &LocalCloud) -> Result<bool, CloudError> {
    let table = &work.table;
    let key = json!({"subject": {"S": "graph"}, "item": {"S": "health"}});
    let get = json!({"TableName": table, "Key": key, "ConsistentRead": true});
    let read = async || cloud.api().json("dynamodb", "DynamoDB_20120810.GetItem", &get).await;
    let item = read().await?["Item"].clone();
    let mut told: Value = serde_json::from_str(item["told"]["S"].as_str().unwrap_or_default()).unwrap_or_default();
    if told["claim"].is_null() {
        return Ok(false);
    }
    tokio::time::sleep(ABANDONED).await;
    if read().await?["Item"] != item {
        return Ok(true);
    }
    told["claim"]["until"] = json!("2026-01-01T00:00:00Z");
    let update = json!({
        "TableName": table, "Key": key,
        "UpdateExpression": "SET told = :told",
        "ConditionExpression": "version = :version",
        "ExpressionAttributeValues": {":told": {"S": told.to_string()}, ":version": item["version"]},
    });
    cloud.api().json("dynamodb", "DynamoDB_20120810.UpdateItem", &update).await?;
    work.claims += 1;
    Ok(true)
}

/// The books of the graph and of the memberships.
pub(crate) async fn books(
    work: &GraphWork,
    cloud: &LocalCloud,
    witness: &Witness,
    received: &[ReceivedMessage],
) -> Result<GraphBooks, CloudError> {
    let arn = cloud.simulator().graph_arn(STACK_ACCOUNT, "us-east-1");
    let members = ask(cloud, STACK_ACCOUNT, "/graph/members/list", &json!({"GraphArn": arn})).await?;
    let tags = tags(cloud, &arn).await?;
    let packages = ask(cloud, STACK_ACCOUNT, "/graph/datasources/list", &json!({"GraphArn": arn})).await?;
    let started = packages["DatasourcePackages"].as_object().into_iter().flatten();
    let mut invitations = BTreeMap::new();
    for administrator in LISTED.into_iter().chain(OTHERS) {
        let arn = cloud.simulator().graph_arn(administrator, "us-east-1");
        let get = json!({"GraphArn": arn, "AccountIds": [STACK_ACCOUNT]});
        let answer = ask(cloud, administrator, "/graph/members/get", &get).await?;
        let status = answer["MemberDetails"][0]["Status"].as_str().unwrap_or("none").to_owned();
        invitations.insert(administrator.to_owned(), status);
    }
    let mut left = BTreeMap::new();
    let queues = &work.queues;
    for queue in [&queues.graph, &queues.graph_dead, &queues.membership, &queues.membership_dead] {
        left.insert(queue.clone(), cloud.depth(queue).await?);
    }
    let worse = |account: &str| WORSE.iter().find(|(id, ..)| *id == account).map(|(_, status, _)| *status);
    Ok(GraphBooks {
        wanted: work.last.clone(),
        members: members["MemberDetails"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|it| (word(&it["AccountId"]), word(&it["Status"])))
            .collect(),
        tags,
        packages: started
            .filter(|(_, it)| it["DatasourcePackageIngestState"] == "STARTED")
            .map(|(name, _)| name.clone())
            .collect(),
        worse: work.worse.iter().filter_map(|id| Some(((*id).to_owned(), word(&json!(worse(id)?))))).collect(),
        notices: received.iter().filter_map(notice).collect(),
        steps: witness.graph_steps(),
        listed: LISTED.map(|id| id.to_owned()).into(),
        invitations,
        left,
        armed: work.killer.armed(),
        killed: work.killer.killed(),
    })
}

async fn tags(cloud: &LocalCloud, arn: &str) -> Result<BTreeMap<String, String>, CloudError> {
    let path = format!("/tags/{arn}");
    let answer = again(async || cloud.simulator_api().get("detective", &path).await).await?;
    let answer: Value = serde_json::from_str(&answer).unwrap_or_default();
    let tags = answer["Tags"].as_object().into_iter().flatten();
    Ok(tags.map(|(key, value)| (key.clone(), word(value))).collect())
}

/// Asks Detective, again where a fault is left.
async fn ask(cloud: &LocalCloud, account: &str, path: &str, body: &Value) -> Result<Value, CloudError> {
    again(async || cloud.simulator_api().post_as(account, "detective", path, body).await).await
}

async fn again<T>(ask: impl AsyncFn() -> Result<T, CloudError>) -> Result<T, CloudError> {
    let mut tries = 0;
    loop {
        tries += 1;
        match ask().await {
            Err(_) if tries < TRIES => {}
            answer => return answer,
        }
    }
}

/// A notice of the graph's health as a machine received it.
fn notice(received: &ReceivedMessage) -> Option<GraphNotice> {
    let body: Value = serde_json::from_str(&received.body).ok()?;
    let health = body.get("graph_health")?;
    let worse = health["worse"].as_array()?.iter();
    Some(GraphNotice {
        revision: health["revision"].as_u64()?,
        repeated: health["repeated"].as_bool()?,
        accounts: worse
            .filter_map(|issue| Some((word(&issue["ailment"]), issue["account_id"].as_str()?.to_owned())))
            .collect(),
    })
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
