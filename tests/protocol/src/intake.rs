//! Invocations of open-case.

use crate::actions::Goes;
use crate::config::Config;
use crate::execution::Execution;
use crate::fault::Faulty;
use crate::machine::Machine;
use crate::rows::Careless;
use crate::world::{End, World};
use gumshoe_domain::case::flows::{
    ExecutionState, FollowUpFlow, FollowUpStep, IntakeFlow, IntakeStep, RestartExecutionFlow, RestartExecutionStep,
};
use gumshoe_domain::case::{
    CaseChange, CaseNumber, CaseProgress, Change, IntakeDecision as Decided, IntakeRules, IntakeWrite, SuppressReason,
    last_alert_outcome,
};
use gumshoe_domain::verdict::AlertCause;
use jiff::SignedDuration;

/// For how long an alerted finding is only counted.
const REALERT: SignedDuration = SignedDuration::from_hours(24);

/// An invocation with one message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Intake {
    /// A finding, for the message's subject of that index.
    Finding { message: usize, part: usize, way: IntakeFlow, wrote: bool },
    /// The end of an execution.
    End { end: usize, way: RestartExecutionFlow },
    /// A case that is listed for its second look.
    Return { subject: usize, number: CaseNumber, way: FollowUpFlow },
}

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is done.
    Done,
    /// It goes back to the queue.
    Back,
}

impl Intake {
    pub(crate) fn with_message(message: usize, config: &Config, world: &World, slot: usize) -> Self {
        Self::Finding { message, part: 0, way: receiving(message, 0, config, world, slot), wrote: false }
    }

    pub(crate) fn with_end(end: usize, world: &World) -> Self {
        Self::End { end, way: RestartExecutionFlow::begin(world.ends[end].attempt) }
    }

    pub(crate) fn with_listed(subject: usize, number: CaseNumber, config: &Config, world: &World, slot: usize) -> Self {
        Self::Return { subject, number, way: FollowUpFlow::begin(world.now(config, skew_of(slot, config), subject)) }
    }

    /// Whether it works a message about that subject.
    pub(crate) fn concerns(&self, config: &Config, world: &World, subject: usize) -> bool {
        match self {
            Self::Finding { message, .. } => config.messages[*message].subjects.contains(&subject),
            Self::End { end, .. } => world.ends[*end].subject == subject,
            Self::Return { subject: its, .. } => *its == subject,
        }
    }

    /// Takes one step, and ends with it if nothing is left to ask for. Gives whether it changed anything outside, and what
    /// becomes of the message if it has ended.
    pub(crate) fn step(
        &mut self,
        world: &mut World,
        config: &Config,
        machine: &Machine,
        slot: usize,
        goes: Goes,
    ) -> (bool, Option<Verdict>) {
        let starts = self.starts();
        let effect = self.one(world, config, machine, goes);
        if starts && goes == Goes::Unheard {
            return (effect, Some(Verdict::Back)); // it fails for want of an answer
        }
        (effect, self.ended(world, config, slot))
    }

    /// Whether the next step starts an execution.
    fn starts(&self) -> bool {
        match self {
            Self::Finding { way, .. } => matches!(way.step(), IntakeStep::Start(_)),
            Self::End { way, .. } => matches!(way.step(), RestartExecutionStep::Start(_)),
            Self::Return { way, .. } => matches!(way.step(), FollowUpStep::Start(_)),
        }
    }

    fn one(&mut self, world: &mut World, config: &Config, machine: &Machine, goes: Goes) -> bool {
        match self {
            Self::Finding { message, part, way, wrote } => {
                *wrote |= matches!(way.step(), IntakeStep::Write(_));
                finding(*message, *part, way, world, config, machine, goes)
            }
            Self::End { end, way } => succession(*end, way, world, config, machine, goes),
            Self::Return { subject, number, way } => bring_back(*subject, *number, way, world, config, machine, goes),
        }
    }

