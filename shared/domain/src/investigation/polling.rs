//! The decision of check-investigation after a poll of a case's investigations.

use super::{InvestigationStatus, NotInvestigated};
use crate::schedule::Schedule;
use std::time::Duration;

/// The state of Detective's investigation, as one poll found it. `E` is the error of a call to Detective.
#[derive(Debug)]
pub enum PollResult<E> {
    /// It is running.
    Running {
        /// Detective's id.
        id: String,
    },
    /// It has a result.
    Successful,
    /// It has no result.
    NoResult(NotInvestigated),
    /// It could not be read, with a transient error.
    ReadFailed {
        /// Detective's id.
        id: String,
        /// The error of the call.
        error: E,
    },
}

impl<E> PollResult<E> {
    /// The result of a poll that found this status.
    #[must_use]
    pub fn of(status: InvestigationStatus, id: &str) -> Self {
        match status {
            InvestigationStatus::Running => Self::Running { id: id.to_owned() },
            InvestigationStatus::Successful => Self::Successful,
            InvestigationStatus::Failed => Self::NoResult(NotInvestigated::failed(id)),
        }
    }
}

/// The next step of the state machine.
#[derive(Debug, PartialEq, Eq)]
pub enum PollDecision {
    /// One of the investigations is running.
    Wait {
        /// The time until the next poll.
        wait: Duration,
        /// Why Detective has no result, if that is known.
        not_investigated: Option<NotInvestigated>,
    },
    /// Both have ended, and Detective has a result.
    Successful,
    /// Both have ended, and Detective has no result; or the deadline has passed.
    NoResult(NotInvestigated),
}

/// Decides the next step after the poll with this number, from 1. Polling continues while an investigation of one of the engines is
/// running, in any state of the other's; the deadline ends it for both.
///
/// # Errors
///
/// The error of the poll; the state machine retries it.
pub fn decide_after_poll<E>(
    polled: PollResult<E>,
    guardduty_runs: bool,
    poll: u32,
    schedule: Schedule,
) -> Result<PollDecision, E> {
    let wait = schedule.wait_before(poll.saturating_add(1));
    // If the poll at the deadline failed, the state machine polls once more; then the deadline has passed.
    let is_past_deadline = schedule.wait_before(poll).is_none();
    let running = |wait, not_investigated| PollDecision::Wait { wait, not_investigated };
    Ok(match (polled, wait) {
        // The state machine retries the poll. While GuardDuty's investigation is running, the next poll replaces the retry.
        (PollResult::ReadFailed { error, .. }, _) if !guardduty_runs && !is_past_deadline => return Err(error),
        (PollResult::Running { .. } | PollResult::ReadFailed { .. }, Some(wait)) => running(wait, None),
        (PollResult::Running { id } | PollResult::ReadFailed { id, .. }, None) => {
            PollDecision::NoResult(NotInvestigated::still_running(&id))
        }
        (PollResult::Successful, Some(wait)) if guardduty_runs => running(wait, None),
        (PollResult::Successful, _) => PollDecision::Successful,
        (PollResult::NoResult(why), Some(wait)) if guardduty_runs => running(wait, Some(why)),
        (PollResult::NoResult(why), _) => PollDecision::NoResult(why),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investigation::NotInvestigatedKind;
    use proptest::prelude::*;

    fn running() -> PollResult<&'static str> {
        PollResult::of(InvestigationStatus::Running, "1")
    }

    fn failed() -> PollResult<&'static str> {
        PollResult::of(InvestigationStatus::Failed, "1")
    }

    fn unread() -> PollResult<&'static str> {
        PollResult::ReadFailed { id: "1".to_owned(), error: "throttled" }
    }

    /// Polls at 10, 20 and 25 seconds.
    fn schedule() -> Schedule {
        Schedule::new(Duration::from_secs(25))
    }

    fn after(polled: PollResult<&'static str>, guardduty_runs: bool, poll: u32) -> PollDecision {
        decide_after_poll(polled, guardduty_runs, poll, schedule()).unwrap()
    }

    fn on(seconds: u64) -> PollDecision {
        PollDecision::Wait { wait: Duration::from_secs(seconds), not_investigated: None }
    }

    #[test]
    fn polling_ends_at_the_deadline_or_with_the_investigation() {
        assert_eq!(after(running(), false, 1), on(10));
        assert_eq!(after(running(), false, 2), on(5));
        let PollDecision::NoResult(why) = after(running(), false, 3) else { panic!() };
        assert_eq!(why.error, NotInvestigatedKind::InvestigationDeadline);
        assert_eq!(after(PollResult::Successful, false, 3), PollDecision::Successful);
        let PollDecision::NoResult(why) = after(failed(), false, 1) else { panic!() };
        assert_eq!(why.error, NotInvestigatedKind::InvestigationFailed);
    }

    #[test]
    fn neither_engine_ends_the_polling_while_the_other_runs() {
        assert_eq!(after(PollResult::Successful, true, 1), on(10));
        let PollDecision::Wait { not_investigated: Some(why), .. } = after(failed(), true, 1) else { panic!() };
        assert_eq!(why.error, NotInvestigatedKind::InvestigationFailed);
        assert_eq!(after(running(), true, 1), on(10));
        // The deadline ends polling for both.
        assert_eq!(after(PollResult::Successful, true, 3), PollDecision::Successful);
        assert!(matches!(after(failed(), true, 3), PollDecision::NoResult(_)));
    }

    #[test]
    fn transient_read_errors_are_retried_or_polled_later() {
        for poll in [1, 3] {
            let again = decide_after_poll(unread(), false, poll, schedule());
            assert_eq!(again.unwrap_err(), "throttled", "the state machine retries");
        }
        let PollDecision::NoResult(why) = after(unread(), false, 4) else { panic!() };
        assert_eq!(why.error, NotInvestigatedKind::InvestigationDeadline, "the poll after the last one is too late");
        assert_eq!(after(unread(), true, 1), on(10));
        let PollDecision::NoResult(why) = after(unread(), true, 3) else { panic!() };
        assert_eq!(why.error, NotInvestigatedKind::InvestigationDeadline);
    }

    proptest! {
        /// The waits of a case add up to the deadline at most, for all results of polls.
        #[test]
        fn polling_ends_at_the_deadline(deadline in 1_u64..20_000, finds in prop::collection::vec((0_u8..4, any::<bool>()), 1..400)) {
            let schedule = Schedule::new(Duration::from_secs(deadline));
            let mut waited = schedule.wait_before(1).unwrap();
            for (poll, (found, guardduty_runs)) in (1..).zip(finds.into_iter().cycle()) {
                let polled = match found {
                    0 => running(),
                    1 => PollResult::Successful,
                    2 => failed(),
                    _ => unread(),
                };
                match decide_after_poll(polled, guardduty_runs, poll, schedule) {
                    Ok(PollDecision::Wait { wait, .. }) => waited += wait,
                    // The state machine waits as scheduled, and polls again.
                    Err(_) => waited += schedule.wait_before(poll + 1).unwrap_or_default(),
                    Ok(PollDecision::Successful | PollDecision::NoResult(_)) => break,
                }
            }
            prop_assert!(waited.as_secs() <= deadline);
        }
    }
}
