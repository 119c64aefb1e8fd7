//! The model: the actions and the states that they lead to.

use super::actions::{Action, enabled_actions};
use super::config::{Config, prompt};
use super::mutation::Mutation;
use super::properties;
use super::world::{ModelState, ReachedOutcomes};
use stateright::{Model, Property};
use std::sync::atomic::{AtomicU8, Ordering};

/// The budget and its requesters, for exploration.
pub struct Quota {
    /// What is explored.
    pub config: Config,
    /// The outcomes that were reached: an exploration without outcomes proves nothing.
    reached: AtomicU8,
}

impl Quota {
    /// The quota under these conditions.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self { config, reached: AtomicU8::new(0) }
    }

    /// The outcomes that the exploration reached.
    #[must_use]
    pub fn reached(&self) -> ReachedOutcomes {
        ReachedOutcomes(self.reached.load(Ordering::Relaxed))
    }

    fn happen(&self, world: &mut ModelState, action: Action) -> Option<()> {
        let config = &self.config;
        match action {
            Action::Invoke(asker, clock) => world.invoke(config, asker, clock),
            Action::Ask(asker, result) => world.ask(config, asker, result),
            Action::Fail(investigation) => {
                world.left = world.left.without(|left| &mut left.failed_investigations)?;
                world.guardduty[investigation].failed = true;
                Some(())
            }
            Action::BeginRelease(investigation) => world.begin_giving(config, investigation),
            Action::Release(giver, result) => world.give(config, giver, result),
            Action::RequestManually(in_our_words) => {
                let words = if in_our_words { prompt(0) } else { "x".to_owned() };
                world.left = match in_our_words {
                    true => world.left.without(|left| &mut left.manual_requests_with_same_prompt)?,
                    false => world.left.without(|left| &mut left.manual_requests)?,
                };
                world.create_manually(config, &words)
            }
            Action::AdvanceMinutes(step, minutes) => {
                world.pass(step, minutes, config.has_mutation(Mutation::HasNoTimeout))
            }
        }
    }
}

impl Model for Quota {
    type State = ModelState;
    type Action = Action;

    fn init_states(&self) -> Vec<ModelState> {
        vec![ModelState::new(&self.config)]
    }

    fn actions(&self, world: &ModelState, actions: &mut Vec<Action>) {
        enabled_actions(world, &self.config, actions);
    }

    fn next_state(&self, world: &ModelState, action: Action) -> Option<ModelState> {
        let mut next = world.clone();
        self.happen(&mut next, action)?;
        next.canonicalize(&self.config);
        self.reached.fetch_or(next.observations.take_reached().0, Ordering::Relaxed);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