    /// What becomes of the message, if nothing is left to ask for.
    fn ended(&mut self, world: &mut World, config: &Config, slot: usize) -> Option<Verdict> {
        match self {
            Self::Finding { message, part, way, wrote } => {
                match way.step() {
                    IntakeStep::Done(received) => {
                        world.queue[*message].ends[*part].get_or_insert(match received.intake {
                            Decided::Suppress(SuppressReason::AlreadyAlerted) => End::Suppressed { wrongly: false },
                            _ => End::Known,
                        });
                        let subject = config.messages[*message].subjects[*part];
                        if let Some(case) = received.case.and_then(|number| world.case_mut(subject, number)) {
                            case.stopped = false;
                        }
                    }
                    // A mistake: whoever opened the case will have started its execution.
                    IntakeStep::Start(_) if config.faulty == Some(Faulty::ForgetsTheExecution) && !*wrote => {
                        world.queue[*message].ends[*part].get_or_insert(End::Known);
                    }
                    IntakeStep::ContentionExhausted | IntakeStep::ExecutionsKeepFailing(_) => {
                        return Some(Verdict::Back);
                    }
                    _ => return None,
                }
                if *part + 1 == config.messages[*message].subjects.len() {
                    return Some(Verdict::Done);
                }
                (*part, *wrote) = (*part + 1, false);
                *way = receiving(*message, *part, config, world, slot);
                None
            }
            Self::End { way, .. } => match way.step() {
                RestartExecutionStep::Done(_) | RestartExecutionStep::RestartLimitReached => Some(Verdict::Done),
                _ => None,
            },
            Self::Return { way, .. } => matches!(way.step(), FollowUpStep::Done(_)).then_some(Verdict::Done),
        }
    }
}

fn receiving(message: usize, part: usize, config: &Config, world: &World, slot: usize) -> IntakeFlow {
    let now = world.now(config, skew_of(slot, config), config.messages[message].subjects[part]);
    let rules = IntakeRules { realert_after: REALERT, follow_up: config.second_look() };
    IntakeFlow::begin(config.messages[message].state, now, rules)
}

fn skew_of(slot: usize, config: &Config) -> i64 {
    if slot == 0 { config.time.skew } else { -config.time.skew }
}

/// A case as open-case reads it. A mistake: what may pass is read as what never does.
fn read(config: &Config, progress: Option<CaseProgress>) -> Option<CaseProgress> {
    let mut progress = progress?;
    if config.faulty == Some(Faulty::MutesWhatMayPass)
        && let Some(assessed) = &mut progress.last_assessment
    {
        assessed.is_transient = false;
    }
    Some(progress)
}

fn finding(
    message: usize,
    part: usize,
    way: &mut IntakeFlow,
    world: &mut World,
    config: &Config,
    machine: &Machine,
    goes: Goes,
) -> bool {
    let (finding, subject) = (config.messages[message].finding, config.messages[message].subjects[part]);
    let is = |faulty| config.faulty == Some(faulty);
    let by_number_only = is(Faulty::KnowsCasesByNumberOnly);
    let (next, effect) = match way.step() {
        IntakeStep::ReadLatest => (way.clone().read_case(read(config, world.subjects[subject].latest())), false),
        IntakeStep::ReadFinding => {
            let mut known = world.subjects[subject].findings[finding];
            if let (true, Some(it)) = (by_number_only, &mut known)
                && let Some(case) = world.subjects[subject].case(it.case.sequence)
            {
                it.case = case.progress.number;
            }
            (way.clone().read_finding(known), false)
        }
        IntakeStep::ReadCase(sequence) => {
            let case = world.subjects[subject].case(sequence).map(|case| case.progress);
            (way.clone().read_case(read(config, case)), false)
        }
        IntakeStep::Write(write) => {
            let wrongly = mutes_wrongly(world, subject, &write);
            let went_through = take_in(world, config, subject, finding, write.clone());
            if went_through {
                note(world, message, part, &write, wrongly);
            }
            (way.clone().wrote(went_through && goes != Goes::Unheard), true)
        }
        IntakeStep::WriteCase(number, write) => {
            let went_through = world.case_mut(subject, number).is_some_and(|case| case.write(&write));
            (way.clone().wrote(went_through), true)
        }
        IntakeStep::Start(case) => (way.clone().started(start(world, config, machine, subject, &case)), true),
        IntakeStep::Done(_) | IntakeStep::ContentionExhausted | IntakeStep::ExecutionsKeepFailing(_) => {
            (way.clone(), false)
        }
    };
    *way = next;
    effect
}

fn take_in(world: &mut World, config: &Config, subject: usize, finding: usize, mut write: IntakeWrite) -> bool {
    let careless = Careless {
        of_the_record: config.faulty == Some(Faulty::WritesOverTheFinding),
        of_the_case: config.faulty == Some(Faulty::OpensWithoutLooking),
    };
    if let (CaseChange::Update(number, update), Some(faulty)) = (&write.case, config.faulty) {
        write.case = CaseChange::Update(*number, faulty.spoil(update.clone()));
    }
    world.subject_mut(subject).take_in(finding, &write, careless)
}

