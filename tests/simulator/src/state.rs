//! What the simulator knows, apart per account and Region.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::aws_error::AwsError;
use crate::digest;
use crate::faults::Fault;
use crate::journal::Journal;
use crate::lifecycle::{Investigation, InvestigationId};
use crate::scenario::Scenario;

/// An account in a Region: nothing of one place is seen from another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) account: String,
    pub(crate) region: String,
}

impl Place {
    /// The account's behavior graph in the Region: one, with an id derived from both.
    pub(crate) fn graph_arn(&self) -> String {
        let partition = match self.region.as_str() {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        let id = digest::of([self.account.as_str(), self.region.as_str()]);
        format!("arn:{partition}:detective:{}:{}:graph:{id:032x}", self.region, self.account)
    }
}

/// The accounts and Regions that something is for: those named, or all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// Only this account.
    pub account: Option<String>,
    /// Only this Region.
    pub region: Option<String>,
}

impl Places {
    pub(crate) fn include(&self, place: &Place) -> bool {
        self.account.as_ref().is_none_or(|account| *account == place.account)
            && self.region.as_ref().is_none_or(|region| *region == place.region)
    }
}

/// Everything the simulator knows.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) journal: Journal,
    investigations: BTreeMap<Place, BTreeMap<InvestigationId, Investigation>>,
    last_id: InvestigationId,
    /// The virtual clock is the real clock and this.
    clock_offset: SignedDuration,
    /// Added later stands later, and is tried first.
    scenarios: Vec<(Places, Scenario)>,
    first_scenarios: Vec<(Places, Scenario)>,
    faults: Vec<(Places, Fault)>,
    /// Whether graphs exist; the last that includes a place counts, without any the graph exists.
    graphs: Vec<(Places, bool)>,
}

/// The world, for everyone who works on it.
pub(crate) type SharedWorld = Arc<Mutex<World>>;

