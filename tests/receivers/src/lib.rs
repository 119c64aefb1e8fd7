//! Slack (an incoming webhook), PagerDuty (Events API v2) and a plain webhook as an HTTP service on loopback, for tests of
//! code that posts alerts to them.
//!
//! It rejects what the services document that they reject, and records every request with its problems. [`ReceiverFault`]s
//! make requests fail, and [`Receivers::wait_until`] waits for requests, so tests never sleep.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use receivers::{Channel, ReceiverFault, Receivers};
//!
//! let receivers = Receivers::start(std::net::TcpListener::bind("127.0.0.1:0")?)?;
//! receivers.fail_next(Channel::Slack, "case-1", ReceiverFault::RateLimited { retry_after: Some("1".to_owned()) });
//! // … let alerts be posted to receivers.slack_url() …
//! assert!(receivers.accepted(Channel::Slack).is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! [`FaultyServer`] answers every request, and closes its connections in a way that the client does not notice.
//!
//! Behavior that a service does not document is marked "assumed" in the code.

mod delivery_log;
mod fault;
mod faulty_server;
mod http_response;
mod json_cursor;
mod pagerduty;
mod receivers;
mod request;
mod server;
mod slack;
mod webhook;

pub use fault::ReceiverFault;
pub use faulty_server::{ConnectionFault, FaultyServer};
pub use pagerduty::{Incident, IncidentState};
pub use receivers::Receivers;
pub use request::{Channel, Delivery};
pub use slack::{slack_mentions, slack_texts};
pub use webhook::SIGNING_KEY as WEBHOOK_SIGNING_KEY;
