//! send-alert: one revision of a case's alert.
//!
//! ```text
//! read the case ─ claim ─ publish ─ record ─ close, or watch where it was taken back ─ done
//!      │            │        └── SNS failed, or its answer was lost: let go of the claim; the retry publishes again, marked
//!      │            └── the function dies here: others wait until its claim is over, then publish, marked
//!      │                                  └── the table fails: the state machine has it recorded, and nothing is published again
//!      └── somebody else is publishing: stop, and try again
//! ```
//!
//! A claim says until when its holder may be publishing. Others wait for that moment, so that a revision is published
//! twice only where nobody can know whether the first message arrived.

use super::assessing::ending;
use crate::assessment::Assessed;
use crate::case::revision::{Claim, claim};
use crate::case::write::{CaseWrite, Change, Condition};
use crate::case::{CaseProgress, CaseStatus};
use jiff::{SignedDuration, Timestamp};

/// For how long a claim keeps others from publishing.
const CLAIM: SignedDuration = SignedDuration::from_secs(30);

/// What publishing and recording it take at most: two calls, each as long as its time-out in `shared/runtime`.
const PUBLISHING: SignedDuration = SignedDuration::from_secs(18);

/// By how much the clocks of two functions may differ, with what lies between looking at one and calling SNS.
const DIFFERENCE: SignedDuration = SignedDuration::from_secs(5);

/// An alert on its way to the topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sending {
    at: At,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum At {
    Read,
    Claim(Claimed),
    Publish(Claimed),
    LetGo(Claimed),
    Record { claimed: Claimed, now: Timestamp },
    RecordOnly { claimed: Claimed, now: Timestamp },
    Close { case: CaseProgress, assessed: Assessed, now: Timestamp },
    ReadAgain,
    Done(Sent),
    Stopped(Stop),
}

/// A claim, made or about to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Claimed {
    case: CaseProgress,
    assessed: Assessed,
    until: Timestamp,
    repeated: bool,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sent {
    /// The case is closed.
    Closed,
    /// It was closed before; the revision that it was closed with was published.
    ClosedBefore,
    /// It was closed before, quietly.
    ClosedQuietly,
    /// It is watched: the alert was taken back, and the second look is to come. Or somebody else has brought it so far.
    Watching,
    /// A finding joined since it was assessed: assess again.
    Changed,
    /// It is published, but that could not be recorded: see [`record`].
    Unrecorded,
}

/// Why it does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stop {
    /// Nothing was assessed that could be published.
    NothingAssessed,
    /// Somebody else has claimed the revision and may be publishing it: try again.
    InFlight,
    /// The case was changed by somebody else: try again.
    Changed,
    /// Claiming took so long that others may not wait for it any more: try again.
    Late,
    /// SNS did not take it, or nobody knows: try again.
    NotPublished,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SendingStep {
    /// Read the case: [`Sending::read`].
    Read,
    /// Write to the case: [`Sending::wrote`].
    Write(CaseWrite),
    /// Publish: [`Sending::published`].
    Publish {
        /// Under this revision.
        revision: u32,
        /// Whether it may have been published before.
        repeated: bool,
    },
    /// It is done.
    Done(Sent),
    /// It does not go on.
    Stop(Stop),
}

impl Sending {
    /// Begins.
    #[must_use]
    pub fn begin() -> Self {
        Self { at: At::Read }
    }

    /// What to do next, at this moment of the function's clock.
    #[must_use]
    pub fn step(&self, now: Timestamp) -> SendingStep {
        match self.at {
            At::Read | At::ReadAgain => SendingStep::Read,
            At::Claim(claimed) => SendingStep::Write(claimed.write()),
            At::Publish(claimed) if now > claimed.latest_start() => SendingStep::Stop(Stop::Late),
            At::Publish(Claimed { assessed, repeated, .. }) => {
                SendingStep::Publish { revision: assessed.revision, repeated }
            }
            At::LetGo(Claimed { assessed, until, .. }) => {
                let mine = [Condition::Claimed(assessed.revision), Condition::PublishingUntil(Some(until))];
                SendingStep::Write(CaseWrite::new(mine, [Change::PublishUntil(None)]))
            }
            At::Record { claimed: Claimed { assessed: Assessed { revision, .. }, until, .. }, now } => {
                let CaseWrite { mut conditions, mut changes } = record(revision, now);
                conditions.push(Condition::PublishingUntil(Some(until)));
                changes.push(Change::PublishUntil(None));
                SendingStep::Write(CaseWrite::new(conditions, changes))
            }
            At::RecordOnly { claimed: Claimed { assessed: Assessed { revision, .. }, .. }, now } => {
                SendingStep::Write(record(revision, now))
            }
            At::Close { case, assessed, now } => {
                let unchanged = [
                    Condition::IsUnderWay,
                    Condition::Joined(assessed.joined),
                    Condition::Assessments(case.assessments),
                    Condition::Published(assessed.revision),
                ];
                let (more, end) = ending(assessed, now);
                let conditions: Vec<Condition> = unchanged.into_iter().chain(more).collect();
                SendingStep::Write(CaseWrite::new(conditions, [end]))
            }
            At::Done(sent) => SendingStep::Done(sent),
            At::Stopped(stop) => SendingStep::Stop(stop),
        }
    }

