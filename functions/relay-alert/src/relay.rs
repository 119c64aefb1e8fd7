//! Delivery of one notification to every channel that is on and has not received it.
//!
//! ```text
//! acquire lease ── verify claim ── find channels without this revision ── post to all concurrently ── record deliveries ── release
//!                       └── not claimed: rejected
//! ```
//!
//! The claims are read while the lease is held: at that time every revision that is recorded as delivered has been claimed.
//!
//! A failed channel is not recorded, so a redelivery posts to it alone. A function that dies between posting and recording posts
//! again; PagerDuty deduplicates by its dedup key, the webhook by `X-Gumshoe-Delivery`, Slack does not.

use crate::app::App;
use crate::channels::{ConfiguredChannels, Delivery, Destination};
use crate::post::PostError;
use crate::secret::SecretError;
use futures_util::future::join_all;
use gumshoe_alerts::Notification;
use gumshoe_alerts::channels::Channel;
use gumshoe_aws::case_table::{DeliveredRevisions, TableError};
use gumshoe_domain::case::{CaseKey, ClaimedRevisions, RejectReason, validate_message};
use gumshoe_domain::error::with_causes;
use jiff::{SignedDuration, Timestamp};

/// Duration of the delivery lease: the function's timeout and a margin.
const LEASE_DURATION: SignedDuration = SignedDuration::from_secs(75);

/// Why a notification was not delivered to every channel.
#[derive(Debug)]
pub(crate) enum RelayError {
    /// send-alert cannot have published it: no channel receives it, and a redelivery does not help.
    Rejected(RejectReason),
    /// The table, the secret or a channel failed, with the reasons. SQS redelivers the message for the missing channels.
    Failed(String),
}

impl From<TableError> for RelayError {
    fn from(error: TableError) -> Self {
        Self::Failed(with_causes(&error))
    }
}

/// Relays a notification to every channel that is on and has received neither this revision nor a later one.
///
/// # Errors
///
/// [`RelayError`]: the channels that failed and why, or why the notification was rejected.
pub(crate) async fn relay(
    app: &App,
    notification: &Notification,
    body: &str,
    deadline: Timestamp,
    now: Timestamp,
) -> Result<(), RelayError> {
    let (key, _) = notification.delivery_id();
    let channels = app.channel_config.channels(now).await.map_err(|error| RelayError::Failed(with_causes(&error)))?;
    let until = now.checked_add(LEASE_DURATION).unwrap_or(Timestamp::MAX);
    let delivered = match app.table.acquire_delivery_lease(&key, now, until).await {
        Ok(delivered) => delivered,
        Err(TableError::ConditionFailed(_)) => {
            return Err(RelayError::Failed(format!(
                "another invocation holds the delivery lease of {key}; SQS redelivers the message"
            )));
        }
        Err(error) => return Err(error.into()),
    };
    let relayed = relay_with_lease(app, &channels, notification, body, &delivered, deadline, now).await;
    // Also after a failure, so that the redelivery does not wait until the lease expires.
    if let Err(error) = app.table.release_delivery_lease(&key).await {
        tracing::warn!(delivery = %key, error.message = %with_causes(&error),
            "could not release the delivery lease of {key}; it expires within {} s", LEASE_DURATION.as_secs());
    }
    relayed
}

/// Relays a notification whose lease this invocation holds. `delivered` has the highest revision that each channel received.
async fn relay_with_lease(
    app: &App,
    channels: &ConfiguredChannels,
    notification: &Notification,
    body: &str,
    delivered: &DeliveredRevisions,
    deadline: Timestamp,
    now: Timestamp,
) -> Result<(), RelayError> {
    let claims = verify_claims(app, notification).await?;
    let (key, revision) = notification.delivery_id();
    let delivery = Delivery { notification, body, key: &key, revision, now };
    let usable = channels.iter().filter_map(|(channel, target)| Some((*channel, target.as_ref().ok()?)));
    let lacking = usable.filter(|(channel, _)| claims.needs_delivery(delivered.get(channel.code()).copied(), revision));
    let outcomes = join_all(lacking.map(|(channel, target)| deliver(app, channel, target, &delivery, deadline))).await;
    let invalid: Vec<&SecretError> = channels.iter().filter_map(|(_, target)| target.as_ref().err()).collect();
    if !invalid.is_empty() {
        app.channel_config.invalidate(); // the secret may be fixed before the redelivery
    }
    let failures: Vec<String> =
        outcomes.into_iter().filter_map(Result::err).chain(invalid.iter().map(ToString::to_string)).collect();
    if failures.is_empty() { Ok(()) } else { Err(RelayError::Failed(failures.join("; "))) }
}

/// The claimed revisions of the alert's case, after verifying that the alert is one of them. Other notifications have one revision,
/// which is never claimed.
async fn verify_claims(app: &App, notification: &Notification) -> Result<ClaimedRevisions, RelayError> {
    let Notification::Alert(alert) = notification else {
        return Ok(ClaimedRevisions { last_revision: notification.delivery_id().1, last_assessed: None });
    };
    let claims = match CaseKey::from_id(&alert.subject, &alert.case_id) {
        Some(key) => app.table.alert_claims(&key).await?,
        None => None,
    };
    validate_message(claims.as_ref(), alert.revision, alert.cause).map_err(RelayError::Rejected)?;
    claims.ok_or(RelayError::Rejected(RejectReason::UnknownCase))
}

async fn deliver(
    app: &App,
    channel: Channel,
    destination: &Destination,
    delivery: &Delivery<'_>,
    deadline: Timestamp,
) -> Result<(), String> {
    let channel = channel.code();
    let (headers, body) = destination.request(delivery);
    if let Err(error) = app.poster.post(destination.url(), &headers, &body, deadline).await {
        if matches!(error, PostError::Rejected { .. }) {
            app.channel_config.invalidate(); // the URL or the key may have changed
        }
        let Delivery { key, revision, .. } = *delivery;
        tracing::warn!(delivery = %key, revision, channel, error.message = %with_causes(&error),
            "could not deliver {key} to {channel}; SQS redelivers the message");
        return Err(format!("{channel}: {}", with_causes(&error)));
    }
    let Delivery { key, revision, .. } = *delivery;
    tracing::info!(delivery = %key, revision, channel, "delivered {key} to {channel}");
    app.table
        .record_delivery(key, channel, revision)
        .await
        .map_err(|error| format!("{channel}: {}", with_causes(&error)))
}
