//! Kills functions during Detective calls, which do not pass through the proxy.

use super::own;
use local_cloud::LocalCloud;
use simulator::{ApiFault, FaultKind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Delay of Detective's response, in milliseconds. The caller is killed during it.
const HOLD_BEFORE_KILL_MS: u64 = 800;
/// Interval between checks for the call.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Kills functions in planned calls.
#[derive(Debug, Default, Clone)]
pub(crate) struct FunctionKiller(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Function, operation, and the number of earlier calls of the operation.
    pending: Vec<(&'static str, &'static str, usize)>,
    armed: usize,
    killed: usize,
}

impl FunctionKiller {
    /// Plans to kill the function in its next call of the operation.
    pub(crate) fn arm(&self, cloud: &LocalCloud, function: &'static str, operation: &'static str) {
        let held = ApiFault::new(operation, FaultKind::Latency).milliseconds(HOLD_BEFORE_KILL_MS);
        cloud.simulator().add_fault_in(own(), held);
        let before = count(cloud, operation);
        self.state(|state| {
            state.pending.push((function, operation, before));
            state.armed += 1;
        });
    }

    /// Kills the functions whose planned call has arrived. Runs until it is dropped.
    pub(crate) async fn watch(self, cloud: &LocalCloud) {
        loop {
            let pending = self.state(|state| state.pending.clone());
            let called = |it: &&(&str, &'static str, usize)| count(cloud, it.1) > it.2;
            if let Some(called) = pending.iter().find(called) {
                let killed = cloud.kill(called.0);
                self.state(|state| {
                    state.pending.retain(|it| it != called);
                    state.killed += killed;
                });
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// The number of planned kills.
    pub(crate) fn armed(&self) -> usize {
        self.state(|state| state.armed)
    }

    /// The number of killed processes.
    pub(crate) fn killed(&self) -> usize {
        self.state(|state| state.killed)
    }

    fn state<T>(&self, with: impl FnOnce(&mut State) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn count(cloud: &LocalCloud, operation: &str) -> usize {
    cloud.simulator().journal().iter().filter(|it| it.operation == operation).count()
}
