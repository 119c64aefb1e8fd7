//! Records the calls of the functions at the proxy.

use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use local_cloud::{FaultInjector, ProxiedCall, ProxyFault};

/// Records every call and injects no fault.
#[derive(Default)]
pub(super) struct CallRecorder(Mutex<Vec<(SystemTime, ProxiedCall)>>);

impl CallRecorder {
    /// The calls since the last `take`, each with the time of its response.
    pub(super) fn take(&self) -> Vec<(SystemTime, ProxiedCall)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl FaultInjector for CallRecorder {
    fn fault_for(&self, _: &ProxiedCall) -> Option<ProxyFault> {
        None
    }

    fn observe(&self, call: &ProxiedCall, _: Option<ProxyFault>, _: Option<u16>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((SystemTime::now(), call.clone()));
    }
}