/// Whether it would mute what a failure that may pass kept from being investigated. (An alert that was taken back may have been
/// read while it stood: then it is muted by what people knew.)
fn mutes_wrongly(world: &World, subject: usize, write: &IntakeWrite) -> bool {
    let case = world.case(subject, write.finding.case).filter(|case| case.is_closed());
    let outcome = case.and_then(|case| last_alert_outcome(&case.progress));
    let is_transient = outcome.is_some_and(|it| it.is_transient && it.cause == AlertCause::NotInvestigated);
    matches!(write.case, CaseChange::Unchanged) && is_transient
}

/// Notes what became of the message's finding.
fn note(world: &mut World, message: usize, part: usize, write: &IntakeWrite, wrongly: bool) {
    let number = write.finding.case;
    let end = match &write.case {
        CaseChange::Open(_) => End::InCase { number, renewed: false },
        CaseChange::Update(_, update) => End::InCase { number, renewed: update.changes.contains(&Change::Renew) },
        CaseChange::Unchanged => End::Suppressed { wrongly },
    };
    world.queue[message].ends[part] = Some(end);
}

fn succession(
    end: usize,
    way: &mut RestartExecutionFlow,
    world: &mut World,
    config: &Config,
    machine: &Machine,
    goes: Goes,
) -> bool {
    let ended = world.ends[end];
    let progress = world.case(ended.subject, ended.number).map(|case| case.progress);
    let (next, effect) = match way.step() {
        RestartExecutionStep::Read => {
            let read = way.read(progress);
            let counted_before = *way == RestartExecutionFlow::begin(ended.attempt)
                && matches!(read.step(), RestartExecutionStep::Start(_));
            // A mistake: whoever counted the attempt will have started it.
            let forgets = config.faulty == Some(Faulty::ForgetsToStartWhatWasCounted) && counted_before;
            (if forgets { way.read(None) } else { read }, false)
        }
        RestartExecutionStep::Write(write) => {
            let went_through = world.case_mut(ended.subject, ended.number).is_some_and(|case| case.write(&write));
            (way.wrote(went_through && goes != Goes::Unheard), true)
        }
        RestartExecutionStep::Start(case) => (way.started(start(world, config, machine, ended.subject, &case)), true),
        RestartExecutionStep::Done(_) | RestartExecutionStep::RestartLimitReached => return false,
    };
    *way = next;
    effect
}

fn bring_back(
    subject: usize,
    number: CaseNumber,
    way: &mut FollowUpFlow,
    world: &mut World,
    config: &Config,
    machine: &Machine,
    goes: Goes,
) -> bool {
    let (next, effect) = match way.step() {
        FollowUpStep::Read => (way.read(world.case(subject, number).map(|case| case.progress)), false),
        FollowUpStep::Write(write) => {
            let write = config.faulty.map_or_else(|| write.clone(), |faulty| faulty.spoil(write.clone()));
            let went_through = world.case_mut(subject, number).is_some_and(|case| case.write(&write));
            (way.wrote(went_through && goes != Goes::Unheard), true)
        }
        FollowUpStep::Start(case) => (way.started(start(world, config, machine, subject, &case)), true),
        FollowUpStep::Done(_) => return false,
    };
    *way = next;
    effect
}

/// StartExecution, and DescribeExecution where the name is taken.
fn start(world: &mut World, config: &Config, machine: &Machine, subject: usize, case: &CaseProgress) -> ExecutionState {
    let name = (subject, case.number, case.execution_attempt);
    let standing = match world.executions.iter().find(|it| (it.subject, it.number, it.attempt) == name) {
        None => {
            world.executions.push(Execution::new(subject, case.number, case.execution_attempt, machine));
            world.executions.sort_unstable_by_key(|it| (it.subject, it.number.sequence, it.attempt));
            ExecutionState::Started
        }
        Some(execution) if execution.has_failed() => ExecutionState::Failed,
        Some(_) => ExecutionState::RunningOrSucceeded,
    };
    match standing {
        ExecutionState::Failed if config.faulty == Some(Faulty::TrustsTheDead) => ExecutionState::RunningOrSucceeded,
        standing => standing,
    }
}
