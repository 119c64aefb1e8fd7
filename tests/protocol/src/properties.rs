//! The properties of the model. docs/CASES.md lists the races that each covers.

use crate::execution::Execution;
use crate::model::Protocol;
use crate::mutation::Mutation;
use crate::rows::{Case, MAX_FINDINGS};
use crate::world::{FindingOutcome, ModelState};
use gumshoe_domain::case::{CaseStatus, ClaimedRevisions, CoverageKind, validate_message};
use stateright::Property;

/// All properties.
pub(crate) fn all() -> Vec<Property<Protocol>> {
    vec![
        Property::always("no revision is published twice unless a response was lost", published_once),
        Property::always("a repeated revision is marked and has the same content", repeats_marked),
        Property::always("no revision is published after a later one", published_in_order),
        Property::always(
            "an unfinished case has an execution that will end it, or a message that will start one",
            has_execution_or_message,
        ),
        Property::always("a case reports only findings that joined it", reports_only_joined),
        Property::always("no case starts more investigations than its limit", within_limits),
        Property::always("finally every case is closed, or people are notified that it is not", closed_or_reported),
        Property::always("finally every finding is alerted, closed quietly or suppressed", no_finding_lost),
        Property::always("a watched case was assessed with every joined finding", assessed_before),
        Property::always("a case is watched only before its follow-up", one_follow_up),
        Property::always("a quiet case is closed only after a follow-up investigation", investigated_twice),
        Property::always("no case is closed quietly without the result of an investigation that has ended", has_result),
        Property::always("no case is closed quietly if Detective has no data of the account", covered_by_detective),
        Property::always("every activity of a quietly closed case was covered by an investigation", investigated),
        Property::always("no execution fails without a fault", no_failure_without_fault),
        Property::always("no finding is suppressed that needs another investigation", not_suppressed_wrongly),
        Property::always("people are not notified of the same outcome again", no_duplicate_notification),
        Property::always("the relay accepts every message of send-alert", relay_accepts),
        Property::sometimes("an alert is sent", |_, world: &ModelState| !world.publications.is_empty()),
        Property::sometimes("a case closes quietly", |_, world: &ModelState| {
            world.cases().any(|(_, case)| case.closed_quietly.is_some())
        }),
    ]
}

fn published_once(_: &Protocol, world: &ModelState) -> bool {
    world.publications.iter().all(|it| it.count <= 1 + it.unknown_deliveries)
}

fn repeats_marked(_: &Protocol, world: &ModelState) -> bool {
    world.publications.iter().all(|it| it.repeats_are_marked && it.has_one_assessment)
}

fn published_in_order(_: &Protocol, world: &ModelState) -> bool {
    world.publications.iter().all(|it| !it.is_out_of_order)
}

fn assessed_before(_: &Protocol, world: &ModelState) -> bool {
    world.cases().all(|(_, case)| {
        let it = case.progress;
        let applies = it.status == CaseStatus::Watching || it.follow_up_at.is_some();
        !applies || it.last_assessment.is_some_and(|assessed| assessed.joined_count == it.joined_count)
    })
}

fn one_follow_up(_: &Protocol, world: &ModelState) -> bool {
    world.cases().all(|(_, case)| case.progress.status != CaseStatus::Watching || case.progress.follow_up_at.is_none())
}

fn has_result(_: &Protocol, world: &ModelState) -> bool {
    world.cases().all(|(_, case)| !case.closed_without_result)
}

/// A case that repeats an alert needs no result.
fn covered_by_detective(protocol: &Protocol, world: &ModelState) -> bool {
    protocol.config.coverage == CoverageKind::InGraphs
        || world.cases().all(|(_, case)| case.closed_quietly.is_none() || repeats_an_alert(case))
}

/// Activity after the follow-up began opens the next case.
fn investigated(_: &Protocol, world: &ModelState) -> bool {
    world.cases().all(|(_, case)| {
        let Some(seen) = case.closed_quietly else { return true };
        let was_seen = seen.iter().zip(case.investigated).all(|(state, investigated)| *state <= investigated);
        was_seen || case.progress.follow_up_at.is_some() || repeats_an_alert(case)
    })
}

fn no_failure_without_fault(protocol: &Protocol, world: &ModelState) -> bool {
    world.faults_left != protocol.config.fault_limits || !world.executions.iter().any(Execution::has_failed)
}

fn repeats_an_alert(case: &Case) -> bool {
    case.progress.last_assessment.is_some_and(|it| it.is_already_notified)
}

/// A case that repeats an alert needs no follow-up.
fn investigated_twice(protocol: &Protocol, world: &ModelState) -> bool {
    !protocol.config.has_follow_up
        || world.cases().all(|(_, case)| {
            case.closed_quietly.is_none() || !case.is_closed() || case.has_follow_up_result || repeats_an_alert(case)
        })
}

fn not_suppressed_wrongly(_: &Protocol, world: &ModelState) -> bool {
    world.queue.iter().flat_map(|it| it.outcomes).all(|end| end != Some(FindingOutcome::Suppressed { is_wrong: true }))
}

fn no_duplicate_notification(_: &Protocol, world: &ModelState) -> bool {
    world.publications.iter().all(|it| !it.is_duplicate_notification)
}

