//! send-alert: one revision of a case's alert.
//!
//! ```text
//! read the case ─ claim ─ publish ─ record ─ close, or watch if the alert was resolved ─ done
//!      │            │        └── SNS failed, or its response was lost: release the claim; the retry publishes again, marked
//!      │            └── the function crashes here: others wait until its claim expires, then publish, marked
//!      │                                  └── the table fails: the state machine records it later, and nothing is published again
//!      └── another invocation is publishing: fail, and retry
//! ```
//!
//! A claim has a time until which its holder may publish. Other invocations wait for that time, so that a revision is published
//! twice only if it is unknown whether the first message arrived.

use super::assess::end_write;
use crate::assessment::AssessmentSummary;
use crate::case::revision::{ClaimDecision, decide_claim};
use crate::case::write::{CaseWrite, Change, Condition};
use crate::case::{CaseProgress, CaseStatus};
use jiff::{SignedDuration, Timestamp};

/// How long a claim prevents other invocations from publishing.
const CLAIM_DURATION: SignedDuration = SignedDuration::from_secs(30);

/// The longest time for publishing and recording: two calls, each as long as its time-out in `shared/runtime`.
const MAX_PUBLISH_DURATION: SignedDuration = SignedDuration::from_secs(18);

/// The largest clock skew between invocations, plus the delay between reading the clock and calling SNS.
const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(5);

/// The flow of an alert to the topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SendFlow {
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum State {
    Read,
    Claim(ClaimedRevision),
    Publish(ClaimedRevision),
    ReleaseClaim(ClaimedRevision),
    Record { claimed: ClaimedRevision, now: Timestamp },
    RecordOnly { claimed: ClaimedRevision, now: Timestamp },
    Close { case: CaseProgress, assessed: AssessmentSummary, now: Timestamp },
    Reread,
    Done(SendOutcome),
    Failed(SendFailure),
}

/// A claimed revision, or one that is about to be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct ClaimedRevision {
    case: CaseProgress,
    assessed: AssessmentSummary,
    until: Timestamp,
    repeated: bool,
}

/// The outcome of the flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SendOutcome {
    /// The case is closed.
    Closed,
    /// The case was closed before, after its last revision was published.
    ClosedBefore,
    /// The case was closed before, quietly.
    ClosedQuietly,
    /// The case is watched: its alert was resolved, and the follow-up is pending; or another invocation has ended it so.
    Watching,
    /// A finding joined since the assessment: assess again.
    FindingJoined,
    /// The revision is published, but could not be recorded: see [`record_published_write`].
    Unrecorded,
}

/// Why the flow failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SendFailure {
    /// The case has no assessment to publish.
    NoAssessment,
    /// Another invocation has claimed the revision and may be publishing it: retry.
    InFlight,
    /// Another invocation has changed the case: retry.
    ConcurrentChange,
    /// Claiming took so long that the claim may expire while publishing: retry.
    ClaimExpired,
    /// SNS rejected the message, or its response was lost: retry.
    NotPublished,
}

/// The next effect of the flow.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SendStep {
    /// Read the case: [`SendFlow::read`].
    Read,
    /// Write to the case: [`SendFlow::wrote`].
    Write(CaseWrite),
    /// Publish: [`SendFlow::published`].
    Publish {
        /// The revision.
        revision: u32,
        /// Whether it may have been published before.
        repeated: bool,
    },
    /// The flow has ended.
    Done(SendOutcome),
    /// The flow has failed.
    Fail(SendFailure),
}

impl SendFlow {
    /// Begins the flow.
    #[must_use]
    pub fn begin() -> Self {
        Self { state: State::Read }
    }

