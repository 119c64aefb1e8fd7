//! When investigations are looked at, and so when their end is seen.

/// The looks of a case.
#[derive(Debug, Clone)]
pub(super) struct Looks {
    /// When each look begins, in seconds since the investigation was started.
    times: Vec<f64>,
}

/// The look that sees an end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Seen {
    /// Its number, from 1.
    pub(super) look: u32,
    /// How long after the end it begins, in seconds.
    pub(super) after: f64,
}

impl Looks {
    /// By the waits before them. Each look takes `seconds` itself, and the next wait begins after it.
    pub(super) fn after(waits: impl IntoIterator<Item = u64>, seconds: f64) -> Self {
        let mut now = 0.0;
        let times = waits.into_iter().map(|wait| {
            let begins = now + f64::from(u32::try_from(wait).unwrap_or(u32::MAX));
            now = begins + seconds;
            begins
        });
        Self { times: times.collect() }
    }

    /// The first look at the end or after it; nothing when there is none.
    pub(super) fn seeing(&self, end: f64) -> Option<Seen> {
        let index = self.times.partition_point(|time| *time < end);
        let look = u32::try_from(index + 1).ok()?;
        self.times.get(index).map(|time| Seen { look, after: time - end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_seen_by_the_first_look_after_it() {
        let looks = Looks::after([10, 10, 20], 0.0);
        assert_eq!(looks.seeing(0.0), Some(Seen { look: 1, after: 10.0 }));
        assert_eq!(looks.seeing(10.0), Some(Seen { look: 1, after: 0.0 }));
        assert_eq!(looks.seeing(11.0), Some(Seen { look: 2, after: 9.0 }));
        assert_eq!(looks.seeing(40.5), None);
    }

    #[test]
    fn looks_take_time_themselves() {
        let looks = Looks::after([10, 10, 20], 0.5);
        assert_eq!(looks.seeing(40.5), Some(Seen { look: 3, after: 0.5 }));
    }
}
