//! When an investigation is polled: often at first, then at growing intervals, until a deadline.
//!
//! Detective sends no event when an investigation ends, so it must be polled. After `t` seconds the next poll follows a quarter of `t`
//! later, less the time that a notification takes, but at least 10 seconds and at most 5 minutes later. So the end is found at most a
//! quarter of the investigation's duration (or 10 seconds) late. If the investigation takes a minute or longer, people are notified
//! within that quarter. The number of polls grows with the logarithm of the duration until the interval reaches its maximum.

use std::time::Duration;

/// The shortest interval between two polls.
pub const MIN_POLL_INTERVAL: Duration = Duration::from_secs(10);
/// The longest interval between two polls.
pub const MAX_POLL_INTERVAL: Duration = Duration::from_secs(300);
/// The elapsed time divided by this may pass until people are notified.
const ELAPSED_DIVISOR: u64 = 4;
/// The longest time from a poll until the alert is published: calls and cold starts, measured by the benchmark
/// (docs/PERFORMANCE.md).
const NOTIFY_BUDGET: Duration = Duration::from_secs(2);

/// The times at which an investigation is polled.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    deadline: Duration,
}

impl Schedule {
    /// A schedule whose last poll is `deadline` after the start.
    #[must_use]
    pub fn new(deadline: Duration) -> Self {
        Self { deadline }
    }

    /// The time of the last poll, from the start.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// The wait before the poll with this number, from 1, after the previous poll; `None` if the deadline has passed and no poll is
    /// left.
    ///
    /// It counts waits and reads no clock, so the number of polls is bounded even if clocks are wrong.
    #[must_use]
    pub fn wait_before(&self, poll: u32) -> Option<Duration> {
        self.intervals().nth(usize::try_from(poll).ok()?.checked_sub(1)?)
    }

    /// The intervals between polls, whose sum is the deadline.
    pub fn intervals(&self) -> impl Iterator<Item = Duration> {
        let deadline = self.deadline.as_secs();
        let mut elapsed = 0_u64;
        std::iter::from_fn(move || {
            let interval = (elapsed / ELAPSED_DIVISOR).saturating_sub(NOTIFY_BUDGET.as_secs());
            let interval =
                interval.clamp(MIN_POLL_INTERVAL.as_secs(), MAX_POLL_INTERVAL.as_secs()).min(deadline - elapsed);
            elapsed += interval;
            (interval > 0).then(|| Duration::from_secs(interval))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_minutes_of_a_schedule() {
        let intervals: Vec<u64> =
            Schedule::new(Duration::from_secs(200)).intervals().map(|interval| interval.as_secs()).collect();
        assert_eq!(intervals, [10, 10, 10, 10, 10, 10, 13, 16, 20, 25, 31, 35]);
    }

    proptest! {
        #[test]
        fn the_end_is_found_in_time(deadline in 1_u64..90_000, ends in 0_u64..90_000) {
            let ends = ends.min(deadline);
            let schedule = Schedule::new(Duration::from_secs(deadline));
            let mut elapsed = 0;
            let found = schedule.intervals().map(|interval| { elapsed += interval.as_secs(); elapsed }).find(|&poll| poll >= ends);
            let delay = found.expect("the last poll is at the deadline") - ends;
            prop_assert!(delay <= MIN_POLL_INTERVAL.as_secs().max(ends / ELAPSED_DIVISOR), "{delay} s after {ends} s");
            if ends >= 60 {
                prop_assert!(delay + NOTIFY_BUDGET.as_secs() <= ends / ELAPSED_DIVISOR, "notified {delay} s and more after {ends} s");
            }
        }

        #[test]
        fn polls_are_few_and_their_waits_add_up_to_the_deadline(deadline in 1_u64..90_000) {
            let schedule = Schedule::new(Duration::from_secs(deadline));
            let intervals: Vec<u64> = schedule.intervals().map(|interval| interval.as_secs()).collect();
            prop_assert_eq!(intervals.iter().sum::<u64>(), deadline);
            // 4 polls to 40 s, a logarithm to 20 minutes, then one every 5 minutes.
            let logarithm = (deadline as f64 / 40.0).max(1.0).ln() / 1.2_f64.ln();
            let most = 6.0 + logarithm.min(20.0) + deadline as f64 / MAX_POLL_INTERVAL.as_secs() as f64;
            prop_assert!((intervals.len() as f64) <= most, "{} polls, at most {most}", intervals.len());
            prop_assert_eq!(schedule.wait_before(u32::try_from(intervals.len()).unwrap() + 1), None);
            prop_assert_eq!(schedule.wait_before(0), None);
        }
    }
}
