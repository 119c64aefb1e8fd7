//! What relay-alert made of the alerts, seen from the webhook: the last alert of every case must have reached it.
//!
//! What takes long is not the posting. A function that is killed leaves its lease on the case behind, which ends 75 seconds
//! later; until then each delivery of the message is refused and comes back after [`VISIBILITY`]. A long run waits for that.
//! A short one ends such leases early, as if the time had passed, and so waits for the message's next delivery only.

use crate::ledger::Message;
use local_cloud::{CloudError, LocalCloud};
use receivers::Channel;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long a message stays with relay-alert, in seconds: its six deliveries take longer than the lease lasts, so that none
/// is dead-lettered for it.
pub(crate) const VISIBILITY: &str = "20";
/// How long a lease must have stood unchanged before a short run ends it. Nothing goes wrong any more by then, and relaying
/// a message takes less than a second, so whoever took the lease is dead. (If not, a message is posted twice, which is
/// reported and is no fault: the webhook tells repeats by their header.)
const ABANDONED: Duration = Duration::from_secs(2);
/// How often leases are looked at.
const PULSE: Duration = Duration::from_secs(1);
/// The longest that is waited for the last alert.
const PATIENCE: Duration = Duration::from_secs(240);

/// What the webhook received.
#[derive(Debug, Default, Clone)]
pub(crate) struct Relayed {
    /// How many revisions it received.
    pub(crate) revisions: usize,
    /// How many of them more than once.
    pub(crate) repeated: usize,
    /// Cases whose last alert it did not receive.
    pub(crate) missing: Vec<String>,
    /// How long it was waited for the last alert.
    pub(crate) waited: Duration,
}

/// Whether leases of killed functions end by themselves, or early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leases {
    ByThemselves,
    Early,
}

/// Waits until the webhook has the last revision of every case that was alerted, or for as long as there is patience. What
/// is missing then is named.
pub(crate) async fn complete(cloud: &LocalCloud, messages: &[Message], leases: Leases) -> Result<Relayed, CloudError> {
    let started = Instant::now();
    let (mut standing, mut looked) = (Standing::default(), started);
    let waited = cloud
        .eventually("the last alert at the webhook", PATIENCE, async || {
            if seen(cloud, messages).missing.is_empty() {
                return Ok(Some(()));
            }
            if leases == Leases::Early && looked.elapsed() >= PULSE {
                standing.end_abandoned(cloud).await?;
                looked = Instant::now();
            }
            Ok(None)
        })
        .await;
    match waited {
        Ok(()) | Err(CloudError::TimedOut { .. }) => Ok(Relayed { waited: started.elapsed(), ..seen(cloud, messages) }),
        Err(error) => Err(error),
    }
}

/// The leases that stand: until when, as the table has it, and since when that was seen. By the item's subject.
#[derive(Debug, Default)]
struct Standing(BTreeMap<String, (String, Instant)>);

impl Standing {
    async fn end_abandoned(&mut self, cloud: &LocalCloud) -> Result<(), CloudError> {
        let held = held(cloud).await?;
        self.0.retain(|subject, (until, _)| held.get(subject) == Some(until));
        for (subject, until) in held {
            let (_, since) = self.0.entry(subject.clone()).or_insert_with(|| (until.clone(), Instant::now()));
            if since.elapsed() >= ABANDONED {
                end(cloud, &subject, &until).await?;
            }
        }
        Ok(())
    }
}

/// Until when each message is held, by the item's subject.
async fn held(cloud: &LocalCloud) -> Result<BTreeMap<String, String>, CloudError> {
    let scan = json!({
        "TableName": cloud.outputs().get("CasesTableName"),
        "ConsistentRead": true,
        "FilterExpression": "begins_with(subject, :relay) AND attribute_exists(held_until)",
        "ExpressionAttributeValues": {":relay": {"S": "relay/"}},
    });
    let answer = cloud.api().json("dynamodb", "DynamoDB_20120810.Scan", &scan).await?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let items = answer["Items"].as_array().into_iter().flatten();
    Ok(items.map(|item| (text(&item["subject"]["S"]), text(&item["held_until"]["N"]))).collect())
}

/// Ends a lease, unless it was taken anew.
async fn end(cloud: &LocalCloud, subject: &str, until: &str) -> Result<(), CloudError> {
    let update = json!({
        "TableName": cloud.outputs().get("CasesTableName"),
        "Key": {"subject": {"S": subject}, "item": {"S": "deliveries"}},
        "UpdateExpression": "REMOVE held_until",
        "ConditionExpression": "held_until = :until",
        "ExpressionAttributeValues": {":until": {"N": until}},
    });
    match cloud.api().json("dynamodb", "DynamoDB_20120810.UpdateItem", &update).await {
        Err(CloudError::Answer { said, .. }) if said.contains("ConditionalCheckFailed") => Ok(()),
        other => other.map(drop),
    }
}

/// What the webhook has received so far.
fn seen(cloud: &LocalCloud, messages: &[Message]) -> Relayed {
    let mut counts: BTreeMap<(String, u64), usize> = BTreeMap::new();
    let received = cloud.receivers().received().into_iter();
    for delivery in received.filter(|it| it.channel == Channel::Webhook && it.is_accepted()) {
        let alert: Value = serde_json::from_str(&delivery.body).unwrap_or_default();
        if let (Some(case_id), Some(revision)) = (alert["case_id"].as_str(), alert["revision"].as_u64()) {
            *counts.entry((case_id.to_owned(), revision)).or_default() += 1;
        }
    }
    let mut last: BTreeMap<&str, u64> = BTreeMap::new();
    for message in messages {
        let revision = last.entry(&message.case_id).or_default();
        *revision = (*revision).max(u64::from(message.revision));
    }
    let lacks = |(case_id, revision): &(&str, u64)| !counts.contains_key(&((*case_id).to_owned(), *revision));
    let missing = last
        .into_iter()
        .filter(lacks)
        .map(|(case_id, revision)| format!("case {case_id}, revision {revision} was not relayed to the webhook"));
    Relayed {
        revisions: counts.len(),
        repeated: counts.values().filter(|count| **count > 1).count(),
        missing: missing.collect(),
        waited: Duration::ZERO,
    }
}
