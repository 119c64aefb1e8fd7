//! A gate holds calls until a test opens it.

use super::{ProxiedCall, Proxy};
use crate::error::CloudError;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

type Predicate = Box<dyn Fn(&ProxiedCall) -> bool + Send + Sync>;

/// A closed gate, from [`Proxy::gate`].
///
/// It holds every call that matches its predicate. If the SDK times out on a held call and retries it, the new call is held too;
/// the old one never reaches the service, because its caller has closed the connection. Opening or dropping the gate releases
/// all held calls.
#[derive(Debug)]
pub struct CallGate(Arc<GateState>);

/// All gates of a proxy.
#[derive(Default)]
pub(super) struct CallGates(Mutex<Vec<Arc<GateState>>>);

struct GateState {
    matches: Predicate,
    calls: watch::Sender<CallCounts>,
    open: watch::Sender<bool>,
}

/// Counts of the calls at a gate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct CallCounts {
    /// Calls that were held at any time.
    held: usize,
    /// Held calls that were released, or whose caller closed the connection.
    released: usize,
}

/// A held call; dropped when it is released, or when its caller closes the connection.
struct HeldCall<'a>(&'a GateState);

impl<'a> HeldCall<'a> {
    fn new(gate: &'a GateState) -> Self {
        gate.calls.send_modify(|calls| calls.held += 1);
        Self(gate)
    }
}

impl fmt::Display for CallCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "calls at the gate: held {}, released {}", self.held, self.released)
    }
}

impl Drop for HeldCall<'_> {
    fn drop(&mut self) {
        self.0.calls.send_modify(|calls| calls.released += 1);
    }
}

impl fmt::Debug for GateState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut gate = formatter.debug_struct("GateState");
        gate.field("calls", &*self.calls.borrow()).field("open", &*self.open.borrow()).finish_non_exhaustive()
    }
}

impl Proxy {
    /// Holds every call that matches until the gate is opened or dropped.
    pub fn gate(&self, matches: impl Fn(&ProxiedCall) -> bool + Send + Sync + 'static) -> CallGate {
        self.shared.gates.close(Box::new(matches))
    }
}

impl CallGate {
    /// Waits until a call has been held.
    ///
    /// # Errors
    ///
    /// [`CloudError::TimedOut`] if no call was held within `timeout`; `what` describes the call.
    pub async fn wait_until_held(&self, what: &str, timeout: Duration) -> Result<(), CloudError> {
        self.wait_for(|calls| calls.held > 0, what, timeout).await
    }

    async fn wait_for(
        &self,
        condition: impl FnMut(&CallCounts) -> bool,
        what: &str,
        timeout: Duration,
    ) -> Result<(), CloudError> {
        let mut calls = self.0.calls.subscribe();
        let came = tokio::time::timeout(timeout, calls.wait_for(condition)).await;
        came.map(drop).map_err(|_| CloudError::TimedOut {
            what: what.to_owned(),
            seconds: timeout.as_secs(),
            hint: Some(self.0.calls.borrow().to_string()),
        })
    }

    /// Releases all held calls and holds no more.
    pub fn open(self) {
        drop(self);
    }
}

impl Drop for CallGate {
    fn drop(&mut self) {
        self.0.open.send_replace(true);
    }
}

