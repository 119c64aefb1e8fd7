//! Executions of the state machine, and invocations of the functions that it calls.

use crate::actions::StepResult;
use crate::config::Config;
use crate::machine::{Machine, PendingTask, Position, Response, TaskResult};
use crate::mutation::Mutation;
use crate::rows::SeenCounts;
use crate::shared::Shared;
use crate::world::ModelState;
use gumshoe_domain::case::flows::{
    AssessFlow, AssessStep, EvaluationOutcome, SendFailure, SendFlow, SendOutcome, SendStep, record_published_write,
};
use gumshoe_domain::case::{CaseFacts, CaseNumber, CaseProgress, CaseWrite, Change, FollowUpRule, UncoveredActivity};
use gumshoe_domain::verdict::{EngineResults, OpenQuestions, Verdict, VerdictLevel};
use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Execution {
    pub(crate) subject: usize,
    pub(crate) number: CaseNumber,
    /// 0: a person started it under another name.
    pub(crate) attempt: u32,
    pub(crate) place: Position,
    pub(crate) waiting: PendingTask,
    pub(crate) invocation: Option<Shared<Invocation>>,
    /// Whether it waits until the claim of another invocation expires.
    pub(crate) waits_for_claim: bool,
}

/// An invocation of assess-case or send-alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Invocation {
    pub(crate) subject: usize,
    pub(crate) number: CaseNumber,
    skew_seconds: i64,
    pub(crate) flow: FunctionFlow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum FunctionFlow {
    Assess { flow: AssessFlow, seen: SeenCounts, last: bool, last_investigation: bool, investigated: bool },
    Send { flow: SendFlow, seen: SeenCounts, read: Option<CaseProgress>, deferred_publish: Option<(u32, bool)> },
    Record { revision: u32 },
}

/// The report of one step of an invocation.
pub(crate) struct StepReport {
    /// Whether it had an effect on a service.
    pub(crate) effect: bool,
    /// The result, if the invocation has ended.
    pub(crate) ended: Option<TaskResult>,
}

enum InvocationStep {
    Continue { effect: bool },
    Response(Response),
    Error(&'static str),
}

impl Execution {
    pub(crate) fn new(subject: usize, number: CaseNumber, attempt: u32, machine: &Machine) -> Self {
        let place = machine.start;
        Self {
            subject,
            number,
            attempt,
            place,
            waiting: machine.waiting(place),
            invocation: None,
            waits_for_claim: false,
        }
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.waiting == PendingTask::Failed
    }

    pub(crate) fn is_running(&self) -> bool {
        !matches!(self.waiting, PendingTask::Failed | PendingTask::Succeeded)
    }
}

impl Invocation {
    pub(crate) fn new(execution: &Execution, world: &ModelState, config: &Config) -> Option<Self> {
        let skew = if execution.attempt % 2 == 1 { -config.clock.skew_seconds } else { config.clock.skew_seconds };
        let work = match execution.waiting {
            PendingTask::Assess { last_round, last_investigation, investigated } => FunctionFlow::Assess {
                flow: AssessFlow::begin(world.now(config, skew, execution.subject), last_round, follow_up_rule(config)),
                seen: SeenCounts::default(),
                last: last_round,
                last_investigation,
                investigated,
            },
            PendingTask::Send => FunctionFlow::Send {
                flow: SendFlow::begin(),
                seen: SeenCounts::default(),
                read: None,
                deferred_publish: None,
            },
            PendingTask::Record { revision } => FunctionFlow::Record { revision },
            _ => return None,
        };
        Some(Self { subject: execution.subject, number: execution.number, skew_seconds: skew, flow: work })
    }

    /// Takes one step. The invocation ends with it if no effect is left.
    pub(crate) fn step(&mut self, world: &mut ModelState, config: &Config, result: StepResult) -> StepReport {
        let mut gave = self.run_step(world, config, result);
        let effect =
            matches!(gave, InvocationStep::Continue { effect: true } | InvocationStep::Response(Response::Recorded));
        let now = world.now(config, self.skew_seconds, self.subject);
        let is_over = match &self.flow {
            FunctionFlow::Assess { flow, .. } => matches!(flow.step(), AssessStep::Done(_)),
            FunctionFlow::Send { flow, deferred_publish: owed, .. } => {
                owed.is_none() && matches!(flow.step(now), SendStep::Done(_) | SendStep::Fail(_))
            }
            FunctionFlow::Record { .. } => false,
        };
        if is_over && matches!(gave, InvocationStep::Continue { .. }) {
            gave = self.run_step(world, config, StepResult::Ok);
        }
        let ended = match gave {
            InvocationStep::Continue { .. } => None,
            InvocationStep::Response(answer) => Some(TaskResult::Response(answer)),
            InvocationStep::Error(error) => Some(TaskResult::Error(error)),
        };
        StepReport { effect, ended }
    }

