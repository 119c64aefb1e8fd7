//! The second look: when a quiet case is investigated again, before it is closed for good.
//!
//! How long Detective takes to ingest an activity is not documented. docs/CASES.md, "The follow-up investigation", has the states.

use super::progress::CaseProgress;
use jiff::{SignedDuration, Timestamp};

/// How long findings that come again may postpone a second look, from the moment the case was opened.
const MAX_POSTPONEMENT: SignedDuration = SignedDuration::from_hours(24);

/// How long after the last activity a quiet case is looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FollowUpRule {
    after: SignedDuration,
}

impl FollowUpRule {
    /// No case is looked at again.
    pub const OFF: Self = Self { after: SignedDuration::ZERO };

    /// So long after the last activity; zero: never.
    #[must_use]
    pub const fn after(after: SignedDuration) -> Self {
        Self { after }
    }

    /// Until when a case that comes to a quiet end now is watched; nothing where it ends for good.
    ///
    /// An activity that seems to be in the future counts as one of now.
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

    /// Until when a case that is watched `until` then is watched after a finding of it came again: later, but for that no later
    /// than 24 hours after the case was opened.
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

/// Moments of whole seconds are in the same order as their texts, by which the table's index sorts them.
fn whole_second(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment)
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
    fn it_is_due_some_hours_after_the_last_activity_and_not_before_now() {
        let until = |activity, now| SIX_HOURS.watch_until(&case(), activity, now);
        assert_eq!(until(Some(at(-1)), at(0)), Some(at(5)));
        assert_eq!(until(Some(at(-9)), at(0)), Some(at(0)), "what is told late has had its time");
        assert_eq!(until(None, at(1)), Some(at(7)));
        assert_eq!(until(Some(at(9000)), at(0)), Some(at(6)), "somebody's clock is wrong");
        let between = at(1) + SignedDuration::from_millis(700);
        assert_eq!(until(None, between), Some(at(7)), "whole seconds");
    }

    #[test]
    fn there_is_one_and_none_where_it_is_off() {
        assert_eq!(FollowUpRule::OFF.watch_until(&case(), None, at(0)), None);
        let begun = CaseProgress { follow_up_at: Some(at(6)), ..case() };
        assert_eq!(SIX_HOURS.watch_until(&begun, None, at(6)), None);
    }

    #[test]
    fn what_comes_again_postpones_it_to_a_day_after_the_opening_at_most() {
        let postponed = |until, activity| SIX_HOURS.postponed(&case(), until, activity, at(20));
        assert_eq!(postponed(at(6), Some(at(5))), at(11));
        assert_eq!(postponed(at(6), Some(at(20))), at(24));
        assert_eq!(postponed(at(6), None), at(24));
        assert_eq!(postponed(at(6), Some(at(-3))), at(6), "never earlier");
        assert_eq!(postponed(at(29), Some(at(20))), at(29), "what joined late is waited for");
        assert_eq!(FollowUpRule::OFF.postponed(&case(), at(6), Some(at(5)), at(5)), at(6));
    }

    #[test]
    fn texts_of_such_moments_are_in_their_order() {
        let [early, late] = [at(0), at(0) + SignedDuration::from_millis(1)]
            .map(|now| SIX_HOURS.watch_until(&case(), None, now).unwrap().to_string());
        assert_eq!(early, late);
        assert!(!early.contains('.'), "{early}");
    }
}
