//! Executions of the state machine, and the invocations of the functions that it calls.

use crate::actions::Goes;
use crate::config::Config;
use crate::fault::Faulty;
use crate::machine::{Answer, Ended, Machine, Place, Waiting};
use crate::rows::Seen;
use crate::shared::Shared;
use crate::world::World;
use gumshoe_domain::case::flows::{
    AssessFlow, AssessStep, EvaluationOutcome, SendFailure, SendFlow, SendOutcome, SendStep, record_published_write,
};
use gumshoe_domain::case::{CaseFacts, CaseNumber, CaseProgress, CaseWrite, Change, FollowUpRule, UncoveredActivity};
use gumshoe_domain::verdict::{EngineResults, OpenQuestions, Verdict, VerdictLevel};
use jiff::Timestamp;

/// An execution.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Execution {
    pub(crate) subject: usize,
    pub(crate) number: CaseNumber,
    /// 0: a person chose its name.
    pub(crate) attempt: u32,
    pub(crate) place: Place,
    /// What it waits for there.
    pub(crate) waiting: Waiting,
    pub(crate) invocation: Option<Shared<Invocation>>,
    /// It waits until somebody's claim is over.
    pub(crate) waits: bool,
}

/// An invocation of assess-case or send-alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Invocation {
    pub(crate) subject: usize,
    pub(crate) number: CaseNumber,
    /// By how many seconds its clock goes wrong.
    skew: i64,
    pub(crate) work: Work,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Work {
    Assess { way: AssessFlow, seen: Seen, last: bool, last_investigation: bool, investigated: bool },
    Send { way: SendFlow, seen: Seen, read: Option<CaseProgress>, owed: Option<(u32, bool)> },
    Record { revision: u32 },
}

/// How a step of an invocation came out.
pub(crate) struct Stepped {
    /// Whether it changed anything outside.
    pub(crate) effect: bool,
    /// What the invocation ended with, if it has.
    pub(crate) ended: Option<Ended>,
}

enum Gave {
    On { effect: bool },
    Answer(Answer),
    Error(&'static str),
}

impl Execution {
    pub(crate) fn new(subject: usize, number: CaseNumber, attempt: u32, machine: &Machine) -> Self {
        let place = machine.start;
        Self { subject, number, attempt, place, waiting: machine.waiting(place), invocation: None, waits: false }
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.waiting == Waiting::Failed
    }

    pub(crate) fn runs(&self) -> bool {
        !matches!(self.waiting, Waiting::Failed | Waiting::Succeeded)
    }
}

impl Invocation {
    pub(crate) fn new(execution: &Execution, world: &World, config: &Config) -> Option<Self> {
        let skew = if execution.attempt % 2 == 1 { -config.time.skew } else { config.time.skew };
        let work = match execution.waiting {
            Waiting::Assess { last_round, last_investigation, investigated } => Work::Assess {
                way: AssessFlow::begin(world.now(config, skew, execution.subject), last_round, second_look(config)),
                seen: Seen::default(),
                last: last_round,
                last_investigation,
                investigated,
            },
            Waiting::Send => Work::Send { way: SendFlow::begin(), seen: Seen::default(), read: None, owed: None },
            Waiting::Record { revision } => Work::Record { revision },
            _ => return None,
        };
        Some(Self { subject: execution.subject, number: execution.number, skew, work })
    }

    /// Takes one step, and ends with it if nothing is left to ask for.
    pub(crate) fn step(&mut self, world: &mut World, config: &Config, goes: Goes) -> Stepped {
        let mut gave = self.one(world, config, goes);
        let effect = matches!(gave, Gave::On { effect: true } | Gave::Answer(Answer::Recorded));
        let now = world.now(config, self.skew, self.subject);
        let is_over = match &self.work {
            Work::Assess { way, .. } => matches!(way.step(), AssessStep::Done(_)),
            Work::Send { way, owed, .. } => {
                owed.is_none() && matches!(way.step(now), SendStep::Done(_) | SendStep::Fail(_))
            }
            Work::Record { .. } => false,
        };
        if is_over && matches!(gave, Gave::On { .. }) {
            gave = self.one(world, config, Goes::Well);
        }
        let ended = match gave {
            Gave::On { .. } => None,
            Gave::Answer(answer) => Some(Ended::Answer(answer)),
            Gave::Error(error) => Some(Ended::Error(error)),
        };
        Stepped { effect, ended }
    }

