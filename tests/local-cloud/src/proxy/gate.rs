//! A gate holds calls back until a test opens it.

use super::{ProxiedCall, Proxy};
use crate::error::CloudError;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

type Predicate = Box<dyn Fn(&ProxiedCall) -> bool + Send + Sync>;

/// A closed gate, from [`Proxy::gate`].
///
/// It holds every call that fits its predicate. If the SDK gives up on a held call and tries again, the new call is held
/// too; the old one never reaches the service, because its caller has closed the connection. Opening the gate, or dropping
/// it, lets all held calls go on.
#[derive(Debug)]
pub struct CallGate(Arc<Hold>);

/// All gates of a proxy.
#[derive(Default)]
pub(super) struct CallGates(Mutex<Vec<Arc<Hold>>>);

struct Hold {
    fits: Predicate,
    calls: watch::Sender<Calls>,
    open: watch::Sender<bool>,
}

/// How many calls came to a gate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Calls {
    /// Those that were held at any time.
    held: usize,
    /// Those that have gone on, or whose caller has hung up.
    gone: usize,
}

/// One held call; dropped when it goes on, or when its caller hangs up.
struct Held<'a>(&'a Hold);

impl<'a> Held<'a> {
    fn by(hold: &'a Hold) -> Self {
        hold.calls.send_modify(|calls| calls.held += 1);
        Self(hold)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.calls.send_modify(|calls| calls.gone += 1);
    }
}

impl std::fmt::Debug for Hold {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut hold = formatter.debug_struct("Hold");
        hold.field("calls", &*self.calls.borrow()).field("open", &*self.open.borrow()).finish_non_exhaustive()
    }
}

impl Proxy {
    /// Holds every call that fits until the gate is opened or dropped.
    pub fn gate(&self, fits: impl Fn(&ProxiedCall) -> bool + Send + Sync + 'static) -> CallGate {
        self.shared.gates.close(Box::new(fits))
    }
}

impl CallGate {
    /// Waits until a call has been held.
    ///
    /// # Errors
    ///
    /// [`CloudError::TimedOut`] when none was held within `patience`; it names the call as `what`.
    pub async fn wait_until_held(&self, what: &str, timeout: Duration) -> Result<(), CloudError> {
        self.until(|calls| calls.held > 0, what, timeout).await
    }

    async fn until(&self, fits: impl FnMut(&Calls) -> bool, what: &str, timeout: Duration) -> Result<(), CloudError> {
        let mut calls = self.0.calls.subscribe();
        let came = tokio::time::timeout(timeout, calls.wait_for(fits)).await;
        came.map(drop).map_err(|_| CloudError::TimedOut {
            what: what.to_owned(),
            seconds: timeout.as_secs(),
            hint: Some(format!("calls at the gate: {:?}", *self.0.calls.borrow())),
        })
    }

