//! The model: what happens next, and what comes of it.

use super::actions::{Action, possible};
use super::config::{Config, prompt};
use super::fault::Faulty;
use super::properties;
use super::world::{Reached, World};
use stateright::{Model, Property};
use std::sync::atomic::{AtomicU8, Ordering};

/// The budget and who asks, ready to be explored.
pub struct Quota {
    /// What is explored.
    pub config: Config,
    /// What has come about in one way or another: an exploration in which nothing happens shows nothing.
    reached: AtomicU8,
}

impl Quota {
    /// The quota under these conditions.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self { config, reached: AtomicU8::new(0) }
    }

    /// What the exploration has come to.
    #[must_use]
    pub fn reached(&self) -> Reached {
        Reached(self.reached.load(Ordering::Relaxed))
    }

    fn happen(&self, world: &mut World, action: Action) -> Option<()> {
        let config = &self.config;
        match action {
            Action::Invoke(asker, clock) => world.invoke(config, asker, clock),
            Action::Ask(asker, goes) => world.ask(config, asker, goes),
            Action::Fail(investigation) => {
                world.left = world.left.without(|left| &mut left.failing)?;
                world.guardduty[investigation].failed = true;
                Some(())
            }
            Action::GiveBack(investigation) => world.begin_giving(config, investigation),
            Action::Give(giver, goes) => world.give(config, giver, goes),
            Action::ByHand(in_our_words) => {
                let words = if in_our_words { prompt(0) } else { "x".to_owned() };
                world.left = match in_our_words {
                    true => world.left.without(|left| &mut left.same_by_hand)?,
                    false => world.left.without(|left| &mut left.by_hand)?,
                };
                world.create_by_hand(config, &words)
            }
            Action::Time(step, minutes) => world.pass(step, minutes, config.is(Faulty::NeverDies)),
        }
    }
}

impl Model for Quota {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(&self.config)]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        possible(world, &self.config, actions);
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        self.happen(&mut next, action)?;
        next.canonical(&self.config);
        self.reached.fetch_or(next.notes.take_reached().0, Ordering::Relaxed);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
