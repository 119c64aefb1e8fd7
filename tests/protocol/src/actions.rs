//! The actions that are possible in a state.

use crate::config::{Config, Message};
use crate::execution::{Execution, Invocation};
use crate::machine::{Machine, PendingTask};
use crate::open_case::OpenCaseInvocation;
use crate::shared::Shared;
use crate::world::{ExecutionEnded, ModelState, QueueMessage};
use gumshoe_domain::case::CaseNumber;

/// The result of a step of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepResult {
    /// It succeeds.
    Ok,
    /// The request is carried out, and the function crashes.
    Crash,
    /// The request is carried out, but its response is lost.
    ResponseLost,
    /// The service refuses the request.
    Refused,
}

/// One action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// open-case receives a message with a finding.
    Receive(usize),
    /// open-case receives the event of an execution that failed.
    ReceiveExecutionEnd(usize),
    /// A sweep of open-case reaches a subject's case that is due.
    SweepDueCase(usize, u32),
    /// An invocation of open-case takes a step.
    Intake(usize, StepResult),
    /// The case is investigated, with a result or without.
    Investigate(usize, bool),
    /// The investigation of the case is started, and is running.
    Start(usize),
    /// assess-case or send-alert is called.
    Call(usize),
    /// The called function takes a step.
    Step(usize, StepResult),
    /// An execution that waits for the claim of another exhausts its retries.
    ExhaustRetries(usize),
    /// The fallback notification is published.
    NotifyOfFailure(usize),
    /// Step Functions abandons the function that it called, which continues.
    AbandonInvocation(usize),
    /// An abandoned invocation takes a step.
    StepAbandoned(usize, StepResult),
    /// A task fails in every attempt.
    FailTask(usize),
    /// The queue delivers a processed message again.
    Redeliver(usize),
    /// A person starts an execution. The flag: whether its investigation has a result.
    StartManually(usize, CaseNumber, bool),
    /// A person redrives an execution that failed.
    Redrive(usize),
    /// A person stops an execution.
    Stop(usize),
    /// The next long step of time passes.
    AdvanceHours,
    /// Every claim of a subject's cases expires.
    ExpireClaims(usize),
    /// A closed case expires (TTL).
    ExpireCase(usize, u32),
}

/// Adds every action that is possible in this state.
pub(crate) fn enabled_actions(world: &ModelState, config: &Config, machine: &Machine, actions: &mut Vec<Action>) {
    let left = world.faults_left;
    let free = left.faults > 0;
    let slot = (0..config.open_case_concurrency).find(|slot| world.open_case_invocations[*slot].is_none());
    if slot.is_some() {
        let visible = |(index, visible): (usize, u8)| (visible > 0).then_some(index);
        let messages = world.queue.iter().map(|it| it.deliveries).enumerate().filter_map(visible);
        actions.extend(messages.map(Action::Receive));
        let ends = world.ended_executions.iter().map(|it| it.deliveries).enumerate().filter_map(visible);
        actions.extend(ends.map(Action::ReceiveExecutionEnd));
        let sweeps = |at: usize, of: CaseNumber| {
            let is_it = |it: &&Shared<OpenCaseInvocation>| matches!(***it, OpenCaseInvocation::FollowUp { subject, number, .. } if (subject, number) == (at, of));
            world.open_case_invocations.iter().flatten().filter(is_it).count()
        };
        let due = world.cases().filter(|(subject, case)| {
            world.is_due(config, *subject, case) && sweeps(*subject, case.progress.number) < config.sweep_concurrency
        });
        actions.extend(due.map(|(subject, case)| Action::SweepDueCase(subject, case.progress.number.sequence)));
    }
    for (slot, invocation) in world.open_case_invocations.iter().enumerate() {
        if invocation.is_some() {
            actions.push(Action::Intake(slot, StepResult::Ok));
            if free && left.crashes > 0 {
                actions.push(Action::Intake(slot, StepResult::Crash));
            }
            if free && left.lost_responses > 0 {
                actions.push(Action::Intake(slot, StepResult::ResponseLost));
            }
        }
    }
    for (index, execution) in world.executions.iter().enumerate() {
        match (execution.waiting, &execution.invocation) {
            (PendingTask::Failed, _) if free && left.redrives > 0 && machine.redriven(execution.place).is_some() => {
                actions.push(Action::Redrive(index));
                continue;
            }
            (PendingTask::Succeeded | PendingTask::Failed, _) => continue,
            (PendingTask::NotifyOfFailure, _) => {
                actions.push(Action::NotifyOfFailure(index));
                continue;
            }
            (PendingTask::Start, _) if config.interleaves_investigations => actions.push(Action::Start(index)),
            (PendingTask::Check { investigated: false }, _) => actions.push(Action::Investigate(index, false)),
            (PendingTask::Start | PendingTask::Check { .. }, _) => {
                actions.extend([Action::Investigate(index, true), Action::Investigate(index, false)]);
            }
            (_, None) if execution.waits_for_claim => {
                actions.extend(config.exhausts_retries.then_some(Action::ExhaustRetries(index)))
            }
            (_, None) => actions.push(Action::Call(index)),
            (_, Some(invocation)) => {
                push_step_results(world, config, invocation, |result| actions.push(Action::Step(index, result)));
                if free && left.orphans > 0 {
                    actions.push(Action::AbandonInvocation(index));
                }
            }
        }
        if free && left.stops > 0 && execution.invocation.is_none() {
            actions.push(Action::Stop(index));
        }
        if free && left.outages > 0 && execution.invocation.is_none() {
            actions.push(Action::FailTask(index));
        }
    }
    for (index, orphan) in world.abandoned.iter().enumerate() {
        push_step_results(world, config, orphan, |result| actions.push(Action::StepAbandoned(index, result)));
    }
    actions.extend((0..2).filter(|subject| can_expire_claims(world, *subject)).map(Action::ExpireClaims));
    if free && left.redeliveries > 0 {
        let worked = world.queue.iter().enumerate().filter(|(_, it)| it.is_processed && it.deliveries == 0);
        actions.extend(worked.map(|(index, _)| Action::Redeliver(index)));
    }
    if free && left.manual_starts > 0 {
        let first = world.executions.iter().filter(|it| it.attempt == 1);
        let results = if config.interleaves_investigations { &[true][..] } else { &[true, false] };
        let manual = |it: &Execution| {
            let (subject, number) = (it.subject, it.number);
            results.iter().map(move |result| Action::StartManually(subject, number, *result))
        };
        actions.extend(first.flat_map(manual));
    }
    // Hours pass only while no function runs: an invocation lives for two minutes.
    let idle = world.open_case_invocations.iter().all(Option::is_none)
        && world.abandoned.is_empty()
        && world.executions.iter().all(|it| it.invocation.is_none() && !it.waits_for_claim);
    if idle && usize::from(world.hour_steps_taken) < config.clock.hour_steps.len() {
        actions.push(Action::AdvanceHours);
    }
    push_expirations(world, config, actions);
    reduce_independent_subjects(world, config, actions);
}

