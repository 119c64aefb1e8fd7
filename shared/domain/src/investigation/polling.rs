//! How the state machine goes on after it polled a case's investigations: the decision of check-investigation.

use super::{InvestigationStatus, NotInvestigated};
use crate::schedule::Schedule;
use std::time::Duration;

/// Where Detective's investigation is, as one poll found it. `E` is the error of a call to Detective.
#[derive(Debug)]
pub enum PollResult<E> {
    /// It runs.
    Running {
        /// Detective's id.
        id: String,
    },
    /// It has a result.
    Successful,
    /// It has none.
    NoResult(NotInvestigated),
    /// It could not be read, for a reason that may pass.
    ReadFailed {
        /// Detective's id.
        id: String,
        /// Why.
        error: E,
    },
}

impl<E> PollResult<E> {
    /// Where an investigation of that status is.
    #[must_use]
    pub fn of(status: InvestigationStatus, id: &str) -> Self {
        match status {
            InvestigationStatus::Running => Self::Running { id: id.to_owned() },
            InvestigationStatus::Successful => Self::Successful,
            InvestigationStatus::Failed => Self::NoResult(NotInvestigated::failed(id)),
        }
    }
}

/// How the state machine goes on.
#[derive(Debug, PartialEq, Eq)]
pub enum PollDecision {
    /// One of the investigations runs.
    Wait {
        /// How long until the next poll.
        wait: Duration,
        /// Why Detective's has no result, where that is known.
        not_investigated: Option<NotInvestigated>,
    },
    /// Both are over, and Detective's has a result.
    Successful,
    /// Both are over, and Detective's has none; or the deadline has come.
    NoResult(NotInvestigated),
}

/// Decides how it goes on after the poll of that number, from 1. While one engine's investigation runs, nothing about the
/// other's ends the polling; the deadline ends it for both.
///
/// # Errors
///
/// The error of the poll, for the state machine to try again.
pub fn decide_after_poll<E>(
    polled: PollResult<E>,
    guardduty_runs: bool,
    poll: u32,
    schedule: Schedule,
) -> Result<PollDecision, E> {
    let wait = schedule.wait_before(poll.saturating_add(1));
    // The state machine polls again where the poll at the deadline failed; after that poll it is too late.
    let is_past_deadline = schedule.wait_before(poll).is_none();
    let running = |wait, not_investigated| PollDecision::Wait { wait, not_investigated };
    Ok(match (polled, wait) {
        // The state machine tries again and then polls again; while GuardDuty's investigation runs, it only polls again.
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
    fn it_polls_until_the_deadline_and_no_further() {
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
        // The deadline ends it for both.
        assert_eq!(after(PollResult::Successful, true, 3), PollDecision::Successful);
        assert!(matches!(after(failed(), true, 3), PollDecision::NoResult(_)));
    }

    #[test]
    fn what_cannot_be_read_for_now_is_tried_again_or_polled_later() {
        for poll in [1, 3] {
            let again = decide_after_poll(unread(), false, poll, schedule());
            assert_eq!(again.unwrap_err(), "throttled", "the state machine tries again");
        }
        let PollDecision::NoResult(why) = after(unread(), false, 4) else { panic!() };
        assert_eq!(why.error, NotInvestigatedKind::InvestigationDeadline, "the poll after the last one is too late");
        assert_eq!(after(unread(), true, 1), on(10));
        let PollDecision::NoResult(why) = after(unread(), true, 3) else { panic!() };
        assert_eq!(why.error, NotInvestigatedKind::InvestigationDeadline);
    }

    proptest! {
        /// The waits of a case add up to the deadline at most, whatever the polls find.
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
                    // The state machine waits as long as the schedule has it, and polls again.
                    Err(_) => waited += schedule.wait_before(poll + 1).unwrap_or_default(),
                    Ok(PollDecision::Successful | PollDecision::NoResult(_)) => break,
                }
            }
            prop_assert!(waited.as_secs() <= deadline);
        }
    }
}
