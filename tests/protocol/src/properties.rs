//! What must hold. docs/CASES.md says which race each is about.

use crate::execution::Execution;
use crate::fault::Faulty;
use crate::model::Protocol;
use crate::rows::{Case, FINDINGS};
use crate::world::{End, World};
use gumshoe_domain::case::{CaseStatus, ClaimedRevisions, CoverageKind, validate_message};
use stateright::Property;

/// All properties.
pub(crate) fn all() -> Vec<Property<Protocol>> {
    vec![
        Property::always("no revision is published twice unless an answer was lost", once),
        Property::always("a repeat is marked, and says the same", marked),
        Property::always("no revision is published after a later one", in_order),
        Property::always(
            "an unfinished case has an execution that will end it, or a message that will start one",
            worked,
        ),
        Property::always("a case tells only of what joined it", own),
        Property::always("quotas are kept", quotas),
        Property::always("in the end every case is closed, or people know that it is not", settled),
        Property::always("in the end every finding has come to one of its ends", no_finding_lost),
        Property::always("what is watched, or looked at again, was assessed with all that joined", assessed_before),
        Property::always("a case is watched only before its second look", one_second_look),
        Property::always("a quiet case is closed only after it was investigated twice", looked_twice),
        Property::always("no case is closed quietly without the result of an investigation that has ended", has_result),
        Property::always("no case is closed quietly where Detective has no data of the account", covered),
        Property::always("what is closed quietly was seen by an investigation", investigated),
        Property::always("no execution fails where nothing goes wrong", undisturbed),
        Property::always("nothing is muted that is to be investigated again", muted),
        Property::always("people are not notified of the same again", not_known),
        Property::always("the relay believes every message of send-alert", believed),
        Property::sometimes("an alert is sent", |_, world: &World| !world.topic.is_empty()),
        Property::sometimes("a case closes quietly", |_, world: &World| {
            world.cases().any(|(_, case)| case.closed_quietly.is_some())
        }),
    ]
}

fn once(_: &Protocol, world: &World) -> bool {
    world.topic.iter().all(|it| it.times <= 1 + it.doubts)
}

fn marked(_: &Protocol, world: &World) -> bool {
    world.topic.iter().all(|it| it.repeats_are_marked && it.says_one_thing)
}

fn in_order(_: &Protocol, world: &World) -> bool {
    world.topic.iter().all(|it| !it.came_late)
}

fn assessed_before(_: &Protocol, world: &World) -> bool {
    world.cases().all(|(_, case)| {
        let it = case.progress;
        let applies = it.status == CaseStatus::Watching || it.follow_up_at.is_some();
        !applies || it.last_assessment.is_some_and(|assessed| assessed.joined_count == it.joined_count)
    })
}

fn one_second_look(_: &Protocol, world: &World) -> bool {
    world.cases().all(|(_, case)| case.progress.status != CaseStatus::Watching || case.progress.follow_up_at.is_none())
}

fn has_result(_: &Protocol, world: &World) -> bool {
    world.cases().all(|(_, case)| !case.closed_without_result)
}

/// What people were notified of already needs no result.
fn covered(protocol: &Protocol, world: &World) -> bool {
    protocol.config.coverage == CoverageKind::InGraphs
        || world.cases().all(|(_, case)| case.closed_quietly.is_none() || repeats_an_alert(case))
}

/// What comes after the second look began opens the next case.
fn investigated(_: &Protocol, world: &World) -> bool {
    world.cases().all(|(_, case)| {
        let Some(seen) = case.closed_quietly else { return true };
        let was_seen = seen.iter().zip(case.investigated).all(|(state, looked_at)| *state <= looked_at);
        was_seen || case.progress.follow_up_at.is_some() || repeats_an_alert(case)
    })
}

fn undisturbed(protocol: &Protocol, world: &World) -> bool {
    world.left != protocol.config.bounds || !world.executions.iter().any(Execution::has_failed)
}

fn repeats_an_alert(case: &Case) -> bool {
    case.progress.last_assessment.is_some_and(|it| it.is_already_notified)
}

/// What people were notified of already needs no second look.
fn looked_twice(protocol: &Protocol, world: &World) -> bool {
    !protocol.config.second_look
        || world.cases().all(|(_, case)| {
            case.closed_quietly.is_none() || !case.is_closed() || case.looked_twice || repeats_an_alert(case)
        })
}

fn muted(_: &Protocol, world: &World) -> bool {
    world.queue.iter().flat_map(|it| it.ends).all(|end| end != Some(End::Suppressed { wrongly: true }))
}

fn not_known(_: &Protocol, world: &World) -> bool {
    world.topic.iter().all(|it| !it.is_known)
}

