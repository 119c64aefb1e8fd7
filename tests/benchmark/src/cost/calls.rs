//! The calls of the functions, seen by the proxy that stands before the services.

use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use local_cloud::{Asked, Meddler, Mishap};

/// Remembers every call and lets all of them pass.
#[derive(Default)]
pub(super) struct Calls(Mutex<Vec<(SystemTime, Asked)>>);

impl Calls {
    /// The calls since the last time, each with the moment of its answer.
    pub(super) fn take(&self) -> Vec<(SystemTime, Asked)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Meddler for Calls {
    fn meddle(&self, _: &Asked) -> Option<Mishap> {
        None
    }

    fn see(&self, call: &Asked, _: Option<Mishap>, _: Option<u16>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((SystemTime::now(), call.clone()));
    }
}
