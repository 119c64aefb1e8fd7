//! The times of polls, and so which poll detects the end of an investigation.

/// The polls of a case.
#[derive(Debug, Clone)]
pub(super) struct PollSchedule {
    /// The start of each poll, in seconds since the start of the investigation.
    times: Vec<f64>,
}

/// The poll that detects the end of an investigation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct DetectingPoll {
    /// Its number, from 1.
    pub(super) poll: u32,
    /// Seconds from the end to the start of the poll.
    pub(super) after: f64,
}

impl PollSchedule {
    /// Of the waits before the polls, in seconds. Each poll takes `seconds`, and the next wait begins after it.
    pub(super) fn after(waits: impl IntoIterator<Item = u64>, seconds: f64) -> Self {
        let mut now = 0.0;
        let times = waits.into_iter().map(|wait| {
            let begins = now + f64::from(u32::try_from(wait).unwrap_or(u32::MAX));
            now = begins + seconds;
            begins
        });
        Self { times: times.collect() }
    }

    /// The first poll at the end or after it; `None` if there is none.
    pub(super) fn first_poll_after(&self, end: f64) -> Option<DetectingPoll> {
        let index = self.times.partition_point(|time| *time < end);
        let poll = u32::try_from(index + 1).ok()?;
        self.times.get(index).map(|time| DetectingPoll { poll, after: time - end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_poll_after_an_end_detects_it() {
        let schedule = PollSchedule::after([10, 10, 20], 0.0);
        assert_eq!(schedule.first_poll_after(0.0), Some(DetectingPoll { poll: 1, after: 10.0 }));
        assert_eq!(schedule.first_poll_after(10.0), Some(DetectingPoll { poll: 1, after: 0.0 }));
        assert_eq!(schedule.first_poll_after(11.0), Some(DetectingPoll { poll: 2, after: 9.0 }));
        assert_eq!(schedule.first_poll_after(40.5), None);
    }

    #[test]
    fn the_duration_of_polls_delays_later_polls() {
        let schedule = PollSchedule::after([10, 10, 20], 0.5);
        assert_eq!(schedule.first_poll_after(40.5), Some(DetectingPoll { poll: 3, after: 0.5 }));
    }
}
