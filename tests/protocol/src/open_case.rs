//! Invocations of open-case.

use crate::actions::StepResult;
use crate::config::Config;
use crate::execution::Execution;
use crate::machine::Machine;
use crate::mutation::Mutation;
use crate::rows::DroppedConditions;
use crate::world::{FindingOutcome, ModelState};
use gumshoe_domain::case::flows::{
    ExecutionState, FollowUpFlow, FollowUpStep, IntakeFlow, IntakeStep, RestartExecutionFlow, RestartExecutionStep,
};
use gumshoe_domain::case::{
    CaseChange, CaseNumber, CaseProgress, Change, IntakeDecision as Decided, IntakeRules, IntakeWrite, SuppressReason,
    last_alert_outcome,
};
use gumshoe_domain::verdict::AlertCause;
use jiff::SignedDuration;

/// How long updates of an alerted finding are suppressed.
const REALERT_INTERVAL: SignedDuration = SignedDuration::from_hours(24);

/// An invocation of open-case with one message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum OpenCaseInvocation {
    /// A finding, for the subject with index `part` of the message.
    Finding { message: usize, part: usize, flow: IntakeFlow, wrote: bool },
    /// An execution that failed.
    ExecutionEnd { end: usize, flow: RestartExecutionFlow },
    /// A case in the index whose follow-up is due.
    FollowUp { subject: usize, number: CaseNumber, flow: FollowUpFlow },
}

/// What happens to the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MessageResult {
    /// It is processed.
    Delete,
    /// It returns to the queue.
    Return,
}

impl OpenCaseInvocation {
    pub(crate) fn with_message(message: usize, config: &Config, world: &ModelState, slot: usize) -> Self {
        Self::Finding { message, part: 0, flow: intake_flow(message, 0, config, world, slot), wrote: false }
    }

    pub(crate) fn with_end(end: usize, world: &ModelState) -> Self {
        Self::ExecutionEnd { end, flow: RestartExecutionFlow::begin(world.ended_executions[end].attempt) }
    }

    pub(crate) fn with_listed(
        subject: usize,
        number: CaseNumber,
        config: &Config,
        world: &ModelState,
        slot: usize,
    ) -> Self {
        Self::FollowUp { subject, number, flow: FollowUpFlow::begin(world.now(config, skew_of(slot, config), subject)) }
    }

    /// Whether its message is about that subject.
    pub(crate) fn concerns(&self, config: &Config, world: &ModelState, subject: usize) -> bool {
        match self {
            Self::Finding { message, .. } => config.messages[*message].subjects.contains(&subject),
            Self::ExecutionEnd { end, .. } => world.ended_executions[*end].subject == subject,
            Self::FollowUp { subject: its, .. } => *its == subject,
        }
    }

    /// Takes one step. Returns whether it had an effect on a service, and the message's result if the invocation has ended.
    pub(crate) fn step(
        &mut self,
        world: &mut ModelState,
        config: &Config,
        machine: &Machine,
        slot: usize,
        result: StepResult,
    ) -> (bool, Option<MessageResult>) {
        let starts = self.starts();
        let effect = self.run_step(world, config, machine, result);
        if starts && result == StepResult::ResponseLost {
            return (effect, Some(MessageResult::Return)); // the invocation fails without the response
        }
        (effect, self.ended(world, config, slot))
    }

    /// Whether the next step starts an execution.
    fn starts(&self) -> bool {
        match self {
            Self::Finding { flow, .. } => matches!(flow.step(), IntakeStep::Start(_)),
            Self::ExecutionEnd { flow, .. } => matches!(flow.step(), RestartExecutionStep::Start(_)),
            Self::FollowUp { flow, .. } => matches!(flow.step(), FollowUpStep::Start(_)),
        }
    }

    fn run_step(&mut self, world: &mut ModelState, config: &Config, machine: &Machine, result: StepResult) -> bool {
        match self {
            Self::Finding { message, part, flow, wrote } => {
                *wrote |= matches!(flow.step(), IntakeStep::Write(_));
                run_intake(*message, *part, flow, world, config, machine, result)
            }
            Self::ExecutionEnd { end, flow } => run_restart(*end, flow, world, config, machine, result),
            Self::FollowUp { subject, number, flow } => {
                run_follow_up(*subject, *number, flow, world, config, machine, result)
            }
        }
    }

