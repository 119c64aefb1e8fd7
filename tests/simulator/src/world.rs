//! The state of the simulator.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

use crate::clock::Clock;
use crate::faults::ApiFault;
use crate::journal::{Entry, Journal};
use crate::organization::Organizations;
use crate::protocol::{Operation, Service};
use crate::rates::Rates;
use crate::scenario::Scenarios;
use crate::simulator::Options;
use crate::{detective, guardduty};

pub(crate) use crate::account_region::{AccountRegion, AccountRegionFilter};

/// The state of the simulator.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) journal: Journal,
    pub(crate) clock: Clock,
    pub(crate) detective: detective::State,
    pub(crate) guardduty: guardduty::State,
    pub(crate) organizations: Organizations,
    pub(crate) scenarios: Scenarios,
    /// The initial state, which a reset restores.
    options: Options,
    pub(crate) faults: Vec<(AccountRegionFilter, ApiFault)>,
    pub(crate) rates: Rates,
}

/// The world, shared by all handlers.
pub(crate) type SharedWorld = Arc<Mutex<World>>;

/// The world, locked.
pub(crate) fn lock(world: &SharedWorld) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    pub(crate) fn new(options: Options) -> Self {
        let mut world = Self { scenarios: options.scenarios.clone(), ..Self::default() };
        if options.without_graphs {
            world.detective.set_graph_exists(AccountRegionFilter::default(), false);
        }
        Self { options, ..world }
    }

    /// Returns to the initial state. Ids continue, so that no old id is used again.
    pub(crate) fn reset(&mut self) {
        let fresh = Self::new(std::mem::take(&mut self.options));
        let before = std::mem::replace(self, fresh);
        self.detective.continue_ids_from(&before.detective);
        self.guardduty.continue_ids_from(&before.guardduty);
    }

    pub(crate) fn add_fault(&mut self, places: AccountRegionFilter, fault: ApiFault) {
        self.faults.push((places, fault));
    }

    /// The fault for a call; its `times` is decremented.
    pub(crate) fn take_fault(
        &mut self,
        place: &AccountRegion,
        operation: &Operation,
        about: &Entry,
    ) -> Option<ApiFault> {
        let at =
            self.faults.iter().position(|(places, fault)| places.matches(place) && fault.matches(operation, about))?;
        let (_, fault) = &mut self.faults[at];
        fault.times -= 1;
        let taken = fault.clone();
        if taken.times == 0 {
            self.faults.remove(at);
        }
        Some(taken)
    }

    /// Adds the entity, finding and investigation of a request to its journal entry.
    pub(crate) fn annotate_entry(
        &self,
        entry: &mut Entry,
        operation: &Operation,
        place: &AccountRegion,
        members: &Map<String, Value>,
    ) {
        match operation.service {
            Service::Detective => self.detective.annotate_entry(entry, place, members),
            Service::GuardDuty => self.guardduty.annotate_entry(entry, place, members),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::FaultKind;
    use crate::protocol::operation;

    #[test]
    fn faults_are_used_up_in_the_order_they_were_added() {
        let mut world = World::default();
        let here = AccountRegion::new("1", "r");
        let only = |account: &str| AccountRegionFilter { account: Some(account.into()), region: None };
        world.add_fault(only("2"), ApiFault::new("ListGraphs", FaultKind::Truncate));
        world.add_fault(only("1"), ApiFault::new("ListGraphs", FaultKind::Throttle).times(2));
        world.add_fault(AccountRegionFilter::default(), ApiFault::new("ListGraphs", FaultKind::Drop));
        let operation = operation("ListGraphs").unwrap();
        let entry = Entry::for_operation(operation, &here);
        let kinds: Vec<_> =
            (0..4).map(|_| world.take_fault(&here, operation, &entry).map(|fault| fault.kind)).collect();
        assert_eq!(kinds, [Some(FaultKind::Throttle), Some(FaultKind::Throttle), Some(FaultKind::Drop), None]);
    }
}
