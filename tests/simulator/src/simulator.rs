//! The running simulator, and what tests do with it.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::faults::Fault;
use crate::journal::Entry;
use crate::lifecycle::{Outcome, Status};
use crate::scenario::Scenario;
use crate::server::Server;
use crate::state::{Places, SharedWorld, World, lock};

/// How long the connections that are still busy get to finish when the simulator ends.
const GRACE: Duration = Duration::from_secs(2);

/// Amazon Detective on a port of this machine.
///
/// It serves until it is shut down or dropped.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    world: SharedWorld,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Why control did not do what it was asked to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// There is no such investigation, in any account or Region.
    #[error("there is no investigation {id:?}; the investigations there are: GET /_control/investigations")]
    NoSuchInvestigation {
        /// The id asked for.
        id: String,
    },
    /// The investigation has ended already, and an end is final.
    #[error("the investigation {id} has ended already; start another")]
    AlreadyEnded {
        /// The investigation's id.
        id: String,
    },
}

impl Simulator {
    /// Serves on a bound listener, in the tokio runtime that the caller is in.
    ///
    /// # Errors
    /// When the listener has no address or the caller is in no tokio runtime.
    pub fn start(listener: std::net::TcpListener) -> io::Result<Self> {
        Self::start_with(listener, Vec::new())
    }

    /// As [`Simulator::start`], with scenarios that last through [`Simulator::reset`]. The first is tried first.
    ///
    /// # Errors
    /// As [`Simulator::start`].
    pub fn start_with(listener: std::net::TcpListener, scenarios: Vec<Scenario>) -> io::Result<Self> {
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = TcpListener::from_std(listener)?;
        let world = Arc::new(Mutex::new(World::new(scenarios)));
        let (stop, stopped) = watch::channel(false);
        let server = Server { world: world.clone(), stop: stopped, answered: Arc::new(AtomicU64::new(1)) };
        let task = runtime.spawn(server.run(listener, address));
        Ok(Self { address, world, stop, task })
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address as an endpoint URL, such as `http://127.0.0.1:4567`: the value for `AWS_ENDPOINT_URL_DETECTIVE`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The ARN of an account's behavior graph in a Region, whether it exists at the moment or not.
    pub fn graph_arn(&self, account: &str, region: &str) -> String {
        crate::state::Place { account: account.into(), region: region.into() }.graph_arn()
    }

    /// Adds a scenario for all accounts and Regions. It is tried before those added earlier.
    pub fn add_scenario(&self, scenario: Scenario) {
        self.add_scenario_in(Places::default(), scenario);
    }

    /// Adds a scenario for some accounts or Regions.
    pub fn add_scenario_in(&self, places: Places, scenario: Scenario) {
        lock(&self.world).add_scenario(places, scenario);
    }

    /// Adds a fault for all accounts and Regions. It is taken after those added earlier.
    pub fn add_fault(&self, fault: Fault) {
        self.add_fault_in(Places::default(), fault);
    }

    /// Adds a fault for some accounts or Regions.
    pub fn add_fault_in(&self, places: Places, fault: Fault) {
        lock(&self.world).add_fault(places, fault);
    }

    /// Removes or restores the behavior graphs of all accounts and Regions. Investigations wait for their graph.
    pub fn set_graph_exists(&self, exists: bool) {
        self.set_graph_exists_in(Places::default(), exists);
    }

    /// Removes or restores the behavior graphs of some accounts or Regions.
    pub fn set_graph_exists_in(&self, places: Places, exists: bool) {
        lock(&self.world).set_graph_exists(places, exists);
    }

    /// Ends an investigation that is still running.
    ///
    /// # Errors
    /// When there is no such investigation, or it has ended.
    pub fn step(&self, id: &str, outcome: Outcome) -> Result<(), ControlError> {
        lock(&self.world).step(id, outcome)
    }

    /// Moves the virtual clock forward, by which investigations end and page tokens expire.
    pub fn advance_clock(&self, by: Duration) {
        lock(&self.world).advance_clock(by);
    }

    /// The calls so far (the last 100,000), newest last.
    pub fn journal(&self) -> Vec<Entry> {
        lock(&self.world).journal.entries().cloned().collect()
    }

    /// Forgets investigations, scenarios, faults, removed graphs, the journal and the clock's advance. What
    /// [`Simulator::start_with`] was given stays.
    pub fn reset(&self) {
        lock(&self.world).reset();
    }

    /// Stops listening, lets the answers under way go out for at most two seconds, and ends.
    pub async fn shutdown(self) {
        let Self { stop, mut task, .. } = self;
        stop.send_replace(true);
        if tokio::time::timeout(GRACE, &mut task).await.is_err() {
            task.abort();
        }
    }
}

impl World {
    /// As [`Simulator::step`].
    pub(crate) fn step(&mut self, id: &str, outcome: Outcome) -> Result<(), ControlError> {
        let now = self.now();
        let investigation =
            self.find_anywhere(id).ok_or_else(|| ControlError::NoSuchInvestigation { id: id.into() })?;
        if investigation.status(now) != Status::Running {
            return Err(ControlError::AlreadyEnded { id: id.into() });
        }
        investigation.by_hand = Some(outcome);
        Ok(())
    }
}