fn push_step_results(world: &ModelState, config: &Config, invocation: &Invocation, mut push: impl FnMut(StepResult)) {
    let left = world.faults_left;
    push(StepResult::Ok);
    if left.faults == 0 {
        return;
    }
    if left.crashes > 0 {
        push(StepResult::Crash);
    }
    if left.lost_responses > 0 {
        push(StepResult::ResponseLost);
        if invocation.publishes(world, config) || invocation.records() {
            push(StepResult::Refused);
        }
    }
}

/// Claims last longer than calls: a publication is recorded before its claim expires. A claim expires at most twice while
/// invocations of the subject are active, so that the model stays finite.
fn can_expire_claims(world: &ModelState, subject: usize) -> bool {
    let of_it = || world.executions.iter().filter(move |it| it.subject == subject);
    let orphans = world.abandoned.iter().filter(move |it| it.subject == subject);
    let mut active = of_it().filter_map(|it| it.invocation.as_deref()).chain(orphans).peekable();
    let is_idle = active.peek().is_none();
    of_it().any(|it| it.waits_for_claim)
        && active.all(|it| !it.records())
        && (is_idle || world.claim_waits[subject] < 2)
}

/// Partial-order reduction. Subjects are independent: if no message about a subject is available, active or can be redelivered,
/// only its actions are explored. Every final state is still reached, because faults are counted together in any order.
fn reduce_independent_subjects(world: &ModelState, config: &Config, actions: &mut Vec<Action>) {
    if !config.clock.hour_steps.is_empty() || (world.faults_left.faults > 0 && world.faults_left.redeliveries > 0) {
        return;
    }
    let is_alone = |subject: usize| {
        let message =
            |(it, message): (&QueueMessage, &Message)| it.deliveries > 0 && message.subjects.contains(&subject);
        !world.queue.iter().zip(&config.messages).any(message)
            && !world.ended_executions.iter().any(|it| it.deliveries > 0 && it.subject == subject)
            && !world
                .open_case_invocations
                .iter()
                .flatten()
                .any(|invocation| invocation.concerns(config, world, subject))
            && !world.cases().any(|(its, case)| its == subject && world.is_due(config, its, case))
    };
    let subject_of = |action: &Action| match action {
        Action::Investigate(index, _)
        | Action::Start(index)
        | Action::Call(index)
        | Action::ExhaustRetries(index)
        | Action::Step(index, _)
        | Action::NotifyOfFailure(index)
        | Action::AbandonInvocation(index)
        | Action::FailTask(index)
        | Action::Redrive(index)
        | Action::Stop(index) => Some(world.executions[*index].subject),
        Action::StepAbandoned(index, _) => Some(world.abandoned[*index].subject),
        Action::StartManually(subject, ..) | Action::SweepDueCase(subject, _) | Action::ExpireClaims(subject) => {
            Some(*subject)
        }
        _ => None,
    };
    for subject in [1, 0] {
        if is_alone(subject) && actions.iter().any(|action| subject_of(action) == Some(subject)) {
            actions.retain(|action| subject_of(action) == Some(subject));
            return;
        }
    }
}

/// Closed cases expire 100 days after their end, in any order.
fn push_expirations(world: &ModelState, config: &Config, actions: &mut Vec<Action>) {
    if config.clock.hour_steps.is_empty() {
        return;
    }
    for (subject, case) in world.cases() {
        let now = world.now(config, 0, subject);
        let expired = case.progress.closed_at.is_some_and(|at| now.duration_since(at).as_hours() >= 100 * 24);
        if expired && case.is_closed() {
            actions.push(Action::ExpireCase(subject, case.progress.number.sequence));
        }
    }
}

impl ExecutionEnded {
    pub(crate) fn of(world: &ModelState, execution: usize) -> Self {
        let it = &world.executions[execution];
        let attempt = Some(it.attempt).filter(|attempt| *attempt > 0);
        Self { subject: it.subject, number: it.number, attempt, deliveries: 1 }
    }
}
