//! Amazon Detective as an HTTP service on loopback, for tests and rehearsals.
//!
//! The unmodified AWS SDKs speak to it when `AWS_ENDPOINT_URL_DETECTIVE` names its address. It holds requests to the
//! constraints of the API reference, answers errors in AWS's shape, and does nothing by itself: what an investigation
//! comes to is said by a [`Scenario`], time is moved by [`Simulator::advance_clock`], and [`Fault`]s make calls fail. So
//! tests never sleep. Every account and Region has a behavior graph and investigations of its own.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use simulator::{Ends, Fault, FaultKind, Scenario, Simulator};
//!
//! let simulator = Simulator::start(std::net::TcpListener::bind("127.0.0.1:0")?)?;
//! simulator.add_scenario(Scenario::named("high")?.ending(Ends::ByHand));
//! simulator.add_fault(Fault::new("StartInvestigation", FaultKind::Throttle).times(2));
//! // … point a client at simulator.url() …
//! assert!(simulator.journal().is_empty());
//! simulator.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! Where AWS's behaviour is not documented, the code says what was taken for it, with the word "assumed".

mod aws_error;
mod body;
mod caller;
mod constraints;
mod control;
mod digest;
mod entity;
mod exchange;
mod faults;
mod glob;
mod indicators;
mod input;
mod journal;
mod lifecycle;
mod operations;
mod pages;
mod query;
mod scenario;
mod server;
mod simulator;
mod state;
mod wire;

pub use faults::{Fault, FaultKind};
pub use indicators::Indicator;
pub use journal::Entry;
pub use lifecycle::{Outcome, Severity};
pub use scenario::{Ends, Scenario, ScenarioError};
pub use simulator::{ControlError, Simulator};
pub use state::Places;

/// An error with everything that caused it, on one line.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
