//! The running simulator, and what tests do with it.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::control::ControlError;
use crate::detective::{DisabledReason, IngestState, MemberStatus, Outcome, Package};
use crate::faults::ApiFault;
use crate::journal::Entry;
use crate::organization::Organization;
use crate::protocol::server::Server;
use crate::rates::{Rate, Rates};
use crate::scenario::{AccountScenario, FindingScenario, GuardDutyOutcome, Scenario, Scenarios};
use crate::snapshot::{Snapshot, SnapshotError};
use crate::world::{AccountRegion, AccountRegionFilter, SharedWorld, World, lock};

/// How long open requests may take to finish when the simulator stops.
const SHUTDOWN_GRACE_PERIOD: Duration = Duration::from_secs(2);

/// Amazon Detective and Amazon GuardDuty on a port of this machine.
///
/// It serves until it is shut down or dropped.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    world: SharedWorld,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// The initial state of a simulator.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// Scenarios that a reset keeps.
    pub scenarios: Scenarios,
    /// Whether accounts start without a behavior graph, so that CreateGraph makes the first. If false, every account has one
    /// in every Region from the start.
    pub without_graphs: bool,
}

impl Simulator {
    /// Serves on a bound listener, in the tokio runtime that the caller is in.
    ///
    /// # Errors
    /// When the listener has no address or the caller is in no tokio runtime.
    pub fn start(listener: std::net::TcpListener) -> io::Result<Self> {
        Self::start_with_options(listener, Options::default())
    }

    /// As [`Simulator::start`], with an initial state that [`Simulator::reset`] restores.
    ///
    /// # Errors
    /// As [`Simulator::start`].
    pub fn start_with_options(listener: std::net::TcpListener, options: Options) -> io::Result<Self> {
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = TcpListener::from_std(listener)?;
        let world = Arc::new(Mutex::new(World::new(options)));
        let (stop, stopped) = watch::channel(false);
        let server = Server { world: world.clone(), stop: stopped, answered: Arc::new(AtomicU64::new(1)) };
        let task = runtime.spawn(server.run(listener, address));
        Ok(Self { address, world, stop, task })
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address as an endpoint URL, such as `http://127.0.0.1:4567`: the value for `AWS_ENDPOINT_URL_DETECTIVE` and
    /// `AWS_ENDPOINT_URL_GUARDDUTY`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The ARN of the behavior graph that an account has in a Region from the start, whether it exists at the moment or
    /// not. A graph that CreateGraph makes has another.
    pub fn graph_arn(&self, account: &str, region: &str) -> String {
        crate::detective::first_graph_arn(&AccountRegion::new(account, region))
    }

    /// The id of the GuardDuty detector that an account has in a Region, whether it exists at the moment or not.
    pub fn detector_id(&self, account: &str, region: &str) -> String {
        crate::guardduty::detector_id(&AccountRegion::new(account, region))
    }

    /// Adds a scenario for all accounts and Regions. It is tried before earlier ones.
    pub fn add_scenario(&self, scenario: Scenario) {
        self.add_scenario_in(AccountRegionFilter::default(), scenario);
    }

    /// Adds scenarios of all kinds, each for its own accounts and Regions. They are tried before earlier ones.
    pub fn add_scenarios(&self, scenarios: Scenarios) {
        lock(&self.world).scenarios.add_all(&AccountRegionFilter::default(), scenarios);
    }

    /// Adds a scenario for some accounts or Regions.
    pub fn add_scenario_in(&self, places: AccountRegionFilter, scenario: Scenario) {
        lock(&self.world).scenarios.add(places, scenario);
    }

    /// Adds a scenario of GuardDuty investigations for all accounts and Regions.
    pub fn add_finding_scenario(&self, scenario: FindingScenario) {
        lock(&self.world).scenarios.add_finding(AccountRegionFilter::default(), scenario);
    }

    /// Adds a scenario of member accounts, for all administrator accounts and Regions.
    pub fn add_account_scenario(&self, scenario: AccountScenario) {
        lock(&self.world).scenarios.add_account(AccountRegionFilter::default(), scenario);
    }

    /// Adds a fault for all accounts and Regions. It applies after earlier ones are used up.
    pub fn add_fault(&self, fault: ApiFault) {
        self.add_fault_in(AccountRegionFilter::default(), fault);
    }

    /// Adds a fault for some accounts or Regions.
    pub fn add_fault_in(&self, places: AccountRegionFilter, fault: ApiFault) {
        lock(&self.world).add_fault(places, fault);
    }

    /// Replaces the rates at which operations may be called; an empty list removes all limits. A rate or a burst of 0 rejects
    /// every call.
    pub fn set_rates(&self, rates: Vec<Rate>) {
        lock(&self.world).rates = Rates::new(rates);
    }

    /// Removes or restores the behavior graphs of all accounts and Regions. Investigations of a removed graph are kept.
    pub fn set_graph_exists(&self, exists: bool) {
        self.set_graph_exists_in(AccountRegionFilter::default(), exists);
    }

    /// Removes or restores the behavior graphs of some accounts or Regions.
    pub fn set_graph_exists_in(&self, places: AccountRegionFilter, exists: bool) {
        lock(&self.world).detective.set_graph_exists(places, exists);
    }

    /// Ends a Detective investigation that is still running.
    ///
    /// # Errors
    /// If the investigation does not exist, or has ended.
    pub fn end_investigation(&self, id: &str, outcome: Outcome) -> Result<(), ControlError> {
        lock(&self.world).end_investigation(id, outcome)
    }

    /// Ends a GuardDuty investigation that is still running.
    ///
    /// # Errors
    /// If the investigation does not exist, or has ended.
    pub fn end_guardduty_investigation(&self, id: &str, outcome: GuardDutyOutcome) -> Result<(), ControlError> {
        lock(&self.world).end_guardduty_investigation(id, outcome)
    }

    /// Removes or restores the GuardDuty detectors of all accounts and Regions. Their data is kept.
    pub fn set_detector_exists(&self, exists: bool) {
        self.set_detector_exists_in(AccountRegionFilter::default(), exists);
    }

    /// Removes or restores the GuardDuty detectors of some accounts or Regions.
    pub fn set_detector_exists_in(&self, places: AccountRegionFilter, exists: bool) {
        lock(&self.world).guardduty.set_detector_exists(places, exists);
    }

    /// Stores a GuardDuty finding in the shape of GetFindings, a list of them, or the EventBridge events that carry them,
    /// in the detector of the account and Region that the finding names. One of the same id there is replaced.
    ///
    /// # Errors
    /// The first problem with its path; then nothing is stored.
    pub fn add_finding(&self, finding: Value) -> Result<(), ControlError> {
        lock(&self.world).add_findings(&AccountRegionFilter::default(), finding)
    }

    /// Brings a member account into a status, in all graphs of some administrator accounts and Regions.
    ///
    /// # Errors
    /// If it is not a member of any of them.
    pub fn set_member(
        &self,
        administrators: AccountRegionFilter,
        account: &str,
        status: MemberStatus,
        reason: Option<DisabledReason>,
    ) -> Result<(), ControlError> {
        lock(&self.world).set_member(&administrators, account, status, reason)
    }

    /// Brings a package of one enabled member account into a state, in all graphs of some administrator accounts and Regions.
    ///
    /// # Errors
    /// If it is not a member of any of them.
    pub fn set_member_package(
        &self,
        administrators: &AccountRegionFilter,
        account: &str,
        package: Package,
        state: IngestState,
    ) -> Result<(), ControlError> {
        lock(&self.world).set_member_package(administrators, account, package, state)
    }

    /// Defines an organization, or replaces its definition: accounts can join and leave.
    ///
    /// # Errors
    /// The problem with it.
    pub fn set_organization(&self, organization: Organization) -> Result<(), ControlError> {
        lock(&self.world).set_organization(organization)
    }

    /// Stops the virtual clock, or lets it run again.
    pub fn set_clock_stopped(&self, stopped: bool) {
        lock(&self.world).clock.set_stopped(stopped);
    }

    /// The whole state except the journal and open requests.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn snapshot(&self) -> Result<Snapshot, SnapshotError> {
        Snapshot::of(&lock(&self.world))
    }

