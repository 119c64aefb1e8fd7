//! The world around the functions: a table that carries out conditional writes, a queue that delivers at least once,
//! executions, a topic that counts; and notes of what really happened, which no function can see.

use crate::config::{Bounds, Config};
use crate::execution::{Execution, Invocation};
use crate::intake::Intake;
use crate::rows::{Case, Subject};
use crate::shared::Shared;
use gumshoe_domain::case::{AlertOutcome, CaseNumber, CaseProgress};
use gumshoe_domain::verdict::AlertCause;
use jiff::{SignedDuration, Timestamp};

/// Everything, at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World {
    pub(crate) subjects: [Shared<Subject>; 2],
    pub(crate) queue: Vec<Delivery>,
    /// Ends of executions that EventBridge tells of.
    pub(crate) ends: Vec<EndOfExecution>,
    pub(crate) intakes: [Option<Shared<Intake>>; 2],
    pub(crate) executions: Vec<Execution>,
    /// Invocations that run on although Step Functions has given them up.
    pub(crate) orphans: Vec<Invocation>,
    pub(crate) topic: Vec<Publication>,
    /// How much may still go wrong.
    pub(crate) left: Bounds,
    /// How many long steps of time have passed, and how often a claim of each subject's was waited for.
    pub(crate) long_steps: u8,
    pub(crate) waits: [u8; 2],
}

/// A message in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Delivery {
    /// How often it is there to be taken.
    pub(crate) visible: u8,
    /// Whether it was worked.
    pub(crate) done: bool,
    /// What became of it, for each of its subjects.
    pub(crate) ends: [Option<End>; 2],
}

/// What became of a finding's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum End {
    /// It is part of that case; renewed: as a newer state of what was part of it.
    InCase { number: CaseNumber, renewed: bool },
    /// It was counted and suppressed. Wrongly, if the alert of its case had been taken back, or said that something which may
    /// pass kept it from being investigated.
    Suppressed { wrongly: bool },
    /// This state of it, or a later one, was there already.
    Known,
}

/// An execution that failed, as EventBridge tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct EndOfExecution {
    pub(crate) subject: usize,
    pub(crate) number: CaseNumber,
    pub(crate) attempt: Option<u32>,
    pub(crate) visible: u8,
}

/// A revision of a case's alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Publication {
    pub(crate) subject: usize,
    pub(crate) number: CaseNumber,
    pub(crate) revision: u32,
    /// Which assessment it told of.
    pub(crate) assessment: u32,
    /// The cause that it gave.
    pub(crate) cause: Option<AlertCause>,
    /// How often it was published.
    pub(crate) times: u8,
    /// How often nobody could know whether it was: SNS's answer was lost, or died with who waited for it.
    pub(crate) doubts: u8,
    /// Whether each message but the first was marked as a repeat.
    pub(crate) repeats_are_marked: bool,
    /// Whether all messages told of the same assessment.
    pub(crate) says_one_thing: bool,
    /// Whether a later revision of the case was published before one of its messages.
    pub(crate) came_late: bool,
    /// Whether people were notified of the same before the case was opened, and nothing else joined.
    pub(crate) is_known: bool,
}

