//! The calls of the functions, seen by the proxy that stands before the services.

use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use local_cloud::{FaultInjector, ProxiedCall, ProxyFault};

/// Remembers every call and lets all of them pass.
#[derive(Default)]
pub(super) struct Calls(Mutex<Vec<(SystemTime, ProxiedCall)>>);

impl Calls {
    /// The calls since the last time, each with the moment of its answer.
    pub(super) fn take(&self) -> Vec<(SystemTime, ProxiedCall)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl FaultInjector for Calls {
    fn fault_for(&self, _: &ProxiedCall) -> Option<ProxyFault> {
        None
    }

    fn observe(&self, call: &ProxiedCall, _: Option<ProxyFault>, _: Option<u16>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((SystemTime::now(), call.clone()));
    }
}