/// The relay reads the case at any time after a message was published. A queue forgets a message long before the table
/// forgets its case.
fn believed(protocol: &Protocol, world: &World) -> bool {
    world.topic.iter().all(|it| {
        let (Some(case), Some(cause)) = (world.case(it.subject, it.number), it.cause) else { return true };
        let mut claims = ClaimedRevisions::of(&case.progress);
        if protocol.config.faulty == Some(Faulty::BelievesOnlyRecords) {
            claims.last_revision = case.progress.published_revision;
        }
        validate_message(Some(&claims), it.revision, cause).is_ok()
            && claims.needs_delivery(it.revision.checked_sub(1), it.revision)
    })
}

/// An execution that runs; or a message that is there or under way, and will start one.
fn worked(protocol: &Protocol, world: &World) -> bool {
    // What is watched has to be listed; a second look that has begun and is still listed is started by the next sweep.
    let listed = |case: &Case| case.progress.watch_until.is_some();
    world.cases().filter(|(_, case)| !case.is_closed() && !listed(case)).all(|(subject, case)| {
        let number = case.progress.number;
        let of_case = |s: usize, n| (s, n) == (subject, number);
        let runs = world.executions.iter().any(|it| of_case(it.subject, it.number) && it.runs());
        let end = world.ends.iter().any(|it| it.visible > 0 && of_case(it.subject, it.number));
        let under_way = world.intakes.iter().flatten().any(|intake| intake.concerns(&protocol.config, world, subject));
        let message = world
            .queue
            .iter()
            .zip(&protocol.config.messages)
            .any(|(it, message)| it.visible > 0 && !it.done && message.subjects.contains(&subject));
        runs || end || under_way || message || given_up(case) || case.stopped
    })
}

/// Three executions have failed, and people were told each time.
fn given_up(case: &Case) -> bool {
    case.progress.execution_attempt - case.progress.first_attempt_of_run >= 2 && case.last_resort
}

fn own(protocol: &Protocol, world: &World) -> bool {
    world.subjects.iter().enumerate().all(|(subject, rows)| {
        rows.all().all(|case| {
            let joined = |finding: usize| {
                world.queue.iter().zip(&protocol.config.messages).any(|(delivery, message)| {
                    let part = message.subjects.iter().position(|it| *it == subject);
                    let end = part.and_then(|part| delivery.ends[part]);
                    message.finding == finding
                        && matches!(end, Some(End::InCase { number, renewed: false }) if number == case.progress.number)
                })
            };
            (0..FINDINGS).all(|finding| (case.told[finding] == 0 && case.assessed[finding] == 0) || joined(finding))
        })
    })
}

fn quotas(protocol: &Protocol, world: &World) -> bool {
    world.cases().all(|(subject, case)| {
        let of_case = world.executions.iter().filter(|it| (it.subject, it.number) == (subject, case.progress.number));
        let executions = u32::try_from(of_case.count()).unwrap_or(u32::MAX);
        u32::from(case.investigations) <= protocol.config.loops.investigations * executions.max(1)
    })
}

/// Nothing can happen any more, but that time passes, or that somebody does again what was done.
fn is_over(world: &World) -> bool {
    world.cases().all(|(_, case)| case.progress.watch_until.is_none()) && is_idle(world)
}

fn is_idle(world: &World) -> bool {
    world.intakes.iter().all(Option::is_none)
        && world.orphans.is_empty()
        && world.queue.iter().all(|it| it.visible == 0)
        && world.ends.iter().all(|it| it.visible == 0)
        && world.executions.iter().all(|it| !it.runs())
}

fn settled(_: &Protocol, world: &World) -> bool {
    !is_over(world)
        || (world.queue.iter().all(|it| it.done)
            && world.cases().all(|(_, case)| case.is_closed() || given_up(case) || case.stopped))
}

fn no_finding_lost(protocol: &Protocol, world: &World) -> bool {
    if !is_over(world) {
        return true;
    }
    world.queue.iter().zip(&protocol.config.messages).all(|(delivery, message)| {
        message.subjects.iter().zip(delivery.ends).all(|(subject, end)| match end {
            None => false,
            Some(End::Suppressed { .. } | End::Known) => true,
            Some(End::InCase { number, renewed }) => {
                let state = u8::try_from(message.state.count).unwrap_or(u8::MAX);
                // A later state of it may have gone to another case, and have been told there.
                world.subjects[*subject].all().any(|case| {
                    let told = case.told[message.finding];
                    let renews_what_was_told = renewed && told > 0 && case.progress.number == number;
                    told >= state
                        || renews_what_was_told
                        || case.closed_quietly.is_some_and(|seen| seen[message.finding] >= state)
                }) || world
                    .case(*subject, number)
                    .is_some_and(|case| !case.is_closed() && (given_up(case) || case.stopped))
            }
        })
    })
}