    /// The message's result, if no effect is left.
    fn ended(&mut self, world: &mut ModelState, config: &Config, slot: usize) -> Option<MessageResult> {
        match self {
            Self::Finding { message, part, flow, wrote } => {
                match flow.step() {
                    IntakeStep::Done(received) => {
                        world.queue[*message].outcomes[*part].get_or_insert(match received.intake {
                            Decided::Suppress(SuppressReason::AlreadyAlerted) => {
                                FindingOutcome::Suppressed { is_wrong: false }
                            }
                            _ => FindingOutcome::Duplicate,
                        });
                        let subject = config.messages[*message].subjects[*part];
                        if let Some(case) = received.case.and_then(|number| world.case_mut(subject, number)) {
                            case.was_stopped_manually = false;
                        }
                    }
                    // Mutation: relies on the invocation that opened the case to start its execution.
                    IntakeStep::Start(_) if config.mutation == Some(Mutation::SkipsStartOfExistingCase) && !*wrote => {
                        world.queue[*message].outcomes[*part].get_or_insert(FindingOutcome::Duplicate);
                    }
                    IntakeStep::ContentionExhausted | IntakeStep::ExecutionsKeepFailing(_) => {
                        return Some(MessageResult::Return);
                    }
                    _ => return None,
                }
                if *part + 1 == config.messages[*message].subjects.len() {
                    return Some(MessageResult::Delete);
                }
                (*part, *wrote) = (*part + 1, false);
                *flow = intake_flow(*message, *part, config, world, slot);
                None
            }
            Self::ExecutionEnd { flow, .. } => match flow.step() {
                RestartExecutionStep::Done(_) | RestartExecutionStep::RestartLimitReached => {
                    Some(MessageResult::Delete)
                }
                _ => None,
            },
            Self::FollowUp { flow, .. } => {
                matches!(flow.step(), FollowUpStep::Done(_)).then_some(MessageResult::Delete)
            }
        }
    }
}

fn intake_flow(message: usize, part: usize, config: &Config, world: &ModelState, slot: usize) -> IntakeFlow {
    let now = world.now(config, skew_of(slot, config), config.messages[message].subjects[part]);
    let rules = IntakeRules { realert_after: REALERT_INTERVAL, follow_up: config.follow_up_rule() };
    IntakeFlow::begin(config.messages[message].state, now, rules)
}

fn skew_of(slot: usize, config: &Config) -> i64 {
    if slot == 0 { config.clock.skew_seconds } else { -config.clock.skew_seconds }
}

/// A case as open-case reads it. Mutation: transient failures are read as permanent.
fn read(config: &Config, progress: Option<CaseProgress>) -> Option<CaseProgress> {
    let mut progress = progress?;
    if config.mutation == Some(Mutation::SuppressesTransient)
        && let Some(assessed) = &mut progress.last_assessment
    {
        assessed.is_transient = false;
    }
    Some(progress)
}

fn run_intake(
    message: usize,
    part: usize,
    flow: &mut IntakeFlow,
    world: &mut ModelState,
    config: &Config,
    machine: &Machine,
    result: StepResult,
) -> bool {
    let (finding, subject) = (config.messages[message].finding, config.messages[message].subjects[part]);
    let is = |mutation| config.mutation == Some(mutation);
    let by_number_only = is(Mutation::MatchesCaseBySequenceOnly);
    let (next, effect) = match flow.step() {
        IntakeStep::ReadLatest => (flow.clone().read_case(read(config, world.subjects[subject].latest())), false),
        IntakeStep::ReadFinding => {
            let mut known = world.subjects[subject].findings[finding];
            if let (true, Some(it)) = (by_number_only, &mut known)
                && let Some(case) = world.subjects[subject].case(it.case.sequence)
            {
                it.case = case.progress.number;
            }
            (flow.clone().read_finding(known), false)
        }
        IntakeStep::ReadCase(sequence) => {
            let case = world.subjects[subject].case(sequence).map(|case| case.progress);
            (flow.clone().read_case(read(config, case)), false)
        }
        IntakeStep::Write(write) => {
            let wrongly = suppresses_wrongly(world, subject, &write);
            let went_through = take_in(world, config, subject, finding, write.clone());
            if went_through {
                record_outcome(world, message, part, &write, wrongly);
            }
            (flow.clone().wrote(went_through && result != StepResult::ResponseLost), true)
        }
        IntakeStep::WriteCase(number, write) => {
            let went_through = world.case_mut(subject, number).is_some_and(|case| case.write(&write));
            (flow.clone().wrote(went_through), true)
        }
        IntakeStep::Start(case) => (flow.clone().started(start(world, config, machine, subject, &case)), true),
        IntakeStep::Done(_) | IntakeStep::ContentionExhausted | IntakeStep::ExecutionsKeepFailing(_) => {
            (flow.clone(), false)
        }
    };
    *flow = next;
    effect
}

