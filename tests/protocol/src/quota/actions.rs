//! What may happen next.

use super::config::Config;
use super::world::World;
use gumshoe_domain::guardduty::{ReleaseSlotStep, RequestStep};

/// How a call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Goes {
    /// As it should.
    Well,
    /// It is carried out, and the function dies.
    Dies,
    /// It is carried out, but its answer is lost. The SDK writes to the table again, and is told that somebody was faster.
    Unheard,
    /// It is not carried out, and there is no answer.
    Unreached,
    /// It is refused.
    Denied,
}

/// One thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// start-investigation is invoked, with a clock that is off by so many minutes, and makes its first call.
    Invoke(usize, i64),
    /// It makes its next call.
    Ask(usize, Goes),
    /// An investigation fails.
    Fail(usize),
    /// check-investigation sees that it did, and makes its first call.
    GiveBack(usize),
    /// It makes its next call.
    Give(usize, Goes),
    /// A person asks for an investigation; in our own words, or in others.
    ByHand(bool),
    /// So many minutes pass: which of the steps, and its length.
    Time(usize, i64),
}

/// Everything that may happen next.
pub(crate) fn possible(world: &World, config: &Config, actions: &mut Vec<Action>) {
    let left = world.left;
    let askers = || world.askers.iter().enumerate();
    if askers().filter(|(_, it)| it.call.is_some()).count() < config.together {
        for (index, _) in askers().filter(|(_, it)| it.call.is_none() && it.left > 0) {
            actions.extend(config.clocks.iter().map(|clock| Action::Invoke(index, *clock)));
        }
    }
    let free = |left: u8| world.left.faults > 0 && left > 0;
    for (index, call) in askers().filter_map(|(index, it)| Some((index, it.call.as_ref()?))) {
        let step = call.asking.step();
        let (writes, creates) = (matches!(step, RequestStep::Write(_)), matches!(step, RequestStep::Create { .. }));
        let ways = [
            (Goes::Well, true),
            (Goes::Dies, (writes || creates) && free(left.crashes)),
            (Goes::Unheard, (writes && free(left.unheard)) || (creates && free(left.lost))),
            (Goes::Unreached, creates && free(left.lost)),
            (Goes::Denied, (creates && free(left.denied)) || (step == RequestStep::List && free(left.unlisted))),
        ];
        actions.extend(ways.into_iter().filter(|(_, may)| *may).map(|(goes, _)| Action::Ask(index, goes)));
    }
    for (index, giver) in world.givers.iter().enumerate() {
        actions.push(Action::Give(index, Goes::Well));
        if matches!(giver.giving.step(), ReleaseSlotStep::Write(_)) && free(left.unheard) {
            actions.push(Action::Give(index, Goes::Unheard));
        }
    }
    for (index, it) in world.guardduty.iter().enumerate() {
        if it.failed && it.is_ours() && left.givings > 0 && world.givers.len() < 2 {
            actions.push(Action::GiveBack(index));
        }
        if !it.failed && left.failing > 0 {
            actions.push(Action::Fail(index));
        }
    }
    actions.extend((left.by_hand > 0).then_some(Action::ByHand(false)));
    actions.extend((left.same_by_hand > 0).then_some(Action::ByHand(true)));
    let passes = config.time.iter().enumerate().filter(|(step, _)| world.passed & 1 << step == 0);
    actions.extend(passes.map(|(step, minutes)| Action::Time(step, *minutes)));
}
