//! Checks relay-alert at the webhook: it must have received the last alert of every case.
//!
//! The wait is for leases. A killed function leaves its lease on the case, which expires after 75 seconds; until then each
//! delivery of the message is rejected and repeated after [`VISIBILITY_TIMEOUT_SECONDS`]. A long run waits for that.
//! A short one ends such leases early, as if the time had passed, and so waits for the message's next delivery only.
//!
//! Once in a run, messages about alerted cases are forged. The relay must reject them to its dead-letter queue, and must not
//! reject any other message.

use crate::ledger::AlertMessage;
use local_cloud::{CloudError, LocalCloud, Method, SignedRequest, form_encoded};
use receivers::Channel;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Visibility timeout of the relay queue, in seconds: six deliveries take longer than a lease, so that a lease alone never
/// dead-letters a message.
pub(crate) const VISIBILITY_TIMEOUT_SECONDS: &str = "20";
/// A short run expires a lease that is unchanged for this time. Faults are disabled by then, and relaying takes less than a
/// second, so the lease holder has been killed. (If not, a message is posted twice, which is reported and is not a violation:
/// the webhook recognizes repeats by their header.)
const ABANDONED_AFTER: Duration = Duration::from_secs(2);
/// Interval between checks of leases.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// Timeout of the wait for the last alert.
const TIMEOUT: Duration = Duration::from_secs(240);

/// The revision of forged messages, which is never claimed.
pub(crate) const FORGED_REVISION: u32 = u32::MAX;
/// Maximum number of forged messages.
const MAX_FORGED_MESSAGES: usize = 3;
/// The error names of messages that the relay rejects.
const EXPECTED_REJECTIONS: [&str; 4] = ["UnknownCase", "RevisionNotClaimed", "NothingToResolve", "OtherCause"];

/// Publishes messages that resolve cases under a revision that was never claimed, with the session of send-alert; returns their
/// number. It is 0 if no process of send-alert runs, or if no case was alerted.
pub(crate) async fn forge(cloud: &LocalCloud) -> Result<usize, CloudError> {
    let Some(session) = cloud.session_of("send-alert") else { return Ok(0) };
    let received = cloud.inbox().received().into_iter().filter(|it| it.protocol == "sqs");
    let alerts = received.filter_map(|it| serde_json::from_str::<Value>(&it.body).ok());
    let mut forged = 0;
    for mut alert in alerts.filter(|alert| alert["revision"].is_u64()).take(MAX_FORGED_MESSAGES) {
        (alert["revision"], alert["cause"]) = (FORGED_REVISION.into(), "RESOLVED".into());
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

/// Violations in the relay's rejections, given the number of forged messages.
pub(crate) async fn wrongly_rejected(cloud: &LocalCloud, forged: usize) -> Result<Vec<String>, CloudError> {
    let is_forged = |body: &str| body.contains(&FORGED_REVISION.to_string());
    let poll = async || {
        let letters = cloud.find_relay_dead_letters(is_forged).await?;
        Ok((letters.len() >= forged).then_some(()))
    };
    let mut wrong = match cloud.poll_until(&format!("the rejection of {forged} forged messages"), TIMEOUT, poll).await {
        Ok(()) => Vec::new(),
        Err(CloudError::TimedOut { .. }) => vec![format!("{forged} messages were forged, and fewer were rejected")],
        Err(error) => return Err(error),
    };
    for letter in cloud.find_relay_dead_letters(|body| !is_forged(body)).await? {
        if letter.attributes.get("error").is_some_and(|error| EXPECTED_REJECTIONS.contains(&error.as_str())) {
            wrong.push(format!("the relay rejected a message of send-alert: {letter:?}"));
        }
    }
    Ok(wrong)
}

/// The webhook's deliveries.
#[derive(Debug, Default, Clone)]
pub(crate) struct DeliveryCheck {
    /// The number of received revisions.
    pub(crate) revisions: usize,
    /// The number of revisions that were received more than once.
    pub(crate) repeated: usize,
    /// Violations: the last alert of a case is missing, or a forged message was delivered.
    pub(crate) missing: Vec<String>,
    /// The wait until the last alert arrived.
    pub(crate) waited: Duration,
}

/// How leases of killed functions expire: naturally, or forced by the test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeaseExpiry {
    Natural,
    Forced,
}

/// Waits until the webhook has the last revision of every alerted case, or until the timeout; then lists what is missing.
pub(crate) async fn wait_for_deliveries(
    cloud: &LocalCloud,
    messages: &[AlertMessage],
    leases: LeaseExpiry,
) -> Result<DeliveryCheck, CloudError> {
    let started = Instant::now();
    let (mut tracker, mut last_check) = (LeaseTracker::default(), started);
    let waited = cloud
        .poll_until("the last alert of each case at the webhook", TIMEOUT, async || {
            if seen(cloud, messages).missing.is_empty() {
                return Ok(Some(()));
            }
            if leases == LeaseExpiry::Forced && last_check.elapsed() >= POLL_INTERVAL {
                tracker.expire_abandoned(cloud).await?;
                last_check = Instant::now();
            }
            Ok(None)
        })
        .await;
    match waited {
        Ok(()) | Err(CloudError::TimedOut { .. }) => {
            Ok(DeliveryCheck { waited: started.elapsed(), ..seen(cloud, messages) })
        }
        Err(error) => Err(error),
    }
}

/// Active leases by the item's subject: the expiry in the table, and when it was first seen.
#[derive(Debug, Default)]
struct LeaseTracker(BTreeMap<String, (String, Instant)>);

impl LeaseTracker {
    async fn expire_abandoned(&mut self, cloud: &LocalCloud) -> Result<(), CloudError> {
        let held = held(cloud).await?;
        self.0.retain(|subject, (until, _)| held.get(subject) == Some(until));
        for (subject, until) in held {
            let (_, since) = self.0.entry(subject.clone()).or_insert_with(|| (until.clone(), Instant::now()));
            if since.elapsed() >= ABANDONED_AFTER {
                end(cloud, &subject, &until).await?;
            }
        }
        Ok(())
    }
}

/// The active leases: expiry by the item's subject.
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

/// Expires a lease, unless it was renewed.
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

/// The webhook's deliveries so far.
fn seen(cloud: &LocalCloud, messages: &[AlertMessage]) -> DeliveryCheck {
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
        .map(|(case_id, revision)| format!("case={case_id} revision={revision}: not delivered to the webhook"));
    let forged = counts.keys().filter(|(_, revision)| *revision == u64::from(FORGED_REVISION));
    let forged = forged.map(|(case_id, _)| format!("case={case_id}: a forged message was delivered to the webhook"));
    DeliveryCheck {
        revisions: counts.len(),
        repeated: counts.values().filter(|count| **count > 1).count(),
        missing: missing.chain(forged).collect(),
        waited: Duration::ZERO,
    }
}
