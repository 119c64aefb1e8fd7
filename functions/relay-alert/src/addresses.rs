//! The addresses that the secret holds.

use crate::address::Allowed;
use crate::channels::{self, Channels};
use crate::secret::SecretError;
use gumshoe_aws::ApiCallError;
use gumshoe_aws::secret::Secret;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, PoisonError};
use thiserror::Error;

/// How long the secret is believed before it is read again.
const BELIEVED: SignedDuration = SignedDuration::from_mins(5);

/// The secret's channels, read again from time to time, and after a channel refused what it was sent.
pub(crate) struct Addresses {
    secret: Secret,
    allowed: Allowed,
    known: Mutex<Option<(Channels, Timestamp)>>,
}

/// The secret cannot be read, or not be used.
#[derive(Debug, Error)]
pub(crate) enum AddressesError {
    #[error("the relay's secret cannot be read")]
    Unread(#[source] ApiCallError),
    #[error(transparent)]
    Wrong(#[from] SecretError),
}

impl Addresses {
    pub(crate) fn new(secret: Secret, allowed: Allowed) -> Self {
        Self { secret, allowed, known: Mutex::default() }
    }

    pub(crate) async fn channels(&self, now: Timestamp) -> Result<Channels, AddressesError> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((channels, read)) = known
            && now.duration_since(read) < BELIEVED
        {
            return Ok(channels);
        }
        let text = self.secret.read().await.map_err(AddressesError::Unread)?;
        let channels = channels::from_secret(&text, &self.allowed)?;
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((channels.clone(), now));
        Ok(channels)
    }

    pub(crate) fn forget(&self) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