    /// Returns the next effect, at this time of the invocation's clock.
    #[must_use]
    pub fn step(&self, now: Timestamp) -> SendStep {
        match self.state {
            State::Read | State::Reread => SendStep::Read,
            State::Claim(claimed) => SendStep::Write(claimed.write()),
            State::Publish(claimed) if now > claimed.latest_publish_start() => {
                SendStep::Fail(SendFailure::ClaimExpired)
            }
            State::Publish(ClaimedRevision { assessed, repeated, .. }) => {
                SendStep::Publish { revision: assessed.revision, repeated }
            }
            State::ReleaseClaim(ClaimedRevision { assessed, until, .. }) => {
                let mine = [Condition::Claimed(assessed.revision), Condition::PublishingUntil(Some(until))];
                SendStep::Write(CaseWrite::new(mine, [Change::SetPublishingUntil(None)]))
            }
            State::Record {
                claimed: ClaimedRevision { assessed: AssessmentSummary { revision, .. }, until, .. },
                now,
            } => {
                let CaseWrite { mut conditions, mut changes } = record_published_write(revision, now);
                conditions.push(Condition::PublishingUntil(Some(until)));
                changes.push(Change::SetPublishingUntil(None));
                SendStep::Write(CaseWrite::new(conditions, changes))
            }
            State::RecordOnly {
                claimed: ClaimedRevision { assessed: AssessmentSummary { revision, .. }, .. },
                now,
            } => SendStep::Write(record_published_write(revision, now)),
            State::Close { case, assessed, now } => {
                let unchanged = [
                    Condition::IsActive,
                    Condition::Joined(assessed.joined_count),
                    Condition::Assessments(case.assessment_count),
                    Condition::Published(assessed.revision),
                ];
                let (more, end) = end_write(assessed, now);
                let conditions: Vec<Condition> = unchanged.into_iter().chain(more).collect();
                SendStep::Write(CaseWrite::new(conditions, [end]))
            }
            State::Done(sent) => SendStep::Done(sent),
            State::Failed(stop) => SendStep::Fail(stop),
        }
    }

    /// Applies the case that was read.
    #[must_use]
    pub fn read(self, case: CaseProgress, now: Timestamp) -> Self {
        let at = match case.last_assessment {
            _ if case.status == CaseStatus::Watching => State::Done(SendOutcome::Watching),
            // The conditions of closing were not satisfied: another invocation closed the case, or a finding joined.
            _ if self.state == State::Reread && case.status != CaseStatus::Closed => {
                State::Done(SendOutcome::FindingJoined)
            }
            None => State::Failed(SendFailure::NoAssessment),
            Some(assessed) if case.status == CaseStatus::Closed => {
                let was_published = case.published_revision >= assessed.revision;
                State::Done(if was_published { SendOutcome::ClosedBefore } else { SendOutcome::ClosedQuietly })
            }
            // The case was watched after this assessment, and another execution processes it: it has nothing to publish yet.
            Some(AssessmentSummary { alert_cause: None, .. }) => State::Done(SendOutcome::FindingJoined),
            Some(assessed) => {
                let until = now.saturating_add(CLAIM_DURATION).unwrap_or(Timestamp::MAX);
                let claimed = |repeated| ClaimedRevision { case, assessed, until, repeated };
                match decide_claim(&case, assessed) {
                    ClaimDecision::AlreadyPublished(_) => State::Close { case, assessed, now },
                    _ if is_in_flight(&case, now) => State::Failed(SendFailure::InFlight),
                    ClaimDecision::New(_) => State::Claim(claimed(false)),
                    ClaimDecision::Repeat(_) => State::Claim(claimed(true)),
                }
            }
        };
        Self { state: at }
    }

