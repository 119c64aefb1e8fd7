//! What may happen next.

use crate::config::{Config, Message};
use crate::execution::{Execution, Invocation};
use crate::intake::Intake;
use crate::machine::{Machine, Waiting};
use crate::shared::Shared;
use crate::world::{Delivery, EndOfExecution, World};
use gumshoe_domain::case::CaseNumber;

/// How a step goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Goes {
    /// As it should.
    Well,
    /// What is asked for is done, and the function dies.
    Dies,
    /// What is asked for is done, but the answer is lost.
    Unheard,
    /// It is refused.
    Refused,
}

/// One thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// open-case is given a message.
    Take(usize),
    /// open-case is given the end of an execution.
    TakeEnd(usize),
    /// A sweep of open-case comes to a subject's case that is due.
    TakeListed(usize, u32),
    /// An invocation of open-case takes a step.
    Intake(usize, Goes),
    /// The case is investigated, with a result or without.
    Investigate(usize, bool),
    /// Its investigation is started, and is running.
    Start(usize),
    /// assess-case or send-alert is called.
    Call(usize),
    /// It takes a step.
    Step(usize, Goes),
    /// It waits for a claim of others, and its retries are used up.
    GiveUp(usize),
    /// The last resort is published.
    LastResort(usize),
    /// Step Functions loses the answer of what it called, which runs on.
    Orphan(usize),
    /// What was given up takes a step.
    OrphanStep(usize, Goes),
    /// A task fails, however often it is tried.
    Outage(usize),
    /// The queue delivers a message again that was worked.
    Repeat(usize),
    /// A person starts an execution, whose investigation has a result or none.
    ByHand(usize, CaseNumber, bool),
    /// A person redrives an execution that failed.
    Redrive(usize),
    /// A person stops an execution.
    Stop(usize),
    /// Some hours pass.
    Time,
    /// So many seconds pass that every claim of a subject's cases is over.
    Wait(usize),
    /// The table forgets a closed case.
    Forget(usize, u32),
}

/// Everything that may happen next.
pub(crate) fn possible(world: &World, config: &Config, machine: &Machine, actions: &mut Vec<Action>) {
    let left = world.left;
    let free = left.faults > 0;
    let slot = (0..config.intakes).find(|slot| world.intakes[*slot].is_none());
    if slot.is_some() {
        let visible = |(index, visible): (usize, u8)| (visible > 0).then_some(index);
        let messages = world.queue.iter().map(|it| it.visible).enumerate().filter_map(visible);
        actions.extend(messages.map(Action::Take));
        let ends = world.ends.iter().map(|it| it.visible).enumerate().filter_map(visible);
        actions.extend(ends.map(Action::TakeEnd));
        let sweeps = |at: usize, of: CaseNumber| {
            let is_it = |it: &&Shared<Intake>| matches!(***it, Intake::Return { subject, number, .. } if (subject, number) == (at, of));
            world.intakes.iter().flatten().filter(is_it).count()
        };
        let due = world.cases().filter(|(subject, case)| {
            world.is_due(config, *subject, case) && sweeps(*subject, case.progress.number) < config.sweeps
        });
        actions.extend(due.map(|(subject, case)| Action::TakeListed(subject, case.progress.number.sequence)));
    }
    for (slot, intake) in world.intakes.iter().enumerate() {
        if intake.is_some() {
            actions.push(Action::Intake(slot, Goes::Well));
            if free && left.crashes > 0 {
                actions.push(Action::Intake(slot, Goes::Dies));
            }
            if free && left.lost > 0 {
                actions.push(Action::Intake(slot, Goes::Unheard));
            }
        }
    }
    for (index, execution) in world.executions.iter().enumerate() {
        match (execution.waiting, &execution.invocation) {
            (Waiting::Failed, _) if free && left.redrives > 0 && machine.redriven(execution.place).is_some() => {
                actions.push(Action::Redrive(index));
                continue;
            }
            (Waiting::Succeeded | Waiting::Failed, _) => continue,
            (Waiting::LastResort, _) => {
                actions.push(Action::LastResort(index));
                continue;
            }
            (Waiting::Start, _) if config.interleaves_investigations => actions.push(Action::Start(index)),
            (Waiting::Check { investigated: false }, _) => actions.push(Action::Investigate(index, false)),
            (Waiting::Start | Waiting::Check { .. }, _) => {
                actions.extend([Action::Investigate(index, true), Action::Investigate(index, false)]);
            }
            (_, None) if execution.waits => actions.extend(config.uses_up_retries.then_some(Action::GiveUp(index))),
            (_, None) => actions.push(Action::Call(index)),
            (_, Some(invocation)) => {
                steps(world, config, invocation, |goes| actions.push(Action::Step(index, goes)));
                if free && left.orphans > 0 {
                    actions.push(Action::Orphan(index));
                }
            }
        }
        if free && left.stops > 0 && execution.invocation.is_none() {
            actions.push(Action::Stop(index));
        }
        if free && left.outages > 0 && execution.invocation.is_none() {
            actions.push(Action::Outage(index));
        }
    }
    for (index, orphan) in world.orphans.iter().enumerate() {
        steps(world, config, orphan, |goes| actions.push(Action::OrphanStep(index, goes)));
    }
    actions.extend((0..2).filter(|subject| may_wait(world, *subject)).map(Action::Wait));
    if free && left.repeats > 0 {
        let worked = world.queue.iter().enumerate().filter(|(_, it)| it.done && it.visible == 0);
        actions.extend(worked.map(|(index, _)| Action::Repeat(index)));
    }
    if free && left.by_hand > 0 {
        let first = world.executions.iter().filter(|it| it.attempt == 1);
        let results = if config.interleaves_investigations { &[true][..] } else { &[true, false] };
        let by_hand = |it: &Execution| {
            let (subject, number) = (it.subject, it.number);
            results.iter().map(move |result| Action::ByHand(subject, number, *result))
        };
        actions.extend(first.flat_map(by_hand));
    }
    // Hours pass while no function runs: they live for two minutes.
    let idle = world.intakes.iter().all(Option::is_none)
        && world.orphans.is_empty()
        && world.executions.iter().all(|it| it.invocation.is_none() && !it.waits);
    if idle && usize::from(world.long_steps) < config.time.steps.len() {
        actions.push(Action::Time);
    }
    forgets(world, config, actions);
    first_things_first(world, config, actions);
}

