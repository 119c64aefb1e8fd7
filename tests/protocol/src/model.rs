//! The model: the actions and the states that they lead to.

use crate::actions::{Action, StepResult, enabled_actions};
use crate::config::Config;
use crate::execution::{Execution, Invocation};
use crate::machine::{Machine, PendingTask, Response, TaskResult};
use crate::mutation::Mutation;
use crate::open_case::{MessageResult, OpenCaseInvocation};
use crate::properties;
use crate::shared::Shared;
use crate::world::{ExecutionEnded, ModelState};
use stateright::{Model, Property};

/// The protocol of cases, for exploration.
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
        let machine = Machine::deployed(config.loop_limits);
        Self { config, machine }
    }

    fn is(&self, mutation: Mutation) -> bool {
        self.config.mutation == Some(mutation)
    }

    fn happen(&self, world: &mut ModelState, action: Action) -> Option<()> {
        match action {
            Action::Receive(message) => {
                world.queue[message].deliveries -= 1;
                let slot = world.open_case_invocations.iter().position(Option::is_none)?;
                world.open_case_invocations[slot] =
                    Some(Shared::new(OpenCaseInvocation::with_message(message, &self.config, world, slot)));
                self.invocation(world, slot, StepResult::Ok)
            }
            Action::ReceiveExecutionEnd(end) => {
                world.ended_executions[end].deliveries -= 1;
                let slot = world.open_case_invocations.iter().position(Option::is_none)?;
                world.open_case_invocations[slot] = Some(Shared::new(OpenCaseInvocation::with_end(end, world)));
                self.invocation(world, slot, StepResult::Ok)
            }
            Action::SweepDueCase(subject, sequence) => {
                let number = world.subjects[subject].case(sequence)?.progress.number;
                let slot = world.open_case_invocations.iter().position(Option::is_none)?;
                world.open_case_invocations[slot] =
                    Some(Shared::new(OpenCaseInvocation::with_listed(subject, number, &self.config, world, slot)));
                self.invocation(world, slot, StepResult::Ok)
            }
            Action::Intake(slot, result) => self.invocation(world, slot, result),
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
                self.step(world, index, StepResult::Ok)
            }
            Action::Step(index, result) => self.step(world, index, result),
            Action::ExhaustRetries(index) => {
                world.executions[index].waits_for_claim = false;
                self.ended(world, index, TaskResult::Error("AlertInFlight"));
                Some(())
            }
            Action::NotifyOfFailure(index) => {
                let Execution { subject, number, .. } = world.executions[index];
                if let Some(case) = world.case_mut(subject, number) {
                    case.was_failure_notified = true;
                }
                self.ended(world, index, TaskResult::Response(Response::Published));
                Some(())
            }
            Action::AbandonInvocation(index) => {
                world.faults_left = world.faults_left.decremented(|left| &mut left.orphans);
                let orphan = world.executions[index].invocation.take()?;
                world.abandoned.push(*orphan);
                Some(())
            }
            Action::StepAbandoned(index, result) => {
                let mut orphan = world.abandoned.remove(index);
                let stepped = orphan.step(world, &self.config, result);
                world.faults_left = world.faults_left.after_step(result, stepped.effect)?;
                match stepped.ended {
                    _ if result == StepResult::Crash => {}
                    None => world.abandoned.insert(index, orphan),
                    // No one receives the response that the publication was not recorded.
                    Some(TaskResult::Response(Response::Unrecorded(revision))) => {
                        world.mark_publication_unknown(orphan.subject, orphan.number, revision);
                    }
                    Some(_) => {}
                }
                Some(())
            }
            Action::FailTask(index) => {
                world.faults_left = world.faults_left.decremented(|left| &mut left.outages);
                Self::doubt(world, index);
                self.ended(world, index, TaskResult::Error("TableRefused"));
                Some(())
            }
            Action::Redeliver(message) => {
                world.faults_left = world.faults_left.decremented(|left| &mut left.redeliveries);
                world.queue[message].deliveries += 1;
                Some(())
            }
            Action::StartManually(subject, number, result) => {
                world.faults_left = world.faults_left.decremented(|left| &mut left.manual_starts);
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
                world.faults_left = world.faults_left.decremented(|left| &mut left.redrives);
                let place = self.machine.redriven(world.executions[index].place)?;
                world.executions[index].place = place;
                world.executions[index].waiting = self.machine.waiting(place);
                Some(())
            }
            Action::Stop(index) => {
                world.faults_left = world.faults_left.decremented(|left| &mut left.stops);
                let execution = &mut world.executions[index];
                (execution.waiting, execution.waits_for_claim) = (PendingTask::Failed, false);
                let (subject, number) = (execution.subject, execution.number);
                world.case_mut(subject, number)?.was_stopped_manually = true;
                Some(())
            }
            Action::AdvanceHours => {
                world.hour_steps_taken += 1;
                Some(())
            }
            Action::ExpireClaims(subject) => {
                world.claim_waits[subject] += 1;
                for index in 0..world.executions.len() {
                    if world.executions[index].subject == subject {
                        Self::doubt(world, index);
                        world.executions[index].waits_for_claim = false;
                    }
                }
                Some(())
            }
            Action::ExpireCase(subject, sequence) => {
                let forgotten = world.subject_mut(subject).slot(sequence).take()?;
                world.subject_mut(subject).expired.push(forgotten);
                Some(())
            }
        }
    }

    fn invocation(&self, world: &mut ModelState, slot: usize, result: StepResult) -> Option<()> {
        let mut invocation = world.open_case_invocations[slot].take()?;
        let (effect, ended) = invocation.change().step(world, &self.config, &self.machine, slot, result);
        world.faults_left = world.faults_left.after_step(result, effect)?;
        match ended {
            _ if result == StepResult::Crash => give_back(world, &invocation),
            None => world.open_case_invocations[slot] = Some(invocation),
            Some(MessageResult::Return) => give_back(world, &invocation),
            Some(MessageResult::Delete) => {
                if let OpenCaseInvocation::Finding { message, .. } = *invocation {
                    world.queue[message].is_processed = true;
                }
            }
        }
        Some(())
    }

    /// One call of start-investigation: reuses the investigation that covers all activity, or starts one.
    ///
    /// Returns whether it belongs to a follow-up that has begun.
    fn start_investigation(&self, world: &mut ModelState, index: usize) -> bool {
        let Execution { subject, number, .. } = world.executions[index];
        let by_number_only = self.is(Mutation::MatchesCaseBySequenceOnly);
        let seen = world.subjects[subject].seen(number, by_number_only);
        let asks = self.config.asks_guardduty && world.subjects[subject].is_high(number, by_number_only);
        world.case_mut(subject, number).is_some_and(|case| {
            let begun = case.progress.follow_up_at.is_some();
            let is_of_current_investigation =
                !begun || case.has_follow_up_result || self.is(Mutation::FollowUpUsesFirstInvestigation);
            let covered = is_of_current_investigation
                && case.investigations > 0
                && seen.iter().zip(case.investigated).all(|(state, was)| *state <= was);
            if !covered {
                case.investigated = seen;
                case.investigations += 1;
                case.running = self.config.interleaves_investigations;
            }
            case.was_guardduty_asked |= asks;
            begun && (!covered || case.has_follow_up_result)
        })
    }

    /// start-investigation; gives what [`Self::start_investigation`] does.
    fn start(&self, world: &mut ModelState, index: usize) -> bool {
        let of_second_look = self.start_investigation(world, index);
        self.ended(world, index, TaskResult::Response(Response::Started));
        of_second_look
    }

    /// start-investigation, unless the investigation is running already, and check-investigation until there is a result, or until
    /// there will be none. What findings do in between changes nothing for either.
    fn investigate(&self, world: &mut ModelState, index: usize, result: bool) {
        let Execution { subject, number, waiting, .. } = world.executions[index];
        if waiting == PendingTask::Start {
            let of_second_look = self.start(world, index);
            if let Some(case) = world.case_mut(subject, number) {
                case.has_follow_up_result |= of_second_look && result;
            }
        }
        // Without a result, it may be running at the deadline.
        if let Some(case) = world.case_mut(subject, number) {
            case.running &= !result;
        }
        let answer = if result { Response::Successful } else { Response::NoResult };
        self.ended(world, index, TaskResult::Response(answer));
    }

    fn step(&self, world: &mut ModelState, index: usize, result: StepResult) -> Option<()> {
        let mut invocation = world.executions[index].invocation.take()?;
        let stepped = invocation.change().step(world, &self.config, result);
        world.faults_left = world.faults_left.after_step(result, stepped.effect)?;
        match stepped.ended {
            _ if result == StepResult::Crash => {}
            None => world.executions[index].invocation = Some(invocation),
            Some(TaskResult::Error(error)) if self.machine.retries(world.executions[index].place, error) => {
                world.executions[index].waits_for_claim = error == "AlertInFlight";
            }
            Some(ended) => self.ended(world, index, ended),
        }
        Some(())
    }

    /// A task has ended: the execution advances to the next task or ends.
    fn ended(&self, world: &mut ModelState, index: usize, ended: TaskResult) {
        let place = self.machine.next_position(world.executions[index].place, ended);
        let waiting = self.machine.waiting(place);
        (world.executions[index].place, world.executions[index].waiting) = (place, waiting);
        if waiting == PendingTask::Failed && !self.is(Mutation::SkipsRestart) {
            let end = ExecutionEnded::of(world, index);
            world.ended_executions.push(end);
        }
    }

    /// If the publication can never be recorded, it is unknown to every function.
    fn doubt(world: &mut ModelState, index: usize) {
        let Execution { subject, number, waiting, .. } = world.executions[index];
        if let PendingTask::Record { revision } = waiting {
            world.mark_publication_unknown(subject, number, revision);
        }
    }
}

/// The message is delivered again.
fn give_back(world: &mut ModelState, invocation: &OpenCaseInvocation) {
    match invocation {
        OpenCaseInvocation::Finding { message, .. } => world.queue[*message].deliveries += 1,
        OpenCaseInvocation::ExecutionEnd { end, .. } => world.ended_executions[*end].deliveries += 1,
        // What is listed is found by the next sweep.
        OpenCaseInvocation::FollowUp { .. } => {}
    }
}

impl Model for Protocol {
    type State = ModelState;
    type Action = Action;

    fn init_states(&self) -> Vec<ModelState> {
        vec![ModelState::new(&self.config)]
    }

    fn actions(&self, world: &ModelState, actions: &mut Vec<Action>) {
        enabled_actions(world, &self.config, &self.machine, actions);
    }

    fn next_state(&self, world: &ModelState, action: Action) -> Option<ModelState> {
        let mut next = world.clone();
        self.happen(&mut next, action)?;
        next.canonicalize(&self.config);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