    /// Applies the result of a write: `went_through` if its conditions were satisfied.
    #[must_use]
    pub fn wrote(self, went_through: bool) -> Self {
        let at = match self.state {
            State::Claim(claimed) if went_through => State::Publish(claimed),
            State::Claim(_) => State::Failed(SendFailure::ConcurrentChange),
            State::ReleaseClaim(_) => State::Failed(SendFailure::NotPublished),
            // Another invocation has recorded the revision or made a new claim. This one must not release that claim, so it only
            // records.
            State::Record { claimed, now } if !went_through => State::RecordOnly { claimed, now },
            State::Record { claimed: ClaimedRevision { case, assessed, .. }, now }
            | State::RecordOnly { claimed: ClaimedRevision { case, assessed, .. }, now } => {
                State::Close { case, assessed, now }
            }
            State::Close { assessed: AssessmentSummary { watch_until: None, .. }, .. } if went_through => {
                State::Done(SendOutcome::Closed)
            }
            State::Close { .. } if went_through => State::Done(SendOutcome::Watching),
            State::Close { .. } => State::Reread,
            other => other,
        };
        Self { state: at }
    }

    /// The flow after a failed write, if it can continue; `None`: retry the whole flow.
    #[must_use]
    pub fn after_failed_write(self) -> Option<Self> {
        matches!(self.state, State::Record { .. } | State::RecordOnly { .. })
            .then_some(Self { state: State::Done(SendOutcome::Unrecorded) })
    }

    /// Applies the result of publishing: whether SNS is known to have accepted the message.
    #[must_use]
    pub fn published(self, taken: bool, now: Timestamp) -> Self {
        let State::Publish(claimed) = self.state else { return self };
        Self { state: if taken { State::Record { claimed, now } } else { State::ReleaseClaim(claimed) } }
    }
}

/// The write that records a revision as published, unless it is recorded already. Leaves the claim unchanged.
#[must_use]
pub fn record_published_write(revision: u32, now: Timestamp) -> CaseWrite {
    CaseWrite::new([Condition::PublishedBelow(revision)], [Change::Publish(revision, now)])
}

/// Whether another invocation may be publishing: there is a claim that has not expired. This is true even if the revision is
/// recorded: the record may be of an earlier message.
fn is_in_flight(case: &CaseProgress, now: Timestamp) -> bool {
    case.publishing_until.is_some_and(|until| until > now)
}

impl ClaimedRevision {
    /// Conditions: the assessment is still current, and no other invocation has claimed since the case was read.
    fn write(self) -> CaseWrite {
        let Self { case, assessed: AssessmentSummary { revision, .. }, until, .. } = self;
        let unchanged = [
            Condition::IsActive,
            Condition::Assessments(case.assessment_count),
            Condition::Claimed(case.claimed_revision),
            Condition::PublishingUntil(case.publishing_until),
            Condition::PublishedBelow(revision),
        ];
        CaseWrite::new(unchanged, [Change::Claim(revision), Change::SetPublishingUntil(Some(until))])
    }

    /// The latest time to begin publishing, so that publishing ends before the claim expires, whatever the clock skew.
    fn latest_publish_start(self) -> Timestamp {
        self.until.saturating_sub(MAX_PUBLISH_DURATION + MAX_CLOCK_SKEW).unwrap_or(Timestamp::MIN)
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
        let assessed =
            AssessmentSummary { alert_cause: Some(AlertCause::Verdict), ..AssessmentSummary::quiet(1, 0, 1) };
        let opened = CaseProgress::opened(CaseNumber { sequence: 1, opened_at: at(0) });
        CaseProgress { assessment_count: 1, last_assessment: Some(assessed), ..opened }
    }

    /// Reads and claims at second 0 of the invocation's clock.
    fn claimed() -> (SendFlow, CaseProgress) {
        let mut case = case();
        let sending = SendFlow::begin().read(case, at(0));
        let SendStep::Write(write) = sending.step(at(0)) else { panic!("{sending:?}") };
        assert!(write.is_satisfied_by(&case));
        write.apply(&mut case);
        (sending.wrote(true), case)
    }

