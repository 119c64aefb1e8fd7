//! When the follow-up investigation of a quiet case is due, before the case is closed permanently.
//!
//! How long Detective takes to ingest an activity is not documented. docs/CASES.md, "The follow-up investigation", has the states.

use super::progress::CaseProgress;
use jiff::{SignedDuration, Timestamp};

/// How long after the case was opened updates may postpone its follow-up at most.
const MAX_POSTPONEMENT: SignedDuration = SignedDuration::from_hours(24);

/// When the follow-up investigation is due: this time after the last activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FollowUpRule {
    after: SignedDuration,
}

impl FollowUpRule {
    /// No follow-up investigations.
    pub const OFF: Self = Self { after: SignedDuration::ZERO };

    /// This time after the last activity; zero: no follow-up investigations.
    #[must_use]
    pub const fn after(after: SignedDuration) -> Self {
        Self { after }
    }

    /// Until when a case that ends quietly now is watched; `None` if it ends permanently.
    ///
    /// Activity in the future counts as activity now.
    #[must_use]
    pub fn watch_until(
        self,
        case: &CaseProgress,
        last_activity: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        if self.after <= SignedDuration::ZERO || case.follow_up_at.is_some() {
            return None;
        }
        Some(whole_second(self.due(last_activity, now).max(now)))
    }

    /// Until when a case that is watched `until` is watched after one of its findings was updated: later, but not because of the update
    /// later than 24 hours after the case was opened.
    #[must_use]
    pub fn postponed(
        self,
        case: &CaseProgress,
        until: Timestamp,
        activity: Option<Timestamp>,
        now: Timestamp,
    ) -> Timestamp {
        let latest = case.number.opened_at.saturating_add(MAX_POSTPONEMENT).unwrap_or(Timestamp::MAX);
        until.max(whole_second(self.due(activity, now).min(latest)))
    }

    fn due(self, activity: Option<Timestamp>, now: Timestamp) -> Timestamp {
        let activity = activity.unwrap_or(now).min(now);
        activity.saturating_add(self.after).unwrap_or(Timestamp::MAX)
    }
}

/// Times in whole seconds sort like their texts, by which the table's index sorts them.
fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::CaseNumber;

    const SIX_HOURS: FollowUpRule = FollowUpRule { after: SignedDuration::from_hours(6) };

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hour * 3600).unwrap()
    }

    fn case() -> CaseProgress {
        CaseProgress::opened(CaseNumber { sequence: 1, opened_at: at(0) })
    }

    #[test]
    fn follow_up_is_due_some_hours_after_the_last_activity_and_not_before_now() {
        let until = |activity, now| SIX_HOURS.watch_until(&case(), activity, now);
        assert_eq!(until(Some(at(-1)), at(0)), Some(at(5)));
        assert_eq!(until(Some(at(-9)), at(0)), Some(at(0)), "the delay since the activity has passed");
        assert_eq!(until(None, at(1)), Some(at(7)));
        assert_eq!(until(Some(at(9000)), at(0)), Some(at(6)), "a wrong clock");
        let between = at(1) + SignedDuration::from_millis(700);
        assert_eq!(until(None, between), Some(at(7)), "whole seconds");
    }

    #[test]
    fn one_follow_up_or_none_if_it_is_off() {
        assert_eq!(FollowUpRule::OFF.watch_until(&case(), None, at(0)), None);
        let begun = CaseProgress { follow_up_at: Some(at(6)), ..case() };
        assert_eq!(SIX_HOURS.watch_until(&begun, None, at(6)), None);
    }

    #[test]
    fn updates_postpone_the_follow_up_to_a_day_after_the_opening_at_most() {
        let postponed = |until, activity| SIX_HOURS.postponed(&case(), until, activity, at(20));
        assert_eq!(postponed(at(6), Some(at(5))), at(11));
        assert_eq!(postponed(at(6), Some(at(20))), at(24));
        assert_eq!(postponed(at(6), None), at(24));
        assert_eq!(postponed(at(6), Some(at(-3))), at(6), "never earlier");
        assert_eq!(postponed(at(29), Some(at(20))), at(29), "a later time is kept");
        assert_eq!(FollowUpRule::OFF.postponed(&case(), at(6), Some(at(5)), at(5)), at(6));
    }

    #[test]
    fn times_sort_like_their_texts() {
        let [early, late] = [at(0), at(0) + SignedDuration::from_millis(1)]
            .map(|now| SIX_HOURS.watch_until(&case(), None, now).unwrap().to_string());
        assert_eq!(early, late);
        assert!(!early.contains('.'), "{early}");
    }
}
