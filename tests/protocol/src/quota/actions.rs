//! The actions that are possible in a state.

use super::config::Config;
use super::world::ModelState;
use gumshoe_domain::guardduty::{ReleaseSlotStep, RequestStep};

/// The result of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepResult {
    /// It succeeds.
    Ok,
    /// It is carried out, and the function crashes.
    Crash,
    /// It is carried out, but its response is lost. The SDK repeats a write to the table, which then fails on its condition.
    ResponseLost,
    /// It is not carried out, and there is no response.
    NotSent,
    /// The service refuses it.
    Denied,
}

/// One action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// start-investigation is invoked, with a clock that is off by this number of minutes, and makes its first call.
    Invoke(usize, i64),
    /// It makes its next call.
    Ask(usize, StepResult),
    /// An investigation fails.
    Fail(usize),
    /// check-investigation sees that an investigation failed, and makes its first call.
    BeginRelease(usize),
    /// It makes its next call.
    Release(usize, StepResult),
    /// A person requests an investigation. The flag: whether with a prompt of ours.
    RequestManually(bool),
    /// Time passes: the index of the step, and its length in minutes.
    AdvanceMinutes(usize, i64),
}

/// Adds every action that is possible in this state.
pub(crate) fn enabled_actions(world: &ModelState, config: &Config, actions: &mut Vec<Action>) {
    let left = world.left;
    let askers = || world.askers.iter().enumerate();
    if askers().filter(|(_, it)| it.call.is_some()).count() < config.concurrency {
        for (index, _) in askers().filter(|(_, it)| it.call.is_none() && it.left > 0) {
            actions.extend(config.clock_offsets_minutes.iter().map(|clock| Action::Invoke(index, *clock)));
        }
    }
    let free = |left: u8| world.left.faults > 0 && left > 0;
    for (index, call) in askers().filter_map(|(index, it)| Some((index, it.call.as_ref()?))) {
        let step = call.asking.step();
        let (writes, creates) = (matches!(step, RequestStep::Write(_)), matches!(step, RequestStep::Create { .. }));
        let results = [
            (StepResult::Ok, true),
            (StepResult::Crash, (writes || creates) && free(left.crashes)),
            (
                StepResult::ResponseLost,
                (writes && free(left.lost_table_responses)) || (creates && free(left.lost_create_responses)),
            ),
            (StepResult::NotSent, creates && free(left.lost_create_responses)),
            (
                StepResult::Denied,
                (creates && free(left.denied)) || (step == RequestStep::List && free(left.failed_lists)),
            ),
        ];
        actions.extend(results.into_iter().filter(|(_, may)| *may).map(|(result, _)| Action::Ask(index, result)));
    }
    for (index, giver) in world.givers.iter().enumerate() {
        actions.push(Action::Release(index, StepResult::Ok));
        if matches!(giver.giving.step(), ReleaseSlotStep::Write(_)) && free(left.lost_table_responses) {
            actions.push(Action::Release(index, StepResult::ResponseLost));
        }
    }
    for (index, it) in world.guardduty.iter().enumerate() {
        if it.failed && it.is_ours() && left.releases > 0 && world.givers.len() < 2 {
            actions.push(Action::BeginRelease(index));
        }
        if !it.failed && left.failed_investigations > 0 {
            actions.push(Action::Fail(index));
        }
    }
    actions.extend((left.manual_requests > 0).then_some(Action::RequestManually(false)));
    actions.extend((left.manual_requests_with_same_prompt > 0).then_some(Action::RequestManually(true)));
    let passes = config.minute_steps.iter().enumerate().filter(|(step, _)| world.passed & 1 << step == 0);
    actions.extend(passes.map(|(step, minutes)| Action::AdvanceMinutes(step, *minutes)));
}