    #[test]
    fn a_publication_is_recorded_before_the_claim_expires() {
        let (sending, case) = claimed();
        for other_clock in -5..=5 {
            // The first second, by the holder's clock, in which another invocation finds the claim expired.
            let over = (0..60).find(|second| {
                let other = SendFlow::begin().read(case, at(second + other_clock));
                matches!(other.step(at(second + other_clock)), SendStep::Write(_))
            });
            let begins = (0..60).filter(|second| matches!(sending.step(at(*second)), SendStep::Publish { .. })).max();
            let recorded = begins.unwrap() + MAX_PUBLISH_DURATION.as_secs();
            assert!(recorded <= over.unwrap(), "{other_clock}: recorded at {recorded}, over at {over:?}");
        }
        assert_eq!(sending.step(at(20)), SendStep::Fail(SendFailure::ClaimExpired));
    }

    #[test]
    fn a_released_claim_is_taken_again_immediately_and_marked() {
        let (sending, mut case) = claimed();
        let sending = sending.published(false, at(1));
        let SendStep::Write(write) = sending.step(at(1)) else { panic!("{sending:?}") };
        write.apply(&mut case);
        assert_eq!(sending.wrote(true).step(at(1)), SendStep::Fail(SendFailure::NotPublished));
        let again = SendFlow::begin().read(case, at(2));
        assert!(matches!(again.step(at(2)), SendStep::Write(_)));
        assert_eq!(again.wrote(true).step(at(2)), SendStep::Publish { revision: 1, repeated: true });
    }

    /// Publishes and records the claimed revision, and returns the write that closes the case.
    fn published_flow(assessed: AssessmentSummary) -> (SendFlow, CaseProgress, CaseWrite) {
        let mut case = CaseProgress { last_assessment: Some(assessed), ..case() };
        let mut sending = SendFlow::begin().read(case, at(0));
        for _ in 0..2 {
            let SendStep::Write(write) = sending.step(at(0)) else { panic!("{sending:?}") };
            write.apply(&mut case);
            sending = sending.wrote(true).published(true, at(1));
        }
        let SendStep::Write(write) = sending.step(at(1)) else { panic!("{sending:?}") };
        (sending, case, write)
    }

    #[test]
    fn after_an_alert_a_case_is_closed_or_watched_if_the_alert_was_resolved() {
        let resolved =
            AssessmentSummary { alert_cause: Some(AlertCause::Resolved), ..AssessmentSummary::quiet(1, 0, 1) };
        for (watch_until, status, sent) in [
            (None, CaseStatus::Closed, SendOutcome::Closed),
            (Some(at(9)), CaseStatus::Watching, SendOutcome::Watching),
        ] {
            let (sending, mut case, write) = published_flow(AssessmentSummary { watch_until, ..resolved });
            assert!(write.is_satisfied_by(&case), "{write:?}");
            write.apply(&mut case);
            assert_eq!((case.status, case.watch_until), (status, watch_until));
            assert_eq!(sending.wrote(true).step(at(1)), SendStep::Done(sent));
            // A retry has the same outcome.
            let again = if sent == SendOutcome::Closed { SendOutcome::ClosedBefore } else { sent };
            assert_eq!(SendFlow::begin().read(case, at(2)).step(at(2)), SendStep::Done(again));
        }
        let (_, case, write) = published_flow(AssessmentSummary { watch_until: Some(at(9)), ..resolved });
        assert!(!write.is_satisfied_by(&CaseProgress { follow_up_at: Some(at(9)), ..case }), "its follow-up has begun");
    }

    #[test]
    fn a_quiet_assessment_of_a_reopened_case_is_not_published() {
        let reopened = CaseProgress { last_assessment: Some(AssessmentSummary::quiet(1, 0, 1)), ..case() };
        assert_eq!(SendFlow::begin().read(reopened, at(0)).step(at(0)), SendStep::Done(SendOutcome::FindingJoined));
    }

    #[test]
    fn an_unrecorded_publication_is_returned_to_the_state_machine() {
        let (sending, _) = claimed();
        assert_eq!(sending.after_failed_write(), None, "not yet published");
        let published = sending.published(true, at(1));
        assert_eq!(published.after_failed_write().unwrap().step(at(1)), SendStep::Done(SendOutcome::Unrecorded));
        assert_eq!(published.wrote(true).after_failed_write(), None, "recorded");
    }
}
