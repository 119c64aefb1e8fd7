//! What relay-alert made of the alerts, seen from the webhook: the last alert of every case must have reached it.
//!
//! What takes long is not the posting. A function that is killed leaves its lease on the case behind, which ends 75 seconds
//! later; until then each delivery of the message is refused and comes back after [`VISIBILITY`]. A long run waits for that.
//! A short one ends such leases early, as if the time had passed, and so waits for the message's next delivery only.
//!
//! Once in a run somebody forges messages about cases that were alerted. They must end in the relay's dead-letter queue, refused;
//! nothing else may be refused.

use crate::ledger::Message;
use local_cloud::{CloudError, LocalCloud, Method, SignedRequest, form_encoded};
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
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// The longest that is waited for the last alert.
const TIMEOUT: Duration = Duration::from_secs(240);

/// The revision of forged messages, which is never claimed.
pub(crate) const FORGED: u32 = u32::MAX;
/// How many messages are forged at most.
const FORGERIES: usize = 3;
/// What the relay calls messages that it refuses.
const REFUSED: [&str; 4] = ["UnknownCase", "RevisionNotClaimed", "NothingToResolve", "OtherCause"];

/// Publishes messages that resolve cases under a revision which was never claimed, with the session of send-alert; gives how
/// many. There is none while no process of send-alert runs, or nothing was alerted.
pub(crate) async fn forge(cloud: &LocalCloud) -> Result<usize, CloudError> {
    let Some(session) = cloud.session_of("send-alert") else { return Ok(0) };
    let received = cloud.inbox().received().into_iter().filter(|it| it.protocol == "sqs");
    let alerts = received.filter_map(|it| serde_json::from_str::<Value>(&it.body).ok());
    let mut forged = 0;
    for mut alert in alerts.filter(|alert| alert["revision"].is_u64()).take(FORGERIES) {
        (alert["revision"], alert["cause"]) = (FORGED.into(), "RESOLVED".into());
        let (topic, text) = (cloud.outputs().get("AlertTopicArn"), alert.to_string());
        let form = [("Action", "Publish"), ("TopicArn", topic), ("Message", &text)];
        let publish = SignedRequest {
            service: "sns",
            method: Method::POST,
            path: "/".to_owned(),
            target: String::new(),
            content_type: "application/x-www-form-urlencoded",
            body: form_encoded(&form).into_bytes(),
        };
        forged += usize::from(cloud.api().call_as(&session, &publish).await?.status == 200);
    }
    Ok(forged)
}

/// What is wrong with what the relay refused, of so many forged messages.
pub(crate) async fn wrongly_refused(cloud: &LocalCloud, forged: usize) -> Result<Vec<String>, CloudError> {
    let is_forged = |body: &str| body.contains(&FORGED.to_string());
    let look = async || {
        let letters = cloud.find_relay_dead_letters(is_forged).await?;
        Ok((letters.len() >= forged).then_some(()))
    };
    let mut wrong = match cloud.poll_until("the refusal of forged messages", TIMEOUT, look).await {
        Ok(()) => Vec::new(),
        Err(CloudError::TimedOut { .. }) => vec![format!("{forged} messages were forged, and fewer are refused")],
        Err(error) => return Err(error),
    };
    for letter in cloud.find_relay_dead_letters(|body| !is_forged(body)).await? {
        if letter.attributes.get("error").is_some_and(|error| REFUSED.contains(&error.as_str())) {
            wrong.push(format!("the relay refused a message of send-alert's: {letter:?}"));
        }
    }
    Ok(wrong)
}

/// What the webhook received.
#[derive(Debug, Default, Clone)]
pub(crate) struct Relayed {
    /// How many revisions it received.
    pub(crate) revisions: usize,
    /// How many of them more than once.
    pub(crate) repeated: usize,
    /// Cases whose last alert it did not receive, or which it received a forged message about.
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
        .poll_until("the last alert at the webhook", TIMEOUT, async || {
            if seen(cloud, messages).missing.is_empty() {
                return Ok(Some(()));
            }
            if leases == Leases::Early && looked.elapsed() >= POLL_INTERVAL {
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
        Err(CloudError::Answer { body, .. }) if body.contains("ConditionalCheckFailed") => Ok(()),
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
    let forged = counts.keys().filter(|(_, revision)| *revision == u64::from(FORGED));
    let forged = forged.map(|(case_id, _)| format!("a forged message about case {case_id} was relayed to the webhook"));
    Relayed {
        revisions: counts.len(),
        repeated: counts.values().filter(|count| **count > 1).count(),
        missing: missing.chain(forged).collect(),
        waited: Duration::ZERO,
    }
}
