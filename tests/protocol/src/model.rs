//! The model: what happens next, and what comes of it.

use crate::actions::{Action, Goes, possible};
use crate::config::Config;
use crate::execution::{Execution, Invocation};
use crate::fault::Faulty;
use crate::intake::{Intake, Verdict};
use crate::machine::{Answer, Ended, Machine, Waiting};
use crate::properties;
use crate::shared::Shared;
use crate::world::{EndOfExecution, World};
use stateright::{Model, Property};

/// The protocol, ready to be explored.
pub struct Protocol {
    /// What is explored.
    pub config: Config,
    /// The state machine.
    pub machine: Machine,
}

impl Protocol {
    /// The protocol under these conditions.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let machine = Machine::deployed(config.loops);
        Self { config, machine }
    }

    fn is(&self, faulty: Faulty) -> bool {
        self.config.faulty == Some(faulty)
    }

    fn happen(&self, world: &mut World, action: Action) -> Option<()> {
        match action {
            Action::Take(message) => {
                world.queue[message].visible -= 1;
                let slot = world.intakes.iter().position(Option::is_none)?;
                world.intakes[slot] = Some(Shared::new(Intake::with_message(message, &self.config, world, slot)));
                self.intake(world, slot, Goes::Well)
            }
            Action::TakeEnd(end) => {
                world.ends[end].visible -= 1;
                let slot = world.intakes.iter().position(Option::is_none)?;
                world.intakes[slot] = Some(Shared::new(Intake::with_end(end, world)));
                self.intake(world, slot, Goes::Well)
            }
            Action::TakeListed(subject, sequence) => {
                let number = world.subjects[subject].case(sequence)?.progress.number;
                let slot = world.intakes.iter().position(Option::is_none)?;
                world.intakes[slot] =
                    Some(Shared::new(Intake::with_listed(subject, number, &self.config, world, slot)));
                self.intake(world, slot, Goes::Well)
            }
            Action::Intake(slot, goes) => self.intake(world, slot, goes),
            Action::Investigate(index, result) => {
                self.investigate(world, index, result);
                Some(())
            }
            Action::Start(index) => {
                self.start(world, index);
                Some(())
            }
            Action::Call(index) => {
                let execution = &world.executions[index];
                let invocation = Invocation::new(execution, world, &self.config)?;
                world.executions[index].invocation = Some(Shared::new(invocation));
                self.step(world, index, Goes::Well)
            }
            Action::Step(index, goes) => self.step(world, index, goes),
            Action::GiveUp(index) => {
                world.executions[index].waits = false;
                self.ended(world, index, Ended::Error("AlertInFlight"));
                Some(())
            }
            Action::LastResort(index) => {
                let Execution { subject, number, .. } = world.executions[index];
                if let Some(case) = world.case_mut(subject, number) {
                    case.last_resort = true;
                }
                self.ended(world, index, Ended::Answer(Answer::Published));
                Some(())
            }
            Action::Orphan(index) => {
                world.left = world.left.without(|left| &mut left.orphans);
                let orphan = world.executions[index].invocation.take()?;
                world.orphans.push(*orphan);
                Some(())
            }
            Action::OrphanStep(index, goes) => {
                let mut orphan = world.orphans.remove(index);
                let stepped = orphan.step(world, &self.config, goes);
                world.left = world.left.after(goes, stepped.effect)?;
                match stepped.ended {
                    _ if goes == Goes::Dies => {}
                    None => world.orphans.insert(index, orphan),
                    // Nobody hears that it published what it could not record.
                    Some(Ended::Answer(Answer::Unrecorded(revision))) => {
                        world.doubt(orphan.subject, orphan.number, revision);
                    }
                    Some(_) => {}
                }
                Some(())
            }
            Action::Outage(index) => {
                world.left = world.left.without(|left| &mut left.outages);
                Self::doubt(world, index);
                self.ended(world, index, Ended::Error("TableRefused"));
                Some(())
            }
            Action::Repeat(message) => {
                world.left = world.left.without(|left| &mut left.repeats);
                world.queue[message].visible += 1;
                Some(())
            }
            Action::ByHand(subject, number, result) => {
                world.left = world.left.without(|left| &mut left.by_hand);
                world.executions.push(Execution::new(subject, number, 0, &self.machine));
                let index = world.executions.len() - 1;
                if self.config.interleaves_investigations {
                    self.start(world, index);
                } else {
                    self.investigate(world, index, result);
                }
                Some(())
            }
            Action::Redrive(index) => {
                world.left = world.left.without(|left| &mut left.redrives);
                let place = self.machine.redriven(world.executions[index].place)?;
                world.executions[index].place = place;
                world.executions[index].waiting = self.machine.waiting(place);
                Some(())
            }
            Action::Stop(index) => {
                world.left = world.left.without(|left| &mut left.stops);
                let execution = &mut world.executions[index];
                (execution.waiting, execution.waits) = (Waiting::Failed, false);
                let (subject, number) = (execution.subject, execution.number);
                world.case_mut(subject, number)?.stopped = true;
                Some(())
            }
            Action::Time => {
                world.long_steps += 1;
                Some(())
            }
            Action::Wait(subject) => {
                world.waits[subject] += 1;
                for index in 0..world.executions.len() {
                    if world.executions[index].subject == subject {
                        Self::doubt(world, index);
                        world.executions[index].waits = false;
                    }
                }
                Some(())
            }
            Action::Forget(subject, sequence) => {
                let forgotten = world.subject_mut(subject).slot(sequence).take()?;
                world.subject_mut(subject).forgotten.push(forgotten);
                Some(())
            }
        }
    }

    fn intake(&self, world: &mut World, slot: usize, goes: Goes) -> Option<()> {
        let mut intake = world.intakes[slot].take()?;
        let (effect, ended) = intake.change().step(world, &self.config, &self.machine, slot, goes);
        world.left = world.left.after(goes, effect)?;
        match ended {
            _ if goes == Goes::Dies => give_back(world, &intake),
            None => world.intakes[slot] = Some(intake),
            Some(Verdict::Back) => give_back(world, &intake),
            Some(Verdict::Done) => {
                if let Intake::Finding { message, .. } = *intake {
                    world.queue[message].done = true;
                }
            }
        }
        Some(())
    }

    /// One call of start-investigation: uses the investigation that has seen everything, or starts one.
    ///
    /// Gives whether it is one of a second look that has begun.
    fn start_investigation(&self, world: &mut World, index: usize) -> bool {
        let Execution { subject, number, .. } = world.executions[index];
        let by_number_only = self.is(Faulty::KnowsCasesByNumberOnly);
        let seen = world.subjects[subject].seen(number, by_number_only);
        let asks = self.config.second_engine && world.subjects[subject].is_high(number, by_number_only);
        world.case_mut(subject, number).is_some_and(|case| {
            let begun = case.progress.follow_up_at.is_some();
            let of_this_look = !begun || case.looked_twice || self.is(Faulty::SecondLooksAtTheFirst);
            let covered = of_this_look
                && case.investigations > 0
                && seen.iter().zip(case.investigated).all(|(state, was)| *state <= was);
            if !covered {
                case.investigated = seen;
                case.investigations += 1;
                case.running = self.config.interleaves_investigations;
            }
            case.asked |= asks;
            begun && (!covered || case.looked_twice)
        })
    }

    /// start-investigation; gives what [`Self::start_investigation`] does.
    fn start(&self, world: &mut World, index: usize) -> bool {
        let of_second_look = self.start_investigation(world, index);
        self.ended(world, index, Ended::Answer(Answer::Started));
        of_second_look
    }

    /// start-investigation, unless the investigation is running already, and check-investigation until there is a result, or until
    /// there will be none. What findings do in between changes nothing for either.
    fn investigate(&self, world: &mut World, index: usize, result: bool) {
        let Execution { subject, number, waiting, .. } = world.executions[index];
        if waiting == Waiting::Start {
            let of_second_look = self.start(world, index);
            if let Some(case) = world.case_mut(subject, number) {
                case.looked_twice |= of_second_look && result;
            }
        }
        // Without a result, it may be running at the deadline.
        if let Some(case) = world.case_mut(subject, number) {
            case.running &= !result;
        }
        let answer = if result { Answer::Successful } else { Answer::NoResult };
        self.ended(world, index, Ended::Answer(answer));
    }

    fn step(&self, world: &mut World, index: usize, goes: Goes) -> Option<()> {
        let mut invocation = world.executions[index].invocation.take()?;
        let stepped = invocation.change().step(world, &self.config, goes);
        world.left = world.left.after(goes, stepped.effect)?;
        match stepped.ended {
            _ if goes == Goes::Dies => {}
            None => world.executions[index].invocation = Some(invocation),
            Some(Ended::Error(error)) if self.machine.retries(world.executions[index].place, error) => {
                world.executions[index].waits = error == "AlertInFlight";
            }
            Some(ended) => self.ended(world, index, ended),
        }
        Some(())
    }

    /// A task has ended: the execution goes on to the next, or ends.
    fn ended(&self, world: &mut World, index: usize, ended: Ended) {
        let place = self.machine.after(world.executions[index].place, ended);
        let waiting = self.machine.waiting(place);
        (world.executions[index].place, world.executions[index].waiting) = (place, waiting);
        if waiting == Waiting::Failed && !self.is(Faulty::ForgetsTheSuccessor) {
            let end = EndOfExecution::of(world, index);
            world.ends.push(end);
        }
    }

    /// If it can never be recorded that a revision is published, nobody can know.
    fn doubt(world: &mut World, index: usize) {
        let Execution { subject, number, waiting, .. } = world.executions[index];
        if let Waiting::Record { revision } = waiting {
            world.doubt(subject, number, revision);
        }
    }
}

/// The message is delivered again.
fn give_back(world: &mut World, intake: &Intake) {
    match intake {
        Intake::Finding { message, .. } => world.queue[*message].visible += 1,
        Intake::End { end, .. } => world.ends[*end].visible += 1,
        // What is listed is found by the next sweep.
        Intake::Return { .. } => {}
    }
}

impl Model for Protocol {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(&self.config)]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        possible(world, &self.config, &self.machine, actions);
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        self.happen(&mut next, action)?;
        next.canonical(&self.config);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
