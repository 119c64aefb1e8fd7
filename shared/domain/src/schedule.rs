//! When an investigation is looked at: soon at first, then ever more rarely, until a deadline.
//!
//! Detective sends no event when an investigation ends, so it has to be polled. After `t` seconds the next look comes
//! a quarter of `t` later, less what it takes to tell people; but at least 10 seconds and at most 5 minutes. So the end is
//! noticed at most a quarter of the investigation's duration (or 10 seconds) late, people hear of it within that quarter
//! where the investigation takes a minute or longer, and the number of looks grows with the duration's logarithm until the
//! gap reaches its cap.

use std::time::Duration;

/// The shortest gap between two looks.
pub const MIN_POLL_INTERVAL: Duration = Duration::from_secs(10);
/// The longest gap between two looks.
pub const MAX_POLL_INTERVAL: Duration = Duration::from_secs(300);
/// The time that has passed, divided by this, may pass until people are told.
const ELAPSED_DIVISOR: u64 = 4;
/// How long the functions take at most from a look until the alert is published: calls and cold starts, added up in the
/// benchmark (docs/PERFORMANCE.md).
const NOTIFY_BUDGET: Duration = Duration::from_secs(2);

/// The times at which an investigation is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    deadline: Duration,
}

impl Schedule {
    /// A schedule whose last look is `deadline` after the start.
    #[must_use]
    pub fn new(deadline: Duration) -> Self {
        Self { deadline }
    }

    /// When the last look comes, counted from the start.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// How long to wait before the look of that number (the first is 1), counted from the one before; nothing when the
    /// deadline has come and no look is left.
    ///
    /// It counts the waits, not the clock: the number of looks is bounded whatever the clock does.
    #[must_use]
    pub fn wait_before(&self, look: u32) -> Option<Duration> {
        self.intervals().nth(usize::try_from(look).ok()?.checked_sub(1)?)
    }

    /// The gaps between looks, whose sum is the deadline.
    pub fn intervals(&self) -> impl Iterator<Item = Duration> {
        let deadline = self.deadline.as_secs();
        let mut elapsed = 0_u64;
        std::iter::from_fn(move || {
            let gap = (elapsed / ELAPSED_DIVISOR).saturating_sub(NOTIFY_BUDGET.as_secs());
            let gap = gap.clamp(MIN_POLL_INTERVAL.as_secs(), MAX_POLL_INTERVAL.as_secs()).min(deadline - elapsed);
            elapsed += gap;
            (gap > 0).then(|| Duration::from_secs(gap))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_minutes_of_a_schedule() {
        let gaps: Vec<u64> = Schedule::new(Duration::from_secs(200)).intervals().map(|gap| gap.as_secs()).collect();
        assert_eq!(gaps, [10, 10, 10, 10, 10, 10, 13, 16, 20, 25, 31, 35]);
    }

    proptest! {
        #[test]
        fn the_end_is_noticed_in_time(deadline in 1_u64..90_000, ends in 0_u64..90_000) {
            let ends = ends.min(deadline);
            let schedule = Schedule::new(Duration::from_secs(deadline));
            let mut elapsed = 0;
            let noticed = schedule.intervals().map(|gap| { elapsed += gap.as_secs(); elapsed }).find(|&look| look >= ends);
            let delay = noticed.expect("the last look is at the deadline") - ends;
            prop_assert!(delay <= MIN_POLL_INTERVAL.as_secs().max(ends / ELAPSED_DIVISOR), "{delay} s after {ends} s");
            if ends >= 60 {
                prop_assert!(delay + NOTIFY_BUDGET.as_secs() <= ends / ELAPSED_DIVISOR, "told {delay} s and more after {ends} s");
            }
        }

        #[test]
        fn looks_are_few_and_their_sum_is_the_deadline(deadline in 1_u64..90_000) {
            let schedule = Schedule::new(Duration::from_secs(deadline));
            let gaps: Vec<u64> = schedule.intervals().map(|gap| gap.as_secs()).collect();
            prop_assert_eq!(gaps.iter().sum::<u64>(), deadline);
            // 4 looks to 40 s, a logarithm to 20 minutes, then one every 5 minutes.
            let logarithm = (deadline as f64 / 40.0).max(1.0).ln() / 1.2_f64.ln();
            let most = 6.0 + logarithm.min(20.0) + deadline as f64 / MAX_POLL_INTERVAL.as_secs() as f64;
            prop_assert!((gaps.len() as f64) <= most, "{} looks, at most {most}", gaps.len());
            prop_assert_eq!(schedule.wait_before(u32::try_from(gaps.len()).unwrap() + 1), None);
            prop_assert_eq!(schedule.wait_before(0), None);
        }
    }
}