    fn run_step(&mut self, world: &mut ModelState, config: &Config, result: StepResult) -> InvocationStep {
        let now = world.now(config, self.skew_seconds, self.subject);
        match self.flow {
            FunctionFlow::Assess { .. } => self.assess(world, config, result),
            FunctionFlow::Send { .. } => self.send(world, config, result, now),
            FunctionFlow::Record { revision } => {
                let written = world
                    .case_mut(self.subject, self.number)
                    .map(|case| case.write(&record_published_write(revision, now)));
                written.map_or(InvocationStep::Error("NoSuchCase"), |_| InvocationStep::Response(Response::Recorded))
            }
        }
    }

    /// Whether the next step publishes.
    pub(crate) fn publishes(&self, world: &ModelState, config: &Config) -> bool {
        let now = world.now(config, self.skew_seconds, self.subject);
        matches!(self.flow, FunctionFlow::Send { flow, .. } if matches!(flow.step(now), SendStep::Publish { .. }))
    }

    /// Whether the next step records a publication. Calls have time-outs, so this happens before the claim expires.
    pub(crate) fn records(&self) -> bool {
        matches!(self.flow, FunctionFlow::Send { flow, .. } if flow.after_failed_write().is_some())
    }

    fn assess(&mut self, world: &mut ModelState, config: &Config, result: StepResult) -> InvocationStep {
        let FunctionFlow::Assess { flow, seen, last, last_investigation, investigated } = &mut self.flow else {
            return InvocationStep::Error("OutOfTurn");
        };
        let by_number_only = config.mutation == Some(Mutation::MatchesCaseBySequenceOnly);
        match flow.step() {
            AssessStep::Read => {
                let Some(case) = world.case(self.subject, self.number) else {
                    return InvocationStep::Error("NoSuchCase");
                };
                let mut progress = case.progress;
                if config.mutation == Some(Mutation::ReusesRevisions) {
                    progress.claimed_revision = progress.published_revision;
                }
                if config.mutation == Some(Mutation::RepeatsNotification) {
                    progress.previous_notification = None;
                }
                *flow = flow.read(progress);
                InvocationStep::Continue { effect: false }
            }
            AssessStep::Evaluate => {
                let subject = &world.subjects[self.subject];
                let Some(case) = subject.case(self.number.sequence) else { return InvocationStep::Error("NoSuchCase") };
                *seen = subject.seen(self.number, by_number_only);
                let high = subject.is_high(self.number, by_number_only);
                let is_unasked = config.asks_guardduty && high && !case.was_guardduty_asked;
                let is_uncovered =
                    seen.iter().zip(case.investigated).any(|(state, investigated)| *state > investigated);
                let begun = case.progress.follow_up_at.is_some();
                let facts = CaseFacts {
                    is_active: case.progress.status.is_active(),
                    is_last: *last || *last_investigation,
                    is_not_investigated: !*investigated,
                    can_restart_investigation: false,
                    has_follow_up_begun: begun,
                    is_follow_up_missing: begun && !case.has_follow_up_result,
                    is_running: *investigated && case.running,
                    is_guardduty_request_missing: is_unasked,
                    is_quiet: !high,
                    is_empty: !high,
                    uncovered: if is_uncovered {
                        UncoveredActivity::AfterInvestigation
                    } else {
                        UncoveredActivity::None
                    },
                    coverage: config.coverage,
                };
                let decision = config.mutation.map_or(facts, |mutation| mutation.alter_facts(facts)).decide();
                let outcome = decision.into_outcome(|has_result| verdict(config, high, has_result));
                let Ok(outcome) = outcome else { return InvocationStep::Error("DetectiveUnavailable") };
                *flow = flow.evaluated(outcome);
                InvocationStep::Continue { effect: false }
            }
            AssessStep::Write(write) => {
                let has_result = *investigated;
                let write = altered_write(config, write);
                let Some(case) = world.case_mut(self.subject, self.number) else {
                    return InvocationStep::Error("NoSuchCase");
                };
                let went_through = case.write(&write);
                if let (true, Some(assessed)) = (went_through, write.assessment()) {
                    case.assessed = *seen;
                    if write.changes.iter().any(|change| matches!(change, Change::Close(_))) {
                        case.closed_quietly = Some(*seen);
                        case.closed_without_result =
                            if has_result { case.running } else { !assessed.is_already_notified };
                    }
                }
                *flow = flow.wrote(went_through && result != StepResult::ResponseLost);
                InvocationStep::Continue { effect: true }
            }
            AssessStep::Done(outcome) => InvocationStep::Response(Response::Assessed(outcome)),
        }
    }