fn steps(world: &World, config: &Config, invocation: &Invocation, mut push: impl FnMut(Goes)) {
    let left = world.left;
    push(Goes::Well);
    if left.faults == 0 {
        return;
    }
    if left.crashes > 0 {
        push(Goes::Dies);
    }
    if left.lost > 0 {
        push(Goes::Unheard);
        if invocation.publishes(world, config) || invocation.records() {
            push(Goes::Refused);
        }
    }
}

/// Claims are long and calls are short: what is published is recorded before its claim is over, and it does not go on for
/// ever that time passes between a claim and its publishing.
fn may_wait(world: &World, subject: usize) -> bool {
    let of_it = || world.executions.iter().filter(move |it| it.subject == subject);
    let orphans = world.orphans.iter().filter(move |it| it.subject == subject);
    let mut under_way = of_it().filter_map(|it| it.invocation.as_deref()).chain(orphans).peekable();
    let calm = under_way.peek().is_none();
    of_it().any(|it| it.waits) && under_way.all(|it| !it.records()) && (calm || world.waits[subject] < 2)
}

/// What happens to one subject is nothing to another. If no message about a subject is there or under way, or can come
/// again, its executions may as well go on before anything else happens: every end is reached in that order too, as what
/// goes wrong there and elsewhere is counted together, but in any order.
fn first_things_first(world: &World, config: &Config, actions: &mut Vec<Action>) {
    if !config.time.steps.is_empty() || (world.left.faults > 0 && world.left.repeats > 0) {
        return;
    }
    let is_alone = |subject: usize| {
        let message = |(it, message): (&Delivery, &Message)| it.visible > 0 && message.subjects.contains(&subject);
        !world.queue.iter().zip(&config.messages).any(message)
            && !world.ends.iter().any(|it| it.visible > 0 && it.subject == subject)
            && !world.intakes.iter().flatten().any(|intake| intake.concerns(config, world, subject))
            && !world.cases().any(|(its, case)| its == subject && world.is_due(config, its, case))
    };
    let subject_of = |action: &Action| match action {
        Action::Investigate(index, _)
        | Action::Start(index)
        | Action::Call(index)
        | Action::GiveUp(index)
        | Action::Step(index, _)
        | Action::LastResort(index)
        | Action::Orphan(index)
        | Action::Outage(index)
        | Action::Redrive(index)
        | Action::Stop(index) => Some(world.executions[*index].subject),
        Action::OrphanStep(index, _) => Some(world.orphans[*index].subject),
        Action::ByHand(subject, ..) | Action::TakeListed(subject, _) | Action::Wait(subject) => Some(*subject),
        _ => None,
    };
    for subject in [1, 0] {
        if is_alone(subject) && actions.iter().any(|action| subject_of(action) == Some(subject)) {
            actions.retain(|action| subject_of(action) == Some(subject));
            return;
        }
    }
}

/// The table forgets closed cases 100 days after their end, in whatever order it comes to them.
fn forgets(world: &World, config: &Config, actions: &mut Vec<Action>) {
    if config.time.steps.is_empty() {
        return;
    }
    for (subject, case) in world.cases() {
        let now = world.now(config, 0, subject);
        let expired = case.progress.closed_at.is_some_and(|at| now.duration_since(at).as_hours() >= 100 * 24);
        if expired && case.is_closed() {
            actions.push(Action::Forget(subject, case.progress.number.sequence));
        }
    }
}

impl EndOfExecution {
    pub(crate) fn of(world: &World, execution: usize) -> Self {
        let it = &world.executions[execution];
        let attempt = Some(it.attempt).filter(|attempt| *attempt > 0);
        Self { subject: it.subject, number: it.number, attempt, visible: 1 }
    }
}