fn take_in(world: &mut ModelState, config: &Config, subject: usize, finding: usize, mut write: IntakeWrite) -> bool {
    let careless = DroppedConditions {
        of_the_record: config.mutation == Some(Mutation::OverwritesFinding),
        of_the_case: config.mutation == Some(Mutation::OpensWithoutCondition),
    };
    if let (CaseChange::Update(number, update), Some(mutation)) = (&write.case, config.mutation) {
        write.case = CaseChange::Update(*number, mutation.alter_write(update.clone()));
    }
    world.subject_mut(subject).take_in(finding, &write, careless)
}

/// Whether the write suppresses a finding whose investigation a transient failure prevented. (An alert that was resolved may have
/// been read before it was resolved: then the finding is suppressed rightly.)
fn suppresses_wrongly(world: &ModelState, subject: usize, write: &IntakeWrite) -> bool {
    let case = world.case(subject, write.finding.case).filter(|case| case.is_closed());
    let outcome = case.and_then(|case| last_alert_outcome(&case.progress));
    let is_transient = outcome.is_some_and(|it| it.is_transient && it.cause == AlertCause::NotInvestigated);
    matches!(write.case, CaseChange::Unchanged) && is_transient
}

/// Records the outcome of the message's finding.
fn record_outcome(world: &mut ModelState, message: usize, part: usize, write: &IntakeWrite, wrongly: bool) {
    let number = write.finding.case;
    let end = match &write.case {
        CaseChange::Open(_) => FindingOutcome::InCase { number, is_renewal: false },
        CaseChange::Update(_, update) => {
            FindingOutcome::InCase { number, is_renewal: update.changes.contains(&Change::Renew) }
        }
        CaseChange::Unchanged => FindingOutcome::Suppressed { is_wrong: wrongly },
    };
    world.queue[message].outcomes[part] = Some(end);
}

fn run_restart(
    end: usize,
    flow: &mut RestartExecutionFlow,
    world: &mut ModelState,
    config: &Config,
    machine: &Machine,
    result: StepResult,
) -> bool {
    let ended = world.ended_executions[end];
    let progress = world.case(ended.subject, ended.number).map(|case| case.progress);
    let (next, effect) = match flow.step() {
        RestartExecutionStep::Read => {
            let read = flow.read(progress);
            let counted_before = *flow == RestartExecutionFlow::begin(ended.attempt)
                && matches!(read.step(), RestartExecutionStep::Start(_));
            // Mutation: relies on the invocation that counted the attempt to start it.
            let forgets = config.mutation == Some(Mutation::SkipsStartOfCountedAttempt) && counted_before;
            (if forgets { flow.read(None) } else { read }, false)
        }
        RestartExecutionStep::Write(write) => {
            let went_through = world.case_mut(ended.subject, ended.number).is_some_and(|case| case.write(&write));
            (flow.wrote(went_through && result != StepResult::ResponseLost), true)
        }
        RestartExecutionStep::Start(case) => (flow.started(start(world, config, machine, ended.subject, &case)), true),
        RestartExecutionStep::Done(_) | RestartExecutionStep::RestartLimitReached => return false,
    };
    *flow = next;
    effect
}

fn run_follow_up(
    subject: usize,
    number: CaseNumber,
    flow: &mut FollowUpFlow,
    world: &mut ModelState,
    config: &Config,
    machine: &Machine,
    result: StepResult,
) -> bool {
    let (next, effect) = match flow.step() {
        FollowUpStep::Read => (flow.read(world.case(subject, number).map(|case| case.progress)), false),
        FollowUpStep::Write(write) => {
            let write = config.mutation.map_or_else(|| write.clone(), |mutation| mutation.alter_write(write.clone()));
            let went_through = world.case_mut(subject, number).is_some_and(|case| case.write(&write));
            (flow.wrote(went_through && result != StepResult::ResponseLost), true)
        }
        FollowUpStep::Start(case) => (flow.started(start(world, config, machine, subject, &case)), true),
        FollowUpStep::Done(_) => return false,
    };
    *flow = next;
    effect
}

/// StartExecution, then DescribeExecution if the name is in use.
fn start(
    world: &mut ModelState,
    config: &Config,
    machine: &Machine,
    subject: usize,
    case: &CaseProgress,
) -> ExecutionState {
    let name = (subject, case.number, case.execution_attempt);
    let status = match world.executions.iter().find(|it| (it.subject, it.number, it.attempt) == name) {
        None => {
            world.executions.push(Execution::new(subject, case.number, case.execution_attempt, machine));
            world.executions.sort_unstable_by_key(|it| (it.subject, it.number.sequence, it.attempt));
            ExecutionState::Started
        }
        Some(execution) if execution.has_failed() => ExecutionState::Failed,
        Some(_) => ExecutionState::RunningOrSucceeded,
    };
    match status {
        ExecutionState::Failed if config.mutation == Some(Mutation::IgnoresFailedExecution) => {
            ExecutionState::RunningOrSucceeded
        }
        status => status,
    }
}