    /// Goes on with the case.
    #[must_use]
    pub fn read(self, case: CaseProgress, now: Timestamp) -> Self {
        let at = match case.assessed {
            _ if case.status == CaseStatus::Watching => At::Done(Sent::Watching),
            // Closing did not go through: somebody else closed it, or it goes on.
            _ if self.at == At::ReadAgain && case.status != CaseStatus::Closed => At::Done(Sent::Changed),
            None => At::Stopped(Stop::NothingAssessed),
            Some(assessed) if case.status == CaseStatus::Closed => {
                let told = case.published_revision >= assessed.revision;
                At::Done(if told { Sent::ClosedBefore } else { Sent::ClosedQuietly })
            }
            // It was watched after that, and somebody else takes it up: there is nothing to tell of it yet.
            Some(Assessed { cause: None, .. }) => At::Done(Sent::Changed),
            Some(assessed) => {
                let until = now.saturating_add(CLAIM).unwrap_or(Timestamp::MAX);
                let claimed = |repeated| Claimed { case, assessed, until, repeated };
                match claim(&case, assessed) {
                    Claim::Published(_) => At::Close { case, assessed, now },
                    _ if is_in_flight(&case, now) => At::Stopped(Stop::InFlight),
                    Claim::First(_) => At::Claim(claimed(false)),
                    Claim::Again(_) => At::Claim(claimed(true)),
                }
            }
        };
        Self { at }
    }

    /// Goes on after a write that went through, or whose condition did not hold.
    #[must_use]
    pub fn wrote(self, went_through: bool) -> Self {
        let at = match self.at {
            At::Claim(claimed) if went_through => At::Publish(claimed),
            At::Claim(_) => At::Stopped(Stop::Changed),
            At::LetGo(_) => At::Stopped(Stop::NotPublished),
            // Somebody else recorded it, or has claimed since: that claim is theirs to let go of.
            At::Record { claimed, now } if !went_through => At::RecordOnly { claimed, now },
            At::Record { claimed: Claimed { case, assessed, .. }, now }
            | At::RecordOnly { claimed: Claimed { case, assessed, .. }, now } => At::Close { case, assessed, now },
            At::Close { assessed: Assessed { watch_until: None, .. }, .. } if went_through => At::Done(Sent::Closed),
            At::Close { .. } if went_through => At::Done(Sent::Watching),
            At::Close { .. } => At::ReadAgain,
            other => other,
        };
        Self { at }
    }

    /// Goes on after a write that failed, where it can; nothing: it has to be tried again from the beginning.
    #[must_use]
    pub fn unwritten(self) -> Option<Self> {
        matches!(self.at, At::Record { .. } | At::RecordOnly { .. }).then_some(Self { at: At::Done(Sent::Unrecorded) })
    }

    /// Goes on after publishing: SNS has taken it, or it failed, or nobody knows.
    #[must_use]
    pub fn published(self, taken: bool, now: Timestamp) -> Self {
        let At::Publish(claimed) = self.at else { return self };
        Self { at: if taken { At::Record { claimed, now } } else { At::LetGo(claimed) } }
    }
}

/// Records that a revision is published, unless somebody has. A claim that there may be by now is left alone.
#[must_use]
pub fn record(revision: u32, now: Timestamp) -> CaseWrite {
    CaseWrite::new([Condition::PublishedBelow(revision)], [Change::Publish(revision, now)])
}

/// Whether somebody may be publishing: there is a claim that is not over. That its revision is recorded says nothing, as
/// somebody else may have recorded an earlier message of it.
fn is_in_flight(case: &CaseProgress, now: Timestamp) -> bool {
    case.publishing_until.is_some_and(|until| until > now)
}

impl Claimed {
    /// The assessment is still the case's, and nobody else has claimed anything since the case was read.
    fn write(self) -> CaseWrite {
        let Self { case, assessed: Assessed { revision, .. }, until, .. } = self;
        let unchanged = [
            Condition::IsUnderWay,
            Condition::Assessments(case.assessments),
            Condition::Claimed(case.claimed_revision),
            Condition::PublishingUntil(case.publishing_until),
            Condition::PublishedBelow(revision),
        ];
        CaseWrite::new(unchanged, [Change::Claim(revision), Change::PublishUntil(Some(until))])
    }

