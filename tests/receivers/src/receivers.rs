//! The running receivers, and what tests do with them.

use crate::delivery_log::DeliveryLog;
use crate::fault::ReceiverFault;
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
/// They serve until they are dropped, which also closes their connections.
#[derive(Debug)]
pub struct Receivers {
    address: SocketAddr,
    delivery_log: Arc<watch::Sender<DeliveryLog>>,
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
        let delivery_log = Arc::new(watch::Sender::new(DeliveryLog::default()));
        let (stop, stopped) = watch::channel(false);
        let server = Server { delivery_log: Arc::clone(&delivery_log), stop: stopped };
        runtime.spawn(server.run(listener));
        Ok(Self { address, delivery_log, stop })
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

    /// All requests so far in order of arrival, including rejected ones and those with a fault.
    #[must_use]
    pub fn received(&self) -> Vec<Delivery> {
        self.delivery_log.borrow().deliveries.clone()
    }

    /// The requests on a channel that were answered by a 2xx status, in order of arrival.
    #[must_use]
    pub fn accepted(&self, channel: Channel) -> Vec<Delivery> {
        let accepted = |delivery: &Delivery| delivery.channel == channel && delivery.is_accepted();
        self.received().into_iter().filter(accepted).collect()
    }

    /// Waits until `enough` accepts the requests so far, and returns them. It has no timeout.
    pub async fn wait_until(&self, enough: impl Fn(&[Delivery]) -> bool) -> Vec<Delivery> {
        let mut delivery_log = self.delivery_log.subscribe();
        let _ = delivery_log.wait_for(|delivery_log| enough(&delivery_log.deliveries)).await;
        self.received()
    }

    /// Adds a fault for the next request on a channel whose body contains `containing`; empty matches any body. Use letters,
    /// digits and dashes only, because JSON can write other characters in several ways. Each fault is used once, in the order
    /// in which they were added.
    pub fn fail_next(&self, channel: Channel, containing: &str, fault: ReceiverFault) {
        self.delivery_log.send_modify(|delivery_log| delivery_log.add_fault(channel, containing, fault));
    }

    /// PagerDuty's incidents, in the order in which they were opened.
    #[must_use]
    pub fn incidents(&self) -> Vec<Incident> {
        self.delivery_log.borrow().incidents.all().to_vec()
    }
}

impl Drop for Receivers {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}
