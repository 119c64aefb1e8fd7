//! The state of the model: the simulated services (a table with conditional writes, a queue that delivers at least once,
//! executions, a topic that counts), and observations that no function can read.

use crate::config::{Config, FaultLimits};
use crate::execution::{Execution, Invocation};
use crate::open_case::OpenCaseInvocation;
use crate::rows::{Case, Subject};
use crate::shared::Shared;
use gumshoe_domain::case::{AlertOutcome, CaseNumber, CaseProgress};
use gumshoe_domain::verdict::AlertCause;
use jiff::{SignedDuration, Timestamp};

/// The state of the model.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ModelState {
    pub(crate) subjects: [Shared<Subject>; 2],
    pub(crate) queue: Vec<QueueMessage>,
    /// Events of EventBridge about executions that failed.
    pub(crate) ended_executions: Vec<ExecutionEnded>,
    pub(crate) open_case_invocations: [Option<Shared<OpenCaseInvocation>>; 2],
    pub(crate) executions: Vec<Execution>,
    /// Invocations that continue although Step Functions has abandoned them.
    pub(crate) abandoned: Vec<Invocation>,
    pub(crate) publications: Vec<Publication>,
    /// The faults that may still happen.
    pub(crate) faults_left: FaultLimits,
    /// The number of long steps of time that have passed.
    pub(crate) hour_steps_taken: u8,
    pub(crate) claim_waits: [u8; 2],
}

/// A message in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct QueueMessage {
    /// How many deliveries are available.
    pub(crate) deliveries: u8,
    pub(crate) is_processed: bool,
    /// The outcome for each of its subjects.
    pub(crate) outcomes: [Option<FindingOutcome>; 2],
}

/// The outcome of a finding's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum FindingOutcome {
    /// It is part of that case. `is_renewal`: as an update of a finding that was part of it.
    InCase { number: CaseNumber, is_renewal: bool },
    /// It was counted and suppressed. `is_wrong`: although a transient failure had prevented the investigation of its case.
    Suppressed { is_wrong: bool },
    /// This state of it, or a later one, was processed before.
    Duplicate,
}

/// An event of EventBridge about an execution that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ExecutionEnded {
    pub(crate) subject: usize,
    pub(crate) number: CaseNumber,
    pub(crate) attempt: Option<u32>,
    pub(crate) deliveries: u8,
}

/// A revision of a case's alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Publication {
    pub(crate) subject: usize,
    pub(crate) number: CaseNumber,
    pub(crate) revision: u32,
    /// The number of the assessment that it reports.
    pub(crate) assessment: u32,
    pub(crate) cause: Option<AlertCause>,
    pub(crate) count: u8,
    /// How often no function could know whether it was published: the response was lost, or the caller crashed.
    pub(crate) unknown_deliveries: u8,
    /// Whether each message but the first was marked as repeated.
    pub(crate) repeats_are_marked: bool,
    /// Whether all its messages report the same assessment.
    pub(crate) has_one_assessment: bool,
    /// Whether a later revision of the case was published before one of its messages.
    pub(crate) is_out_of_order: bool,
    /// Whether people were notified of the same outcome before the case was opened, and nothing else joined.
    pub(crate) is_duplicate_notification: bool,
}

impl ModelState {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            subjects: Default::default(),
            queue: config
                .messages
                .iter()
                .map(|_| QueueMessage { deliveries: 1, is_processed: false, outcomes: [None; 2] })
                .collect(),
            ended_executions: Vec::new(),
            open_case_invocations: [None, None],
            executions: Vec::new(),
            abandoned: Vec::new(),
            publications: Vec::new(),
            faults_left: config.fault_limits,
            hour_steps_taken: 0,
            claim_waits: [0; 2],
        }
    }

    /// The time for a subject, by a clock with this skew in seconds. Subjects are independent, so each has its own time.
    pub(crate) fn now(&self, config: &Config, skew: i64, subject: usize) -> Timestamp {
        let hours: i64 = config.clock.hour_steps.iter().take(usize::from(self.hour_steps_taken)).sum();
        let seconds = hours * 3600 + i64::from(self.claim_waits[subject]) * 41 + skew;
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_800_000_000 + seconds)
    }

    /// Sorts what has no order, so that equal states compare equal.
    pub(crate) fn canonicalize(&mut self, config: &Config) {
        self.executions.sort_unstable_by_key(|it| (it.subject, it.number.sequence, it.number.opened_at, it.attempt));
        self.ended_executions
            .sort_unstable_by_key(|it| (it.subject, it.number.sequence, it.number.opened_at, it.attempt));
        self.subjects.iter_mut().for_each(|it| _ = it.rehash());
        let invocations = self.executions.iter_mut().filter_map(|it| it.invocation.as_mut());
        invocations.for_each(|it| _ = it.rehash());
        let hashes = self.open_case_invocations.each_mut().map(|it| it.as_mut().map(Shared::rehash));
        // Two invocations of the same function differ only by their clocks.
        if config.clock.skew_seconds == 0 {
            let [one, other] = hashes;
            if one < other {
                self.open_case_invocations.swap(0, 1);
            }
        }
    }

    /// The cases and the publications, on one line.
    #[must_use]
    pub fn summary(&self) -> String {
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
        let published = |it: &Publication| {
            format!(
                "published {}.{} r{} of #{} x{}",
                it.subject, it.number.sequence, it.revision, it.assessment, it.count
            )
        };
        let parts: Vec<String> = self.cases().map(case).chain(self.publications.iter().map(published)).collect();
        parts.join("; ")
    }

    /// Whether a case is due: the next sweep begins its follow-up or starts its execution.
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

    /// Marks that no function can know whether that revision was published.
    pub(crate) fn mark_publication_unknown(&mut self, subject: usize, number: CaseNumber, revision: u32) {
        let of_it = |it: &&mut Publication| (it.subject, it.number, it.revision) == (subject, number, revision);
        if let Some(publication) = self.publications.iter_mut().find(of_it) {
            publication.unknown_deliveries += 1;
        }
    }

    /// SNS accepts a message.
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
        let came_late = self.publications.iter().any(later);
        match self.publications.iter_mut().find(same) {
            Some(before) => {
                before.count += 1;
                before.unknown_deliveries += u8::from(doubtful);
                before.repeats_are_marked &= repeated;
                before.has_one_assessment &= before.assessment == case.assessment_count;
                before.is_out_of_order |= came_late;
            }
            None => {
                self.publications.push(Publication {
                    subject,
                    number,
                    revision,
                    assessment: case.assessment_count,
                    cause: case.last_assessment.and_then(|it| it.alert_cause),
                    count: 1,
                    unknown_deliveries: u8::from(doubtful),
                    repeats_are_marked: true,
                    has_one_assessment: true,
                    is_out_of_order: came_late,
                    is_duplicate_notification: is_duplicate_notification(case),
                });
                self.publications.sort_unstable_by_key(|it| (it.subject, it.number.sequence, it.revision));
            }
        }
    }
}

/// Whether the case's assessment has the outcome that people were notified of before it was opened.
fn is_duplicate_notification(case: &CaseProgress) -> bool {
    let outcome = case
        .last_assessment
        .and_then(|it| Some(AlertOutcome { cause: it.alert_cause?, level: it.level, is_transient: it.is_transient }));
    case.joined_count == 1 && case.previous_notification.is_some_and(|before| Some(before.outcome) == outcome)
}
