//! What relay-alert made of the alerts, seen from the webhook. It is a subscriber like any other and its lease on a case
//! outlives a killed function by 75 seconds, so only long runs wait for it.

use crate::ledger::Message;
use local_cloud::{CloudError, LocalCloud};
use receivers::Channel;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a message stays with relay-alert, in seconds: six times longer than its lease, so that none is dead-lettered
/// for it.
pub(crate) const VISIBILITY: &str = "20";
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
}

/// Waits until the webhook has the last revision of every case that was alerted.
pub(crate) async fn complete(cloud: &LocalCloud, messages: &[Message]) -> Result<(), CloudError> {
    let waited = cloud
        .eventually("the last alert at the webhook", PATIENCE, async || {
            Ok(seen(cloud, messages).missing.is_empty().then_some(()))
        })
        .await;
    match waited {
        Err(CloudError::TimedOut { .. }) => Ok(()), // what is missing is named
        other => other,
    }
}

/// What the webhook has received so far.
pub(crate) fn seen(cloud: &LocalCloud, messages: &[Message]) -> Relayed {
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
    }
}