    /// Lets all held calls go on, and holds no more.
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
    fn close(&self, fits: Predicate) -> CallGate {
        let hold = Arc::new(Hold { fits, calls: watch::Sender::default(), open: watch::Sender::new(false) });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&hold));
        CallGate(hold)
    }

    /// Waits until no gate holds the call any more. If the caller hangs up meanwhile, hyper drops this, and the call with it.
    pub(super) async fn pass(&self, call: &ProxiedCall) {
        for hold in self.closed_to(call) {
            let mut open = hold.open.subscribe();
            let _held = Held::by(&hold);
            // An error would mean that the sender is gone, but this holds it.
            let _ = open.wait_for(|open| *open).await;
        }
    }

    fn closed_to(&self, call: &ProxiedCall) -> Vec<Arc<Hold>> {
        let mut holds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        holds.retain(|hold| !*hold.open.borrow());
        holds.iter().filter(|hold| (hold.fits)(call)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbox::Mailbox;
    use axum::Router;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// The longest that something is waited for that happens at once.
    const SOON: Duration = Duration::from_secs(30);

    /// A proxy before a service that counts its calls.
    struct Bench {
        proxy: Proxy,
        served: Arc<AtomicUsize>,
    }

    impl Bench {
        async fn new() -> Self {
            let served = Arc::<AtomicUsize>::default();
            let count = Arc::clone(&served);
            let router = Router::new().fallback(async move || {
                count.fetch_add(1, Ordering::SeqCst);
            });
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let target = format!("http://{}", listener.local_addr().unwrap());
            tokio::spawn(async move { axum::serve(listener, router).await });
            let proxy = Proxy::start(Mailbox::default()).await.unwrap();
            proxy.forward_to(target);
            Self { proxy, served }
        }

        fn served(&self) -> usize {
            self.served.load(Ordering::SeqCst)
        }

        /// Calls an operation of DynamoDB.
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
    async fn what_fits_is_held_until_the_gate_is_opened_and_nothing_else() {
        let bench = Bench::new().await;
        let gate = bench.proxy.gate(writes);
        let held = async {
            gate.wait_until_held("the write", SOON).await.unwrap();
            assert_eq!(bench.call("GetItem").await.unwrap(), 200);
            assert_eq!(bench.served(), 1, "the read passed, the write did not");
            gate.open();
        };
        let (write, ()) = tokio::join!(bench.call("UpdateItem"), held);
        assert_eq!((write.unwrap(), bench.served()), (200, 2));
        assert_eq!(bench.call("UpdateItem").await.unwrap(), 200, "an open gate holds nothing");
    }

    #[tokio::test]
    async fn a_call_that_is_tried_again_while_it_is_held_is_held_again_and_served_once() {
        let bench = Bench::new().await;
        let gate = bench.proxy.gate(writes);
        for gone in 1..=2 {
            tokio::select! {
                answer = bench.call("UpdateItem") => panic!("it is held: {answer:?}"),
                held = gate.until(|calls| calls.held == gone, "the write", SOON) => held.unwrap(),
            }
            // The caller has hung up, as the SDK does when its time for a try is over.
            gate.until(|calls| calls.gone == gone, "the end of the connection", SOON).await.unwrap();
        }
        let held = async {
            gate.until(|calls| calls.held == 3, "the last try", SOON).await.unwrap();
            gate.open();
        };
        let (write, ()) = tokio::join!(bench.call("UpdateItem"), held);
        assert_eq!((write.unwrap(), bench.served()), (200, 1));
    }

    #[tokio::test]
    async fn a_dropped_gate_is_open() {
        let bench = Bench::new().await;
        let gate = bench.proxy.gate(writes);
        let held = async {
            gate.wait_until_held("the write", SOON).await.unwrap();
            drop(gate);
        };
        let (write, ()) = tokio::join!(bench.call("UpdateItem"), held);
        assert_eq!(write.unwrap(), 200);
    }

    #[tokio::test]
    async fn two_gates_hold_a_call_until_both_are_open() {
        let bench = Bench::new().await;
        let (one, other) = (bench.proxy.gate(writes), bench.proxy.gate(|_| true));
        let held = async {
            one.wait_until_held("the write at the first gate", SOON).await.unwrap();
            one.open();
            other.wait_until_held("the write at the second gate", SOON).await.unwrap();
            assert_eq!(bench.served(), 0);
            other.open();
        };
        let (write, ()) = tokio::join!(bench.call("UpdateItem"), held);
        assert_eq!((write.unwrap(), bench.served()), (200, 1));
    }

    #[tokio::test]
    async fn what_never_comes_is_named() {
        let bench = Bench::new().await;
        let gate = bench.proxy.gate(writes);
        let error = gate.wait_until_held("the write", Duration::ZERO).await.unwrap_err().to_string();
        assert_eq!(error, "the write did not happen within 0 seconds; calls at the gate: Calls { held: 0, gone: 0 }");
    }
}