    /// The last moment to begin publishing: by the claim's end, whatever others' clocks say, it is over.
    fn latest_start(self) -> Timestamp {
        self.until.saturating_sub(PUBLISHING + DIFFERENCE).unwrap_or(Timestamp::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::CaseNumber;
    use crate::verdict::AlertCause;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn case() -> CaseProgress {
        let assessed = Assessed { cause: Some(AlertCause::Verdict), ..Assessed::quiet(1, 0, 1) };
        let opened = CaseProgress::opened(CaseNumber { sequence: 1, opened_at: at(0) });
        CaseProgress { assessments: 1, assessed: Some(assessed), ..opened }
    }

    /// Reads and claims at second 0 of its own clock.
    fn claimed() -> (Sending, CaseProgress) {
        let mut case = case();
        let sending = Sending::begin().read(case, at(0));
        let SendingStep::Write(write) = sending.step(at(0)) else { panic!("{sending:?}") };
        assert!(write.holds(&case));
        write.apply(&mut case);
        (sending.wrote(true), case)
    }

    #[test]
    fn whoever_begins_in_time_has_recorded_before_anybody_else_may_publish() {
        let (sending, case) = claimed();
        for other_clock in -5..=5 {
            // The first second, by the holder's clock, in which another finds the claim over.
            let over = (0..60).find(|second| {
                let other = Sending::begin().read(case, at(second + other_clock));
                matches!(other.step(at(second + other_clock)), SendingStep::Write(_))
            });
            let begins =
                (0..60).filter(|second| matches!(sending.step(at(*second)), SendingStep::Publish { .. })).max();
            let recorded = begins.unwrap() + PUBLISHING.as_secs();
            assert!(recorded <= over.unwrap(), "{other_clock}: recorded at {recorded}, over at {over:?}");
        }
        assert_eq!(sending.step(at(20)), SendingStep::Stop(Stop::Late));
    }

    #[test]
    fn a_claim_that_was_let_go_of_is_taken_again_at_once_and_marked() {
        let (sending, mut case) = claimed();
        let sending = sending.published(false, at(1));
        let SendingStep::Write(write) = sending.step(at(1)) else { panic!("{sending:?}") };
        write.apply(&mut case);
        assert_eq!(sending.wrote(true).step(at(1)), SendingStep::Stop(Stop::NotPublished));
        let again = Sending::begin().read(case, at(2));
        assert!(matches!(again.step(at(2)), SendingStep::Write(_)));
        assert_eq!(again.wrote(true).step(at(2)), SendingStep::Publish { revision: 1, repeated: true });
    }

    /// Publishes and records what was claimed, and gives what closing asks for.
    fn told(assessed: Assessed) -> (Sending, CaseProgress, CaseWrite) {
        let mut case = CaseProgress { assessed: Some(assessed), ..case() };
        let mut sending = Sending::begin().read(case, at(0));
        for _ in 0..2 {
            let SendingStep::Write(write) = sending.step(at(0)) else { panic!("{sending:?}") };
            write.apply(&mut case);
            sending = sending.wrote(true).published(true, at(1));
        }
        let SendingStep::Write(write) = sending.step(at(1)) else { panic!("{sending:?}") };
        (sending, case, write)
    }

    #[test]
    fn after_an_alert_a_case_is_closed_and_watched_only_where_it_was_taken_back() {
        let resolved = Assessed { cause: Some(AlertCause::Resolved), ..Assessed::quiet(1, 0, 1) };
        for (watch_until, status, sent) in
            [(None, CaseStatus::Closed, Sent::Closed), (Some(at(9)), CaseStatus::Watching, Sent::Watching)]
        {
            let (sending, mut case, write) = told(Assessed { watch_until, ..resolved });
            assert!(write.holds(&case), "{write:?}");
            write.apply(&mut case);
            assert_eq!((case.status, case.watch_until), (status, watch_until));
            assert_eq!(sending.wrote(true).step(at(1)), SendingStep::Done(sent));
            // A retry finds it so.
            let again = if sent == Sent::Closed { Sent::ClosedBefore } else { sent };
            assert_eq!(Sending::begin().read(case, at(2)).step(at(2)), SendingStep::Done(again));
        }
        let (_, case, write) = told(Assessed { watch_until: Some(at(9)), ..resolved });
        assert!(!write.holds(&CaseProgress { second_look_at: Some(at(9)), ..case }), "its second look has begun");
    }

    #[test]
    fn a_quiet_assessment_of_a_case_that_is_worked_again_is_not_published() {
        let woken = CaseProgress { assessed: Some(Assessed::quiet(1, 0, 1)), ..case() };
        assert_eq!(Sending::begin().read(woken, at(0)).step(at(0)), SendingStep::Done(Sent::Changed));
    }

    #[test]
    fn what_cannot_be_recorded_is_told_to_the_state_machine_and_nothing_else_is() {
        let (sending, _) = claimed();
        assert_eq!(sending.unwritten(), None, "not yet published");
        let published = sending.published(true, at(1));
        assert_eq!(published.unwritten().unwrap().step(at(1)), SendingStep::Done(Sent::Unrecorded));
        assert_eq!(published.wrote(true).unwritten(), None, "recorded");
    }
}