    fn one(&mut self, world: &mut World, config: &Config, goes: Goes) -> Gave {
        let now = world.now(config, self.skew, self.subject);
        match self.work {
            Work::Assess { .. } => self.assess(world, config, goes),
            Work::Send { .. } => self.send(world, config, goes, now),
            Work::Record { revision } => {
                let written = world
                    .case_mut(self.subject, self.number)
                    .map(|case| case.write(&record_published_write(revision, now)));
                written.map_or(Gave::Error("NoSuchCase"), |_| Gave::Answer(Answer::Recorded))
            }
        }
    }

    /// Whether the next step asks SNS to publish.
    pub(crate) fn publishes(&self, world: &World, config: &Config) -> bool {
        let now = world.now(config, self.skew, self.subject);
        matches!(self.work, Work::Send { way, .. } if matches!(way.step(now), SendStep::Publish { .. }))
    }

    /// Whether the next step records that something is published: calls end in time, so that this is done before its claim
    /// is over.
    pub(crate) fn records(&self) -> bool {
        matches!(self.work, Work::Send { way, .. } if way.after_failed_write().is_some())
    }

    fn assess(&mut self, world: &mut World, config: &Config, goes: Goes) -> Gave {
        let Work::Assess { way, seen, last, last_investigation, investigated } = &mut self.work else {
            return Gave::Error("OutOfTurn");
        };
        let by_number_only = config.faulty == Some(Faulty::KnowsCasesByNumberOnly);
        match way.step() {
            AssessStep::Read => {
                let Some(case) = world.case(self.subject, self.number) else { return Gave::Error("NoSuchCase") };
                let mut progress = case.progress;
                if config.faulty == Some(Faulty::ReusesRevisions) {
                    progress.claimed_revision = progress.published_revision;
                }
                if config.faulty == Some(Faulty::TellsTheSameAgain) {
                    progress.previous_notification = None;
                }
                *way = way.read(progress);
                Gave::On { effect: false }
            }
            AssessStep::Evaluate => {
                let subject = &world.subjects[self.subject];
                let Some(case) = subject.case(self.number.sequence) else { return Gave::Error("NoSuchCase") };
                *seen = subject.seen(self.number, by_number_only);
                let high = subject.is_high(self.number, by_number_only);
                let unasked = config.second_engine && high && !case.asked;
                let unseen = seen.iter().zip(case.investigated).any(|(state, looked_at)| *state > looked_at);
                let begun = case.progress.follow_up_at.is_some();
                let facts = CaseFacts {
                    is_active: case.progress.status.is_active(),
                    is_last: *last || *last_investigation,
                    is_not_investigated: !*investigated,
                    can_restart_investigation: false,
                    has_follow_up_begun: begun,
                    is_follow_up_missing: begun && !case.looked_twice,
                    is_running: *investigated && case.running,
                    is_guardduty_request_missing: unasked,
                    is_quiet: !high,
                    is_empty: !high,
                    uncovered: if unseen { UncoveredActivity::AfterInvestigation } else { UncoveredActivity::None },
                    coverage: config.coverage,
                };
                let course = config.faulty.map_or(facts, |faulty| faulty.mistake(facts)).decide();
                let weighed = course.into_outcome(|has_result| verdict(config, high, has_result));
                let Ok(weighed) = weighed else { return Gave::Error("DetectiveUnavailable") };
                *way = way.evaluated(weighed);
                Gave::On { effect: false }
            }
            AssessStep::Write(write) => {
                let has_result = *investigated;
                let write = spoiled(config, write);
                let Some(case) = world.case_mut(self.subject, self.number) else { return Gave::Error("NoSuchCase") };
                let went_through = case.write(&write);
                if let (true, Some(assessed)) = (went_through, write.assessment()) {
                    case.assessed = *seen;
                    if write.changes.iter().any(|change| matches!(change, Change::Close(_))) {
                        case.closed_quietly = Some(*seen);
                        case.closed_without_result =
                            if has_result { case.running } else { !assessed.is_already_notified };
                    }
                }
                *way = way.wrote(went_through && goes != Goes::Unheard);
                Gave::On { effect: true }
            }
            AssessStep::Done(outcome) => Gave::Answer(Answer::Assessed(outcome)),
        }
    }

