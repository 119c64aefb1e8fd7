//! The end of a campaign for the graph: final runs, redrive of dead-letter messages, and the record for the ledger.

use super::document::DEGRADED_MEMBERS;
use super::plan::{KEEP_GRAPH, KEEP_MEMBERSHIP, LISTED, OTHERS};
use super::{GraphCampaign, send};
use crate::injector::CampaignInjector;
use crate::ledger::{GraphNotice, GraphRecord};
use crate::quiesce::take_messages;
use local_cloud::{CloudError, LocalCloud, ReceivedMessage, STACK_ACCOUNT};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Timeout of the wait for the end of all runs.
const TIMEOUT: Duration = Duration::from_secs(240);
/// Maximum number of final rounds of runs.
const ROUNDS: u32 = 8;
/// A claim that is unchanged for this time is expired. The queue is empty by then, so the claim holder has been killed.
const ABANDONED_AFTER: Duration = Duration::from_secs(2);
/// Attempts of a Detective call; planned faults may still be pending.
const MAX_ATTEMPTS: u32 = 30;

/// Runs both functions until queues and dead-letter queues are empty and there is no active claim. Faults are disabled, except
/// planned Detective faults that no call has met yet.
pub(crate) async fn finish_runs(work: &mut GraphCampaign, cloud: &LocalCloud) -> Result<(), CloudError> {
    for _ in 0..ROUNDS {
        work.request_run(cloud, KEEP_GRAPH, 1).await?;
        work.request_run(cloud, KEEP_MEMBERSHIP, 1).await?;
        wait_until_idle(work, cloud).await?;
        let mut again = false;
        let queues = work.queues.clone();
        for (dead, queue) in [(queues.graph_dead, queues.graph), (queues.membership_dead, queues.membership)] {
            for letter in take_messages(cloud, &dead).await? {
                send(cloud, &queue, &letter.body).await?;
                work.redriven += 1;
                again = true;
            }
        }
        if again {
            wait_until_idle(work, cloud).await?;
        }
        again |= expire_claim(work, cloud).await?;
        if !again {
            return Ok(());
        }
    }
    let what = "a round of graph runs without dead-letter messages and claims".to_owned();
    Err(CloudError::TimedOut { what, seconds: TIMEOUT.as_secs(), hint: None })
}

/// Waits until no run of keep-graph is requested or running.
pub(super) async fn no_run(work: &GraphCampaign, cloud: &LocalCloud) -> Result<(), CloudError> {
    let poll = async || Ok((cloud.depth(&work.queues.graph).await? == 0).then_some(()));
    cloud.poll_until("an empty queue of keep-graph", TIMEOUT, poll).await
}

/// Waits until no run of both functions is requested or running, and the subscriber has received all notices.
async fn wait_until_idle(work: &GraphCampaign, cloud: &LocalCloud) -> Result<(), CloudError> {
    let poll = async || {
        let mut waiting = 0;
        for queue in [&work.queues.graph, &work.queues.membership, cloud.inbox().queue_url()] {
            waiting += cloud.depth(queue).await?;
        }
        Ok((waiting == 0).then_some(()))
    };
    cloud.poll_until("empty queues of keep-graph, keep-membership and the inbox", TIMEOUT, poll).await
}

/// Expires the claim of a killed run, as if its six minutes had passed; returns whether there was a claim.
pub(super) async fn expire_claim(work: &mut GraphCampaign, cloud: &LocalCloud) -> Result<bool, CloudError> {
    let table = &work.table;
    let key = json!({"subject": {"S": "graph"}, "item": {"S": "health"}});
    let get = json!({"TableName": table, "Key": key, "ConsistentRead": true});
    let read = async || cloud.api().json("dynamodb", "DynamoDB_20120810.GetItem", &get).await;
    let item = read().await?["Item"].clone();
    let mut record: Value = serde_json::from_str(item["told"]["S"].as_str().unwrap_or_default()).unwrap_or_default();
    if record["claim"].is_null() {
        return Ok(false);
    }
    tokio::time::sleep(ABANDONED_AFTER).await;
    if read().await?["Item"] != item {
        return Ok(true);
    }
    record["claim"]["until"] = json!("2026-01-01T00:00:00Z");
    let update = json!({
        "TableName": table, "Key": key,
        "UpdateExpression": "SET told = :told",
        "ConditionExpression": "version = :version",
        "ExpressionAttributeValues": {":told": {"S": record.to_string()}, ":version": item["version"]},
    });
    cloud.api().json("dynamodb", "DynamoDB_20120810.UpdateItem", &update).await?;
    work.expired_claims += 1;
    Ok(true)
}

/// The ledger's record of the graph and of the memberships.
pub(crate) async fn record(
    work: &GraphCampaign,
    cloud: &LocalCloud,
    injector: &CampaignInjector,
    received: &[ReceivedMessage],
) -> Result<GraphRecord, CloudError> {
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
    let mut remaining = BTreeMap::new();
    let queues = &work.queues;
    for queue in [&queues.graph, &queues.graph_dead, &queues.membership, &queues.membership_dead] {
        remaining.insert(queue.clone(), cloud.depth(queue).await?);
    }
    let worse = |account: &str| DEGRADED_MEMBERS.iter().find(|(id, ..)| *id == account).map(|(_, status, _)| *status);
    Ok(GraphRecord {
        expected: work.last.clone(),
        members: members["MemberDetails"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|it| (text(&it["AccountId"]), text(&it["Status"])))
            .collect(),
        tags,
        packages: started
            .filter(|(_, it)| it["DatasourcePackageIngestState"] == "STARTED")
            .map(|(name, _)| name.clone())
            .collect(),
        degraded: work.degraded.iter().filter_map(|id| Some(((*id).to_owned(), text(&json!(worse(id)?))))).collect(),
        notices: received.iter().filter_map(notice).collect(),
        steps: injector.graph_steps(),
        listed: LISTED.map(|id| id.to_owned()).into(),
        invitations,
        remaining,
        armed: work.killer.armed(),
        killed: work.killer.killed(),
    })
}

async fn tags(cloud: &LocalCloud, arn: &str) -> Result<BTreeMap<String, String>, CloudError> {
    let path = format!("/tags/{arn}");
    let answer = retry(async || cloud.simulator_api().get("detective", &path).await).await?;
    let answer: Value = serde_json::from_str(&answer).unwrap_or_default();
    let tags = answer["Tags"].as_object().into_iter().flatten();
    Ok(tags.map(|(key, value)| (key.clone(), text(value))).collect())
}

/// Calls Detective, with retries because of pending faults.
async fn ask(cloud: &LocalCloud, account: &str, path: &str, body: &Value) -> Result<Value, CloudError> {
    retry(async || cloud.simulator_api().post_as(account, "detective", path, body).await).await
}

async fn retry<T>(ask: impl AsyncFn() -> Result<T, CloudError>) -> Result<T, CloudError> {
    let mut tries = 0;
    loop {
        tries += 1;
        match ask().await {
            Err(_) if tries < MAX_ATTEMPTS => {}
            answer => return answer,
        }
    }
}

/// The notice of the graph's health in a JSON message.
fn notice(received: &ReceivedMessage) -> Option<GraphNotice> {
    let body: Value = serde_json::from_str(&received.body).ok()?;
    let health = body.get("graph_health")?;
    let worse = health["worse"].as_array()?.iter();
    Some(GraphNotice {
        revision: health["revision"].as_u64()?,
        repeated: health["repeated"].as_bool()?,
        accounts: worse
            .filter_map(|issue| Some((text(&issue["ailment"]), issue["account_id"].as_str()?.to_owned())))
            .collect(),
    })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
