//! The channels' configuration from the secret, cached.

use crate::channels::{self, ConfiguredChannels};
use crate::egress::EgressPolicy;
use crate::secret::SecretError;
use gumshoe_aws::ApiCallError;
use gumshoe_aws::secret::Secret;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, PoisonError};
use thiserror::Error;

/// After this time the secret is read again.
const SECRET_CACHE_TTL: SignedDuration = SignedDuration::from_mins(5);

/// The channels of the secret, cached for [`SECRET_CACHE_TTL`] or until a channel rejects a message.
pub(crate) struct ChannelConfigCache {
    secret: Secret,
    egress: EgressPolicy,
    cached: Mutex<Option<(ConfiguredChannels, Timestamp)>>,
}

/// The secret could not be read, or is invalid.
#[derive(Debug, Error)]
pub(crate) enum ChannelConfigError {
    #[error("could not read the relay secret; check secretsmanager:GetSecretValue on RelaySecretArn")]
    ReadFailed(#[source] ApiCallError),
    #[error(transparent)]
    Invalid(#[from] SecretError),
}

impl ChannelConfigCache {
    pub(crate) fn new(secret: Secret, egress: EgressPolicy) -> Self {
        Self { secret, egress, cached: Mutex::default() }
    }

    /// The channels, from the cache or the secret.
    pub(crate) async fn channels(&self, now: Timestamp) -> Result<ConfiguredChannels, ChannelConfigError> {
        let cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((channels, read)) = cached
            && now.duration_since(read) < SECRET_CACHE_TTL
        {
            return Ok(channels);
        }
        let text = self.secret.read().await.map_err(ChannelConfigError::ReadFailed)?;
        let channels = channels::from_secret(&text, &self.egress)?;
        *self.cached.lock().unwrap_or_else(PoisonError::into_inner) = Some((channels.clone(), now));
        Ok(channels)
    }

    /// The next call reads the secret again.
    pub(crate) fn invalidate(&self) {
        *self.cached.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