impl World {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            subjects: Default::default(),
            queue: config.messages.iter().map(|_| Delivery { visible: 1, done: false, ends: [None; 2] }).collect(),
            ends: Vec::new(),
            intakes: [None, None],
            executions: Vec::new(),
            orphans: Vec::new(),
            topic: Vec::new(),
            left: config.bounds,
            long_steps: 0,
            waits: [0; 2],
        }
    }

    /// The moment for that subject, by a clock that goes wrong by so many seconds. What happens to one subject is
    /// nothing to another, so each has its own time.
    pub(crate) fn now(&self, config: &Config, skew: i64, subject: usize) -> Timestamp {
        let hours: i64 = config.time.steps.iter().take(usize::from(self.long_steps)).sum();
        let seconds = hours * 3600 + i64::from(self.waits[subject]) * 41 + skew;
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_800_000_000 + seconds)
    }

    /// The same world, whatever the order in which it came about.
    pub(crate) fn canonical(&mut self, config: &Config) {
        self.executions.sort_unstable_by_key(|it| (it.subject, it.number.sequence, it.number.opened_at, it.attempt));
        self.ends.sort_unstable_by_key(|it| (it.subject, it.number.sequence, it.number.opened_at, it.attempt));
        self.subjects.iter_mut().for_each(|it| _ = it.rehash());
        let invocations = self.executions.iter_mut().filter_map(|it| it.invocation.as_mut());
        invocations.for_each(|it| _ = it.rehash());
        let hashes = self.intakes.each_mut().map(|it| it.as_mut().map(Shared::rehash));
        // Two invocations of the same function differ by nothing, but for their clocks.
        if config.time.skew == 0 {
            let [one, other] = hashes;
            if one < other {
                self.intakes.swap(0, 1);
            }
        }
    }

    /// The cases and what was published, in one line.
    #[must_use]
    pub fn outline(&self) -> String {
        let case = |(subject, case): (usize, &Case)| {
            let it = case.progress;
            let assessed = it
                .last_assessment
                .map(|by| (by.joined_count, by.renewed_count, by.revision, by.alert_cause, by.has_result));
            format!(
                "case {subject}.{} {:?} joined {}+{} assessed {:?}#{} claimed {} published {} attempt {}",
                it.number.sequence,
                it.status,
                it.joined_count,
                it.renewed_count,
                assessed,
                it.assessment_count,
                it.claimed_revision,
                it.published_revision,
                it.execution_attempt
            )
        };
        let told = |it: &Publication| {
            format!("told {}.{} r{} of #{} x{}", it.subject, it.number.sequence, it.revision, it.assessment, it.times)
        };
        let parts: Vec<String> = self.cases().map(case).chain(self.topic.iter().map(told)).collect();
        parts.join("; ")
    }

    /// Whether a case is listed and due: the next sweep brings it further.
    pub(crate) fn is_due(&self, config: &Config, subject: usize, case: &Case) -> bool {
        let until = case.progress.watch_until;
        until.is_some_and(|until| until <= self.now(config, 0, subject))
    }

    /// All cases that the table holds, with their subjects.
    pub(crate) fn cases(&self) -> impl Iterator<Item = (usize, &Case)> {
        self.subjects.iter().enumerate().flat_map(|(index, subject)| subject.cases().map(move |case| (index, case)))
    }

    pub(crate) fn case(&self, subject: usize, number: CaseNumber) -> Option<&Case> {
        self.subjects[subject].case(number.sequence).filter(|case| case.progress.number == number)
    }

    pub(crate) fn subject_mut(&mut self, subject: usize) -> &mut Subject {
        self.subjects[subject].change()
    }

    pub(crate) fn case_mut(&mut self, subject: usize, number: CaseNumber) -> Option<&mut Case> {
        self.subject_mut(subject).slot(number.sequence).as_mut().filter(|case| case.progress.number == number)
    }

    /// From here on nobody can know whether that revision was published.
    pub(crate) fn doubt(&mut self, subject: usize, number: CaseNumber, revision: u32) {
        let of_it = |it: &&mut Publication| (it.subject, it.number, it.revision) == (subject, number, revision);
        if let Some(publication) = self.topic.iter_mut().find(of_it) {
            publication.doubts += 1;
        }
    }

    /// SNS takes a message.
    pub(crate) fn publish(
        &mut self,
        subject: usize,
        case: &CaseProgress,
        revision: u32,
        repeated: bool,
        doubtful: bool,
    ) {
        let number = case.number;
        let same = |it: &&mut Publication| (it.subject, it.number, it.revision) == (subject, number, revision);
        let later = |it: &Publication| (it.subject, it.number) == (subject, number) && it.revision > revision;
        let came_late = self.topic.iter().any(later);
        match self.topic.iter_mut().find(same) {
            Some(before) => {
                before.times += 1;
                before.doubts += u8::from(doubtful);
                before.repeats_are_marked &= repeated;
                before.says_one_thing &= before.assessment == case.assessment_count;
                before.came_late |= came_late;
            }
            None => {
                self.topic.push(Publication {
                    subject,
                    number,
                    revision,
                    assessment: case.assessment_count,
                    cause: case.last_assessment.and_then(|it| it.alert_cause),
                    times: 1,
                    doubts: u8::from(doubtful),
                    repeats_are_marked: true,
                    says_one_thing: true,
                    came_late,
                    is_known: is_known(case),
                });
                self.topic.sort_unstable_by_key(|it| (it.subject, it.number.sequence, it.revision));
            }
        }
    }
}

/// Whether the case's assessment says what people were notified of before it was opened.
fn is_known(case: &CaseProgress) -> bool {
    let told = case
        .last_assessment
        .and_then(|it| Some(AlertOutcome { cause: it.alert_cause?, level: it.level, is_transient: it.is_transient }));
    case.joined_count == 1 && case.previous_notification.is_some_and(|before| Some(before.outcome) == told)
}
