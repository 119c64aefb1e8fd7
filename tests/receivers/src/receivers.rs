//! The running receivers, and what tests do with them.

use crate::fault::ReceiverFault;
use crate::ledger::Ledger;
use crate::pagerduty::{self, Incident};
use crate::request::{Channel, Delivery};
use crate::server::Server;
use crate::{slack, webhook};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::watch;

/// Slack, PagerDuty and a webhook on a port of this machine.
///
/// They serve until they are dropped, which closes their connections also.
#[derive(Debug)]
pub struct Receivers {
    address: SocketAddr,
    ledger: Arc<watch::Sender<Ledger>>,
    stop: watch::Sender<bool>,
}

impl Receivers {
    /// Serves on a bound listener, in the tokio runtime that the caller is in.
    ///
    /// # Errors
    /// When the listener has no address or the caller is in no tokio runtime.
    pub fn start(listener: std::net::TcpListener) -> io::Result<Self> {
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = TcpListener::from_std(listener)?;
        let ledger = Arc::new(watch::Sender::new(Ledger::default()));
        let (stop, stopped) = watch::channel(false);
        let server = Server { ledger: Arc::clone(&ledger), stop: stopped };
        runtime.spawn(server.run(listener));
        Ok(Self { address, ledger, stop })
    }

    /// The address as a URL without a path, such as `http://127.0.0.1:4567`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The URL of Slack's incoming webhook.
    #[must_use]
    pub fn slack_url(&self) -> String {
        self.url() + slack::PATH
    }

    /// The URL of PagerDuty's Events API v2.
    #[must_use]
    pub fn pagerduty_url(&self) -> String {
        self.url() + pagerduty::PATH
    }

    /// The URL of the plain webhook.
    #[must_use]
    pub fn webhook_url(&self) -> String {
        self.url() + webhook::PATH
    }

    /// All requests so far, refused ones and those that went wrong also, in order of arrival.
    #[must_use]
    pub fn received(&self) -> Vec<Delivery> {
        self.ledger.borrow().deliveries.clone()
    }

    /// The requests on a channel that were answered by a 2xx status, in order of arrival.
    #[must_use]
    pub fn accepted(&self, channel: Channel) -> Vec<Delivery> {
        let accepted = |delivery: &Delivery| delivery.channel == channel && delivery.is_accepted();
        self.received().into_iter().filter(accepted).collect()
    }

    /// Waits until all the requests so far are such as are waited for, and gives them. It waits for ever if need be.
    pub async fn wait_until(&self, enough: impl Fn(&[Delivery]) -> bool) -> Vec<Delivery> {
        let mut ledger = self.ledger.subscribe();
        let _ = ledger.wait_for(|ledger| enough(&ledger.deliveries)).await;
        self.received()
    }

    /// Makes the next request on a channel whose body holds `containing` (letters, digits and dashes only, for JSON writes
    /// others in several ways; empty for any body) go wrong. What is said first is taken first, each once.
    pub fn fail_next(&self, channel: Channel, containing: &str, fault: ReceiverFault) {
        self.ledger.send_modify(|ledger| ledger.add_fault(channel, containing, fault));
    }

    /// PagerDuty's incidents, in the order in which they were opened.
    #[must_use]
    pub fn incidents(&self) -> Vec<Incident> {
        self.ledger.borrow().incidents.all().to_vec()
    }
}

impl Drop for Receivers {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}
