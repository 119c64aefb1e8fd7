//! One message to every channel that is on and lacks it.
//!
//! ```text
//! hold ── was it claimed? ── which channels lack this revision? ── post to each, side by side ── note each that took it ── let go
//!               └── no: it is refused
//! ```
//!
//! The claims are read while the message is held: by then every revision that is noted as delivered was claimed.
//!
//! A channel that fails is not noted: the message comes back for it alone. A function that dies between posting and noting
//! posts once more; PagerDuty knows that by its dedup key, the webhook by `X-Gumshoe-Delivery`, Slack does not.

use crate::app::App;
use crate::channels::{Channels, Outgoing, Target};
use crate::post::PostError;
use crate::secret::SecretError;
use futures_util::future::join_all;
use gumshoe_alerts::Notification;
use gumshoe_alerts::channels::Channel;
use gumshoe_aws::case_table::{DeliveredRevisions, TableError};
use gumshoe_domain::case::{CaseKey, ClaimedRevisions, RejectReason, validate_message};
use gumshoe_domain::error::with_causes;
use jiff::{SignedDuration, Timestamp};

/// How long a message is held at most: the function's own time-out, and a little.
const HELD: SignedDuration = SignedDuration::from_secs(75);

/// Why a message is not with every channel.
#[derive(Debug)]
pub(crate) enum Unrelayed {
    /// It cannot be one that send-alert published: no channel receives it, however often it is delivered.
    Refused(RejectReason),
    /// The table, the secret or a channel failed, with the reasons: the message comes back for what it lacks.
    Failed(String),
}

impl From<TableError> for Unrelayed {
    fn from(error: TableError) -> Self {
        Self::Failed(with_causes(&error))
    }
}

/// Relays a message to every channel that is on and has neither this revision nor a later one.
///
/// # Errors
///
/// [`Unrelayed`]: which channels failed and why, or why the message is not believed.
pub(crate) async fn relay(
    app: &App,
    notification: &Notification,
    text: &str,
    deadline: Timestamp,
    now: Timestamp,
) -> Result<(), Unrelayed> {
    let (key, _) = notification.delivery_id();
    let channels = app.addresses.channels(now).await.map_err(|error| Unrelayed::Failed(with_causes(&error)))?;
    let until = now.checked_add(HELD).unwrap_or(Timestamp::MAX);
    let delivered = match app.table.acquire_delivery_lease(&key, now, until).await {
        Ok(delivered) => delivered,
        Err(TableError::ConditionFailed(_)) => {
            return Err(Unrelayed::Failed(format!("another invocation is relaying {key}")));
        }
        Err(error) => return Err(error.into()),
    };
    let relayed = relay_held(app, &channels, notification, text, &delivered, deadline, now).await;
    // Let go also after a failure: the message comes back for what it lacks. If this fails, the hold ends by itself.
    if let Err(error) = app.table.release_delivery_lease(&key).await {
        tracing::warn!(delivery = %key, error.message = %with_causes(&error), "the hold ends by itself");
    }
    relayed
}

/// Relays a message that this invocation holds, given what was delivered of it before.
async fn relay_held(
    app: &App,
    channels: &Channels,
    notification: &Notification,
    text: &str,
    delivered: &DeliveredRevisions,
    deadline: Timestamp,
    now: Timestamp,
) -> Result<(), Unrelayed> {
    let claims = claims(app, notification).await?;
    let (key, revision) = notification.delivery_id();
    let outgoing = Outgoing { notification, text, key: &key, revision, now };
    let usable = channels.iter().filter_map(|(channel, target)| Some((*channel, target.as_ref().ok()?)));
    let lacking = usable.filter(|(channel, _)| claims.needs_delivery(delivered.get(channel.code()).copied(), revision));
    let outcomes = join_all(lacking.map(|(channel, target)| deliver(app, channel, target, &outgoing, deadline))).await;
    let wrong: Vec<&SecretError> = channels.iter().filter_map(|(_, target)| target.as_ref().err()).collect();
    if !wrong.is_empty() {
        app.addresses.forget(); // it may be mended by the next delivery
    }
    let failures: Vec<String> =
        outcomes.into_iter().filter_map(Result::err).chain(wrong.iter().map(ToString::to_string)).collect();
    if failures.is_empty() { Ok(()) } else { Err(Unrelayed::Failed(failures.join("; "))) }
}

/// What was claimed of the message's case. What is no alert has one revision, which nothing claims.
async fn claims(app: &App, notification: &Notification) -> Result<ClaimedRevisions, Unrelayed> {
    let Notification::Alert(alert) = notification else {
        return Ok(ClaimedRevisions { last_revision: notification.delivery_id().1, last_assessed: None });
    };
    let claims = match CaseKey::from_id(&alert.subject, &alert.case_id) {
        Some(key) => app.table.alert_claims(&key).await?,
        None => None,
    };
    validate_message(claims.as_ref(), alert.revision, alert.cause).map_err(Unrelayed::Refused)?;
    claims.ok_or(Unrelayed::Refused(RejectReason::UnknownCase))
}

async fn deliver(
    app: &App,
    channel: Channel,
    target: &Target,
    outgoing: &Outgoing<'_>,
    deadline: Timestamp,
) -> Result<(), String> {
    let channel = channel.code();
    let (headers, body) = target.request(outgoing);
    if let Err(error) = app.poster.post(target.url(), &headers, &body, deadline).await {
        if matches!(error, PostError::Refused { .. }) {
            app.addresses.forget(); // the address or the key may have changed
        }
        return Err(format!("{channel}: {}", with_causes(&error)));
    }
    let Outgoing { key, revision, .. } = *outgoing;
    tracing::info!(delivery = %key, revision, channel, "delivered");
    app.table
        .record_delivery(key, channel, revision)
        .await
        .map_err(|error| format!("{channel}: {}", with_causes(&error)))
}
