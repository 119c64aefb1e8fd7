//! Kills functions in the middle of what they ask of Detective, which does not go through the proxy.

use super::own;
use local_cloud::LocalCloud;
use simulator::{ApiFault, FaultKind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// For how long Detective holds an answer back after which its caller is to be killed, in milliseconds.
const HELD: u64 = 800;
/// How often it is looked whether the call has come.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Who is to be killed.
#[derive(Debug, Default, Clone)]
pub(crate) struct Killer(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// The function, its operation, and how often that was called before.
    pending: Vec<(&'static str, &'static str, usize)>,
    armed: usize,
    killed: usize,
}

impl Killer {
    /// The function is killed when it calls that operation the next time.
    pub(crate) fn arm(&self, cloud: &LocalCloud, function: &'static str, operation: &'static str) {
        let held = ApiFault::new(operation, FaultKind::Latency).milliseconds(HELD);
        cloud.simulator().add_fault_in(own(), held);
        let before = count(cloud, operation);
        self.state(|state| {
            state.pending.push((function, operation, before));
            state.armed += 1;
        });
    }

    /// Kills whoever is to be killed, for as long as it is waited for.
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

    /// How often a function was to be killed.
    pub(crate) fn armed(&self) -> usize {
        self.state(|state| state.armed)
    }

    /// How many processes were killed.
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