    /// Restores a snapshot. The virtual clock continues from its time.
    ///
    /// # Errors
    /// When the snapshot is not one that this simulator writes.
    pub fn restore(&self, snapshot: &Snapshot) -> Result<(), SnapshotError> {
        snapshot.restore_into(&mut lock(&self.world))
    }

    /// Moves the virtual clock forward, by which investigations end and page tokens expire.
    pub fn advance_clock(&self, by: Duration) {
        lock(&self.world).clock.advance(by);
    }

    /// The calls so far (the last 100,000), newest last.
    pub fn journal(&self) -> Vec<Entry> {
        lock(&self.world).journal.entries().cloned().collect()
    }

    /// Deletes everything: graphs, investigations, findings, organizations, scenarios, faults, rates, the journal and the
    /// clock's offset. The options of [`Simulator::start_with_options`] apply again.
    pub fn reset(&self) {
        lock(&self.world).reset();
    }

    /// Stops listening, and waits at most two seconds for open requests to finish.
    pub async fn shutdown(self) {
        self.stop_serving().await;
    }

    /// As [`Simulator::shutdown`], and returns a snapshot of the last state.
    ///
    /// # Errors
    /// If the state cannot be written as JSON; the simulator has stopped anyway.
    pub async fn stop(self) -> Result<Snapshot, SnapshotError> {
        let world = self.stop_serving().await;
        let world = lock(&world);
        Snapshot::of(&world)
    }

    async fn stop_serving(self) -> SharedWorld {
        let Self { stop, mut task, world, .. } = self;
        stop.send_replace(true);
        if tokio::time::timeout(SHUTDOWN_GRACE_PERIOD, &mut task).await.is_err() {
            task.abort();
        }
        world
    }
}