impl CallGates {
    fn close(&self, matches: Predicate) -> CallGate {
        let gate = Arc::new(GateState { matches, calls: watch::Sender::default(), open: watch::Sender::new(false) });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&gate));
        CallGate(gate)
    }

    /// Waits until no gate holds the call. If the caller closes the connection, hyper drops this future, and the call with it.
    pub(super) async fn wait_if_closed(&self, call: &ProxiedCall) {
        for gate in self.gates_matching(call) {
            let mut open = gate.open.subscribe();
            let _held = HeldCall::new(&gate);
            // An error would mean that the sender was dropped, but `gate` owns it.
            let _ = open.wait_for(|open| *open).await;
        }
    }

    fn gates_matching(&self, call: &ProxiedCall) -> Vec<Arc<GateState>> {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gates.retain(|gate| !*gate.open.borrow());
        gates.iter().filter(|gate| (gate.matches)(call)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbox::MessageStore;
    use axum::Router;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Timeout of a wait that normally ends immediately.
    const TIMEOUT: Duration = Duration::from_secs(30);

    /// A proxy in front of a service that counts its calls.
    struct TestProxy {
        proxy: Proxy,
        served: Arc<AtomicUsize>,
    }

    impl TestProxy {
        async fn new() -> Self {
            let served = Arc::<AtomicUsize>::default();
            let count = Arc::clone(&served);
            let router = Router::new().fallback(async move || {
                count.fetch_add(1, Ordering::SeqCst);
            });
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let target = format!("http://{}", listener.local_addr().unwrap());
            tokio::spawn(async move { axum::serve(listener, router).await });
            let proxy = Proxy::start(MessageStore::default()).await.unwrap();
            proxy.forward_to(target);
            Self { proxy, served }
        }

        fn served(&self) -> usize {
            self.served.load(Ordering::SeqCst)
        }

        /// Calls a DynamoDB operation through the proxy.
        async fn call(&self, operation: &str) -> Result<u16, reqwest::Error> {
            let client = crate::api::http().build().unwrap();
            let call = client.post(self.proxy.url()).header("x-amz-target", format!("DynamoDB_20120810.{operation}"));
            Ok(call.body("{}").send().await?.status().as_u16())
        }
    }

    fn writes(call: &ProxiedCall) -> bool {
        call.operation == "UpdateItem"
    }

    #[tokio::test]
    async fn a_gate_holds_only_matching_calls_until_it_is_opened() {
        let test = TestProxy::new().await;
        let gate = test.proxy.gate(writes);
        let held = async {
            gate.wait_until_held("the write", TIMEOUT).await.unwrap();
            assert_eq!(test.call("GetItem").await.unwrap(), 200);
            assert_eq!(test.served(), 1, "the read passed, the write did not");
            gate.open();
        };
        let (write, ()) = tokio::join!(test.call("UpdateItem"), held);
        assert_eq!((write.unwrap(), test.served()), (200, 2));
        assert_eq!(test.call("UpdateItem").await.unwrap(), 200, "an open gate holds nothing");
    }

    #[tokio::test]
    async fn a_retried_call_is_held_again_and_served_once() {
        let test = TestProxy::new().await;
        let gate = test.proxy.gate(writes);
        for attempt in 1..=2 {
            tokio::select! {
                answer = test.call("UpdateItem") => panic!("the call was not held: {answer:?}"),
                held = gate.wait_for(|calls| calls.held == attempt, "the write", TIMEOUT) => held.unwrap(),
            }
            // The caller closed the connection, as the SDK does when an attempt times out.
            gate.wait_for(|calls| calls.released == attempt, "the end of the connection", TIMEOUT).await.unwrap();
        }
        let held = async {
            gate.wait_for(|calls| calls.held == 3, "the last attempt", TIMEOUT).await.unwrap();
            gate.open();
        };
        let (write, ()) = tokio::join!(test.call("UpdateItem"), held);
        assert_eq!((write.unwrap(), test.served()), (200, 1));
    }

    #[tokio::test]
    async fn a_dropped_gate_is_open() {
        let test = TestProxy::new().await;
        let gate = test.proxy.gate(writes);
        let held = async {
            gate.wait_until_held("the write", TIMEOUT).await.unwrap();
            drop(gate);
        };
        let (write, ()) = tokio::join!(test.call("UpdateItem"), held);
        assert_eq!(write.unwrap(), 200);
    }

    #[tokio::test]
    async fn two_gates_hold_a_call_until_both_are_open() {
        let test = TestProxy::new().await;
        let (one, other) = (test.proxy.gate(writes), test.proxy.gate(|_| true));
        let held = async {
            one.wait_until_held("the write at the first gate", TIMEOUT).await.unwrap();
            one.open();
            other.wait_until_held("the write at the second gate", TIMEOUT).await.unwrap();
            assert_eq!(test.served(), 0);
            other.open();
        };
        let (write, ()) = tokio::join!(test.call("UpdateItem"), held);
        assert_eq!((write.unwrap(), test.served()), (200, 1));
    }

    #[tokio::test]
    async fn a_timeout_names_the_call_and_the_counts() {
        let test = TestProxy::new().await;
        let gate = test.proxy.gate(writes);
        let error = gate.wait_until_held("the write", Duration::ZERO).await.unwrap_err().to_string();
        assert_eq!(error, "timed out after 0 s waiting for the write; calls at the gate: held 0, released 0");
    }
}
