//! The virtual clock: the only clock of the simulator.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The real clock plus an offset that tests change, or a stopped clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Clock {
    /// How far it is ahead of the real clock.
    offset: SignedDuration,
    /// The time at which it was stopped; `None` while it runs.
    stopped_at: Option<Timestamp>,
}

impl Clock {
    /// A clock at a point in time, which runs from there unless it is stopped.
    pub(crate) fn at(time: Timestamp, stopped: bool) -> Self {
        Self { offset: time.duration_since(real()), stopped_at: stopped.then_some(time) }
    }

    /// The time, in whole milliseconds, which is what the APIs' timestamps hold.
    pub(crate) fn now(&self) -> Timestamp {
        let now = self.stopped_at.unwrap_or_else(|| real().checked_add(self.offset).unwrap_or(Timestamp::MAX));
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Moves it forward.
    pub(crate) fn advance(&mut self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        match &mut self.stopped_at {
            Some(at) => *at = at.checked_add(by).unwrap_or(Timestamp::MAX),
            None => self.offset = self.offset.saturating_add(by),
        }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped_at.is_some()
    }

    /// Stops it at its time, or lets it run from there.
    pub(crate) fn set_stopped(&mut self, stopped: bool) {
        *self = Self::at(self.now(), stopped);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the simulator replaces AWS in the local cloud; this is its only clock, and the control interface moves it"
)]
fn real() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advance_does_not_overflow() {
        let mut clock = Clock::default();
        let before = clock.now();
        clock.advance(Duration::from_secs(3600));
        assert!(clock.now() >= before.checked_add(SignedDuration::from_hours(1)).unwrap());
        for stopped in [false, true] {
            clock.set_stopped(stopped);
            clock.advance(Duration::MAX);
            clock.advance(Duration::MAX);
            clock.now();
        }
    }

    #[test]
    fn stopped_clock_moves_only_by_advance() {
        let mut clock = Clock::at(Timestamp::UNIX_EPOCH, true);
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
        clock.advance(Duration::from_secs(5));
        assert_eq!(clock.now(), Timestamp::from_second(5).unwrap());
        clock.set_stopped(false);
        assert!(!clock.is_stopped());
        assert!(clock.now() >= Timestamp::from_second(5).unwrap());
    }
}