    fn send(&mut self, world: &mut ModelState, config: &Config, result: StepResult, now: Timestamp) -> InvocationStep {
        let (subject, number) = (self.subject, self.number);
        let FunctionFlow::Send { flow, seen, read, deferred_publish: owed } = &mut self.flow else {
            return InvocationStep::Error("OutOfTurn");
        };
        let is = |mutation| config.mutation == Some(mutation);
        let step = flow.step(now);
        // Mutation: a publication that was deferred is made now.
        if let (Some((revision, repeated)), SendStep::Write(_) | SendStep::Done(_), Some(case)) = (*owed, &step, *read)
        {
            let due = if is(Mutation::RecordsBeforePublishing) {
                flow.after_failed_write().is_none()
            } else {
                matches!(step, SendStep::Done(_))
            };
            if due {
                *owed = None;
                publish(world, subject, &case, *seen, (revision, repeated), result != StepResult::Ok);
                return InvocationStep::Continue { effect: true };
            }
        }
        match step {
            SendStep::Read => {
                let Some(case) = world.case(subject, number) else { return InvocationStep::Error("NoSuchCase") };
                let mut progress = case.progress;
                *seen = case.assessed;
                *read = Some(progress);
                if is(Mutation::IgnoresClaimDuration) {
                    progress.publishing_until = None;
                }
                *flow = flow.read(progress, now);
                InvocationStep::Continue { effect: false }
            }
            SendStep::Write(_) if result == StepResult::Refused => {
                let Some(next) = flow.after_failed_write() else { return InvocationStep::Error("TableUnavailable") };
                *flow = next;
                InvocationStep::Continue { effect: true }
            }
            SendStep::Write(write) => {
                let mut write = altered_write(config, write);
                if is(Mutation::ClosesBeforePublishing) && owed.is_some() {
                    write
                        .conditions
                        .retain(|condition| !matches!(condition, gumshoe_domain::case::Condition::Published(_)));
                }
                let Some(case) = world.case_mut(subject, number) else { return InvocationStep::Error("NoSuchCase") };
                let went_through = case.write(&write);
                *flow = flow.wrote(went_through && result != StepResult::ResponseLost);
                InvocationStep::Continue { effect: true }
            }
            SendStep::Publish { revision, repeated } => {
                let Some(case) = *read else { return InvocationStep::Error("OutOfTurn") };
                if is(Mutation::RecordsBeforePublishing) || is(Mutation::ClosesBeforePublishing) {
                    *owed = Some((revision, repeated));
                    *flow = flow.published(true, now);
                    return InvocationStep::Continue { effect: false };
                }
                if result != StepResult::Refused {
                    publish(world, subject, &case, *seen, (revision, repeated), result != StepResult::Ok);
                }
                *flow = flow.published(result == StepResult::Ok, now);
                InvocationStep::Continue { effect: true }
            }
            SendStep::Done(sent) => InvocationStep::Response(match sent {
                SendOutcome::Closed | SendOutcome::ClosedBefore | SendOutcome::ClosedQuietly => Response::Closed,
                SendOutcome::Watching => Response::Watching,
                SendOutcome::FindingJoined => Response::Changed,
                SendOutcome::Unrecorded => {
                    Response::Unrecorded(read.and_then(|case| case.last_assessment).map_or(0, |it| it.revision))
                }
            }),
            SendStep::Fail(stop) => InvocationStep::Error(match stop {
                SendFailure::InFlight | SendFailure::ClaimExpired => "AlertInFlight",
                SendFailure::ConcurrentChange => "TableChanged",
                SendFailure::NotPublished => "TopicUnavailable",
                SendFailure::NoAssessment => "OutOfTurn",
            }),
        }
    }
}

fn publish(
    world: &mut ModelState,
    subject: usize,
    case: &CaseProgress,
    seen: SeenCounts,
    (revision, repeated): (u32, bool),
    doubtful: bool,
) {
    world.publish(subject, case, revision, repeated, doubtful);
    let counts = world.case_mut(subject, case.number).map(|case| &mut case.notified_counts);
    for (count, seen) in counts.into_iter().flatten().zip(seen) {
        *count = (*count).max(seen);
    }
}

/// The evaluation of a case whose level is the band of its worst finding.
fn verdict(config: &Config, high: bool, has_result: bool) -> EvaluationOutcome {
    let level = if high { VerdictLevel::High } else { VerdictLevel::Low };
    let opinions = EngineResults { is_investigated: has_result, ..EngineResults::default() };
    let verdict = Verdict { level, score: 0, reasons: Vec::new() };
    EvaluationOutcome::Verdict {
        cause: verdict.alert_cause(VerdictLevel::High, &opinions, &OpenQuestions::default()),
        has_result,
        level,
        is_transient: !has_result && config.is_transient,
        last_activity: None,
    }
}

/// Mutation: quiet cases are closed without a follow-up.
fn follow_up_rule(config: &Config) -> FollowUpRule {
    if config.mutation == Some(Mutation::SkipsFollowUp) { FollowUpRule::OFF } else { config.follow_up_rule() }
}

fn altered_write(config: &Config, write: CaseWrite) -> CaseWrite {
    config.mutation.map_or_else(|| write.clone(), |mutation| mutation.alter_write(write.clone()))
}
