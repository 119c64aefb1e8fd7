//! Slack (an incoming webhook), PagerDuty (Events API v2) and a plain webhook as an HTTP service on loopback, for tests of
//! what posts alerts to them.
//!
//! It refuses what those services document that they refuse, keeps every request with what was wrong with it, and does
//! nothing by itself: [`ReceiverFault`]s make requests fail, and [`Receivers::wait_until`] waits for requests. So tests never sleep.
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
//! [`FaultyServer`] answers whatever comes, and ends its connections in a way that its client does not notice.
//!
//! Where a service's behaviour is not documented, the code says what was taken for it, with the word "assumed".

mod answer;
mod fault;
mod faulty_server;
mod ledger;
mod pagerduty;
mod part;
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
