//! Amazon Detective, and a part of Amazon GuardDuty, as an HTTP service on loopback, for tests and rehearsals.
//!
//! Unmodified AWS SDKs use it if `AWS_ENDPOINT_URL_DETECTIVE` and `AWS_ENDPOINT_URL_GUARDDUTY` name its address. It checks
//! requests against the constraints of the API references and answers errors in AWS's shape. [`Scenarios`] define how
//! investigations and members end, the virtual clock follows the real one and is moved by [`Simulator::advance_clock`],
//! [`ApiFault`]s make calls fail, and [`Rate`]s throttle them. So tests never sleep. Every account and Region has its own
//! behavior graph and detector.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use simulator::{EndsWhen, ApiFault, FaultKind, Scenario, Simulator};
//!
//! let simulator = Simulator::start(std::net::TcpListener::bind("127.0.0.1:0")?)?;
//! simulator.add_scenario(Scenario::named("high")?.with_end(EndsWhen::Manually));
//! simulator.add_fault(ApiFault::new("StartInvestigation", FaultKind::Throttle).times(2));
//! // … point a client at simulator.url() …
//! assert!(simulator.journal().is_empty());
//! simulator.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! Behavior that AWS does not document is marked "assumed" in the code.

mod account_region;
mod clock;
mod control;
mod detective;
mod faults;
mod glob;
mod guardduty;
mod journal;
mod organization;
mod protocol;
mod rates;
mod scenario;
mod simulator;
mod snapshot;
mod world;

pub use account_region::AccountRegionFilter;
pub use control::ControlError;
pub use detective::{DisabledReason, Indicator, IngestState, MemberStatus, Outcome, Package, Severity};
pub use faults::{ApiFault, FaultKind};
pub use journal::Entry;
pub use organization::Organization;
pub use rates::Rate;
pub use scenario::{
    AccountScenario, Confidence, EndsWhen, FindingScenario, GuardDutyOutcome, RiskLevel, Scenario, ScenarioError,
    Scenarios, Verification,
};
pub use simulator::{Options, Simulator};
pub use snapshot::{Snapshot, SnapshotError};

/// An error with all its causes, on one line.
pub fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