    fn send(&mut self, world: &mut World, config: &Config, goes: Goes, now: Timestamp) -> Gave {
        let (subject, number) = (self.subject, self.number);
        let Work::Send { way, seen, read, owed } = &mut self.work else { return Gave::Error("OutOfTurn") };
        let is = |faulty| config.faulty == Some(faulty);
        let step = way.step(now);
        // A mistake: what should have been published before is published now.
        if let (Some((revision, repeated)), SendStep::Write(_) | SendStep::Done(_), Some(case)) = (*owed, &step, *read)
        {
            let due = if is(Faulty::RecordsBeforePublishing) {
                way.after_failed_write().is_none()
            } else {
                matches!(step, SendStep::Done(_))
            };
            if due {
                *owed = None;
                publish(world, subject, &case, *seen, (revision, repeated), goes != Goes::Well);
                return Gave::On { effect: true };
            }
        }
        match step {
            SendStep::Read => {
                let Some(case) = world.case(subject, number) else { return Gave::Error("NoSuchCase") };
                let mut progress = case.progress;
                *seen = case.assessed;
                *read = Some(progress);
                if is(Faulty::DoesNotWait) {
                    progress.publishing_until = None;
                }
                *way = way.read(progress, now);
                Gave::On { effect: false }
            }
            SendStep::Write(_) if goes == Goes::Refused => {
                let Some(next) = way.after_failed_write() else { return Gave::Error("TableUnavailable") };
                *way = next;
                Gave::On { effect: true }
            }
            SendStep::Write(write) => {
                let mut write = spoiled(config, write);
                if is(Faulty::ClosesBeforePublishing) && owed.is_some() {
                    write
                        .conditions
                        .retain(|condition| !matches!(condition, gumshoe_domain::case::Condition::Published(_)));
                }
                let Some(case) = world.case_mut(subject, number) else { return Gave::Error("NoSuchCase") };
                let went_through = case.write(&write);
                *way = way.wrote(went_through && goes != Goes::Unheard);
                Gave::On { effect: true }
            }
            SendStep::Publish { revision, repeated } => {
                let Some(case) = *read else { return Gave::Error("OutOfTurn") };
                if is(Faulty::RecordsBeforePublishing) || is(Faulty::ClosesBeforePublishing) {
                    *owed = Some((revision, repeated));
                    *way = way.published(true, now);
                    return Gave::On { effect: false };
                }
                if goes != Goes::Refused {
                    publish(world, subject, &case, *seen, (revision, repeated), goes != Goes::Well);
                }
                *way = way.published(goes == Goes::Well, now);
                Gave::On { effect: true }
            }
            SendStep::Done(sent) => Gave::Answer(match sent {
                SendOutcome::Closed | SendOutcome::ClosedBefore | SendOutcome::ClosedQuietly => Answer::Closed,
                SendOutcome::Watching => Answer::Watching,
                SendOutcome::Changed => Answer::Changed,
                SendOutcome::Unrecorded => {
                    Answer::Unrecorded(read.and_then(|case| case.last_assessment).map_or(0, |it| it.revision))
                }
            }),
            SendStep::Fail(stop) => Gave::Error(match stop {
                SendFailure::InFlight | SendFailure::ClaimExpired => "AlertInFlight",
                SendFailure::Changed => "TableChanged",
                SendFailure::NotPublished => "TopicUnavailable",
                SendFailure::NoAssessment => "OutOfTurn",
            }),
        }
    }
}

fn publish(
    world: &mut World,
    subject: usize,
    case: &CaseProgress,
    seen: Seen,
    (revision, repeated): (u32, bool),
    doubtful: bool,
) {
    world.publish(subject, case, revision, repeated, doubtful);
    let told = world.case_mut(subject, case.number).map(|case| &mut case.told);
    for (told, seen) in told.into_iter().flatten().zip(seen) {
        *told = (*told).max(seen);
    }
}

/// What a case comes to by a verdict, whose level is that of its worst finding.
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

/// A mistake: quiet cases are closed at once.
fn second_look(config: &Config) -> FollowUpRule {
    if config.faulty == Some(Faulty::ClosesWithoutSecondLook) { FollowUpRule::OFF } else { config.second_look() }
}

fn spoiled(config: &Config, write: CaseWrite) -> CaseWrite {
    config.faulty.map_or_else(|| write.clone(), |faulty| faulty.spoil(write.clone()))
}