/// The world, locked.
pub(crate) fn lock(world: &SharedWorld) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    /// A world that starts, after each reset too, with these scenarios, of which the first is tried first.
    pub(crate) fn new(scenarios: Vec<Scenario>) -> Self {
        let first_scenarios: Vec<_> =
            scenarios.into_iter().rev().map(|scenario| (Places::default(), scenario)).collect();
        Self {
            journal: Journal::default(),
            investigations: BTreeMap::new(),
            last_id: InvestigationId::START,
            clock_offset: SignedDuration::ZERO,
            scenarios: first_scenarios.clone(),
            first_scenarios,
            faults: Vec::new(),
            graphs: Vec::new(),
        }
    }

    /// Forgets everything but the scenarios it started with. Ids go on, so that none from before means another now.
    pub(crate) fn reset(&mut self) {
        let fresh = Self::new(Vec::new());
        let last_id = self.last_id;
        let first_scenarios = std::mem::take(&mut self.first_scenarios);
        *self = Self { last_id, scenarios: first_scenarios.clone(), first_scenarios, ..fresh };
    }

    /// The virtual clock, in whole milliseconds, which is what the API's timestamps hold.
    #[expect(
        clippy::disallowed_methods,
        reason = "the simulator stands for AWS in the local cloud; this is its only clock, and control moves it"
    )]
    pub(crate) fn now(&self) -> Timestamp {
        let now = Timestamp::now().checked_add(self.clock_offset).unwrap_or(Timestamp::MAX);
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Moves the virtual clock forward.
    pub(crate) fn advance_clock(&mut self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        self.clock_offset = self.clock_offset.saturating_add(by);
    }

    pub(crate) fn add_scenario(&mut self, places: Places, scenario: Scenario) {
        self.scenarios.push((places, scenario));
    }

    pub(crate) fn add_fault(&mut self, places: Places, fault: Fault) {
        self.faults.push((places, fault));
    }

    pub(crate) fn set_graph_exists(&mut self, places: Places, exists: bool) {
        self.graphs.retain(|(other, _)| *other != places);
        self.graphs.push((places, exists));
    }

    /// The scenario for an entity.
    pub(crate) fn scenario(&self, place: &Place, entity_arn: &str) -> Scenario {
        self.scenarios
            .iter()
            .rev()
            .find(|(places, scenario)| places.include(place) && scenario.matches(entity_arn))
            .map(|(_, scenario)| scenario.clone())
            .unwrap_or_default()
    }

    /// The fault for a call, of which there is then one less.
    pub(crate) fn take_fault(&mut self, place: &Place, operation: &str, entity: Option<&str>) -> Option<Fault> {
        let at =
            self.faults.iter().position(|(places, fault)| places.include(place) && fault.fits(operation, entity))?;
        let (_, fault) = &mut self.faults[at];
        fault.times -= 1;
        let taken = fault.clone();
        if taken.times == 0 {
            self.faults.remove(at);
        }
        Some(taken)
    }

    /// The ARN of the place's graph, if it exists.
    pub(crate) fn graph(&self, place: &Place) -> Option<String> {
        let exists =
            self.graphs.iter().rev().find(|(places, _)| places.include(place)).is_none_or(|(_, exists)| *exists);
        exists.then(|| place.graph_arn())
    }

    /// Whether the ARN is that of the place's graph.
    ///
    /// # Errors
    /// ResourceNotFoundException when it is not, or the graph does not exist.
    pub(crate) fn check_graph(&self, place: &Place, arn: &str) -> Result<(), AwsError> {
        match self.graph(place) {
            Some(existing) if existing == arn => Ok(()),
            _ => Err(AwsError::not_found(format!(
                "The behavior graph {arn} does not exist for account {} in {}.",
                place.account, place.region
            ))),
        }
    }

    /// Stores a new investigation under the next id.
    pub(crate) fn insert(
        &mut self,
        place: &Place,
        make: impl FnOnce(InvestigationId) -> Investigation,
    ) -> InvestigationId {
        self.last_id = self.last_id.next();
        let id = self.last_id;
        self.investigations.entry(place.clone()).or_default().insert(id, make(id));
        id
    }

    /// The place's investigations, oldest first.
    pub(crate) fn investigations_of(&self, place: &Place) -> impl Iterator<Item = &Investigation> {
        self.investigations.get(place).into_iter().flat_map(BTreeMap::values)
    }

    /// The investigation of that id, if it is one and is the place's.
    pub(crate) fn find(&mut self, place: &Place, id: &str) -> Option<&mut Investigation> {
        let id = InvestigationId::parse(id)?;
        self.investigations.get_mut(place)?.get_mut(&id)
    }

    /// As [`World::find`], with the error that the API gives when there is none.
    ///
    /// # Errors
    /// ResourceNotFoundException.
    pub(crate) fn investigation(&mut self, place: &Place, id: &str) -> Result<&mut Investigation, AwsError> {
        self.find(place, id).ok_or_else(|| AwsError::not_found(format!("The investigation {id} does not exist.")))
    }

    /// The investigations of all places.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Place, &Investigation)> {
        self.investigations
            .iter()
            .flat_map(|(place, of_place)| of_place.values().map(move |investigation| (place, investigation)))
    }

    /// The investigation of that id, wherever it is.
    pub(crate) fn find_anywhere(&mut self, id: &str) -> Option<&mut Investigation> {
        let id = InvestigationId::parse(id)?;
        self.investigations.values_mut().find_map(|of_place| of_place.get_mut(&id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::FaultKind;

    fn place(account: &str, region: &str) -> Place {
        Place { account: account.into(), region: region.into() }
    }

    fn only(account: &str) -> Places {
        Places { account: Some(account.into()), region: None }
    }

    #[test]
    fn each_place_has_a_graph_of_its_own() {
        let here = place("111122223333", "us-east-1").graph_arn();
        assert!((crate::constraints::GRAPH_ARN.pattern.unwrap().matches)(&here), "{here}");
        assert_ne!(here, place("111122223333", "us-east-2").graph_arn());
        assert_ne!(here[here.len() - 32..], place("444455556666", "us-east-1").graph_arn()[here.len() - 32..]);
        assert!(place("1", "cn-north-1").graph_arn().starts_with("arn:aws-cn:"));
        assert!(place("1", "us-gov-west-1").graph_arn().starts_with("arn:aws-us-gov:"));
    }

    #[test]
    fn the_last_word_on_a_graph_counts() {
        let mut world = World::new(Vec::new());
        let (one, two) = (place("1", "r"), place("2", "r"));
        world.set_graph_exists(Places::default(), false);
        world.set_graph_exists(only("1"), true);
        assert!(world.graph(&one).is_some());
        assert!(world.graph(&two).is_none());
        world.set_graph_exists(Places::default(), false);
        assert!(world.graph(&one).is_none());
    }

    #[test]
    fn later_scenarios_are_tried_first_and_those_of_the_start_survive_a_reset() {
        let named = |name: &str| Scenario { name: Some(name.into()), ..Scenario::default() };
        let mut world = World::new(vec![named("first").for_entity("a*"), named("second")]);
        let name = |world: &World, entity| world.scenario(&place("1", "r"), entity).name.unwrap();
        assert_eq!(name(&world, "ab"), "first");
        assert_eq!(name(&world, "b"), "second");
        world.add_scenario(Places::default(), named("later"));
        world.add_scenario(only("2"), named("elsewhere"));
        assert_eq!(name(&world, "ab"), "later");
        world.reset();
        assert_eq!(name(&world, "ab"), "first");
    }

    #[test]
    fn faults_are_used_up_in_the_order_they_were_added() {
        let mut world = World::new(Vec::new());
        let here = place("1", "r");
        world.add_fault(only("2"), Fault::new("ListGraphs", FaultKind::Truncate));
        world.add_fault(only("1"), Fault::new("ListGraphs", FaultKind::Throttle).times(2));
        world.add_fault(Places::default(), Fault::new("ListGraphs", FaultKind::Drop));
        let kinds: Vec<_> =
            (0..4).map(|_| world.take_fault(&here, "ListGraphs", None).map(|fault| fault.kind)).collect();
        assert_eq!(kinds, [Some(FaultKind::Throttle), Some(FaultKind::Throttle), Some(FaultKind::Drop), None]);
    }

    #[test]
    fn the_clock_does_not_overflow() {
        let mut world = World::new(Vec::new());
        let before = world.now();
        world.advance_clock(Duration::from_secs(3600));
        assert!(world.now() >= before.checked_add(SignedDuration::from_hours(1)).unwrap());
        world.advance_clock(Duration::MAX);
        world.advance_clock(Duration::MAX);
        world.now();
    }
}