/// The relay reads the case at any time after the message was published. Messages expire from the queue long before cases
/// expire from the table.
fn relay_accepts(protocol: &Protocol, world: &ModelState) -> bool {
    world.publications.iter().all(|it| {
        let (Some(case), Some(cause)) = (world.case(it.subject, it.number), it.cause) else { return true };
        let mut claims = ClaimedRevisions::of(&case.progress);
        if protocol.config.mutation == Some(Mutation::ValidatesOnlyPublished) {
            claims.last_revision = case.progress.published_revision;
        }
        validate_message(Some(&claims), it.revision, cause).is_ok()
            && claims.needs_delivery(it.revision.checked_sub(1), it.revision)
    })
}

/// The case has a running execution, or a message that is available or in process and will start one.
fn has_execution_or_message(protocol: &Protocol, world: &ModelState) -> bool {
    // A watched case must be in the index. A follow-up that has begun and is still in the index is started by the next sweep.
    let listed = |case: &Case| case.progress.watch_until.is_some();
    world.cases().filter(|(_, case)| !case.is_closed() && !listed(case)).all(|(subject, case)| {
        let number = case.progress.number;
        let of_case = |s: usize, n| (s, n) == (subject, number);
        let runs = world.executions.iter().any(|it| of_case(it.subject, it.number) && it.is_running());
        let end = world.ended_executions.iter().any(|it| it.deliveries > 0 && of_case(it.subject, it.number));
        let under_way = world
            .open_case_invocations
            .iter()
            .flatten()
            .any(|invocation| invocation.concerns(&protocol.config, world, subject));
        let message = world
            .queue
            .iter()
            .zip(&protocol.config.messages)
            .any(|(it, message)| it.deliveries > 0 && !it.is_processed && message.subjects.contains(&subject));
        runs || end || under_way || message || given_up(case) || case.was_stopped_manually
    })
}

/// Three executions have failed, and people were notified of the failure.
fn given_up(case: &Case) -> bool {
    case.progress.execution_attempt - case.progress.first_attempt_of_run >= 2 && case.was_failure_notified
}

fn reports_only_joined(protocol: &Protocol, world: &ModelState) -> bool {
    world.subjects.iter().enumerate().all(|(subject, rows)| {
        rows.all().all(|case| {
            let joined = |finding: usize| {
                world.queue.iter().zip(&protocol.config.messages).any(|(delivery, message)| {
                    let part = message.subjects.iter().position(|it| *it == subject);
                    let end = part.and_then(|part| delivery.outcomes[part]);
                    message.finding == finding
                        && matches!(end, Some(FindingOutcome::InCase { number, is_renewal: false }) if number == case.progress.number)
                })
            };
            (0..MAX_FINDINGS).all(|finding| (case.notified_counts[finding] == 0 && case.assessed[finding] == 0) || joined(finding))
        })
    })
}

fn within_limits(protocol: &Protocol, world: &ModelState) -> bool {
    world.cases().all(|(subject, case)| {
        let of_case = world.executions.iter().filter(|it| (it.subject, it.number) == (subject, case.progress.number));
        let executions = u32::try_from(of_case.count()).unwrap_or(u32::MAX);
        u32::from(case.investigations) <= protocol.config.loop_limits.investigations * executions.max(1)
    })
}

/// The state is final, except for time, redeliveries and manual starts.
fn is_over(world: &ModelState) -> bool {
    world.cases().all(|(_, case)| case.progress.watch_until.is_none()) && is_idle(world)
}

fn is_idle(world: &ModelState) -> bool {
    world.open_case_invocations.iter().all(Option::is_none)
        && world.abandoned.is_empty()
        && world.queue.iter().all(|it| it.deliveries == 0)
        && world.ended_executions.iter().all(|it| it.deliveries == 0)
        && world.executions.iter().all(|it| !it.is_running())
}

fn closed_or_reported(_: &Protocol, world: &ModelState) -> bool {
    !is_over(world)
        || (world.queue.iter().all(|it| it.is_processed)
            && world.cases().all(|(_, case)| case.is_closed() || given_up(case) || case.was_stopped_manually))
}

fn no_finding_lost(protocol: &Protocol, world: &ModelState) -> bool {
    if !is_over(world) {
        return true;
    }
    world.queue.iter().zip(&protocol.config.messages).all(|(delivery, message)| {
        message.subjects.iter().zip(delivery.outcomes).all(|(subject, end)| match end {
            None => false,
            Some(FindingOutcome::Suppressed { .. } | FindingOutcome::Duplicate) => true,
            Some(FindingOutcome::InCase { number, is_renewal: renewed }) => {
                let state = u8::try_from(message.state.count).unwrap_or(u8::MAX);
                // A later state of it may have joined another case, and have been reported there.
                world.subjects[*subject].all().any(|case| {
                    let reported = case.notified_counts[message.finding];
                    let is_renewal_of_reported = renewed && reported > 0 && case.progress.number == number;
                    reported >= state
                        || is_renewal_of_reported
                        || case.closed_quietly.is_some_and(|seen| seen[message.finding] >= state)
                }) || world
                    .case(*subject, number)
                    .is_some_and(|case| !case.is_closed() && (given_up(case) || case.was_stopped_manually))
            }
        })
    })
}
