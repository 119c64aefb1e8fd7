//! The time axis of the timeline: positions of times, and its ticks.

use jiff::Timestamp;

const DAY_SECONDS: i64 = 86_400;
/// Shortest axis.
const MIN_AXIS_SECONDS: i64 = 600;
/// Distances of ticks: the first with few enough ticks is used.
const TICK_STEPS_SECONDS: [i64; 18] = [
    60,
    120,
    300,
    600,
    900,
    1_800,
    3_600,
    2 * 3_600,
    3 * 3_600,
    6 * 3_600,
    12 * 3_600,
    DAY_SECONDS,
    2 * DAY_SECONDS,
    7 * DAY_SECONDS,
    14 * DAY_SECONDS,
    30 * DAY_SECONDS,
    90 * DAY_SECONDS,
    365 * DAY_SECONDS,
];

/// A time axis, in seconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    start: i64,
    end: i64,
}

/// A tick with its label.
#[derive(Debug, PartialEq)]
pub(super) struct Tick {
    pub(super) left: String,
    pub(super) label: String,
}

impl Axis {
    /// The axis that contains all these times, with a margin at its ends; `None` if there is no time.
    pub(super) fn around(times: impl Iterator<Item = Timestamp> + Clone) -> Option<Self> {
        let (first, last) = (times.clone().min()?.as_second(), times.max()?.as_second());
        let room = ((last - first) / 10).max((MIN_AXIS_SECONDS - (last - first)) / 2).max(1);
        Some(Self { start: first - room, end: last + room })
    }

    /// The position in percent of the axis. A time outside is at the nearer end.
    pub(super) fn percent(&self, time: Timestamp) -> f64 {
        let share = (time.as_second() - self.start) as f64 / (self.end - self.start) as f64;
        (share * 100.0).clamp(0.0, 100.0)
    }

    /// Whether the axis starts after this time.
    pub(super) fn starts_after(&self, time: Timestamp) -> bool {
        time.as_second() < self.start
    }

    /// Round times, few enough for a narrow screen.
    pub(super) fn ticks(&self) -> Vec<Tick> {
        let length = self.end - self.start;
        let one_day = self.start.div_euclid(DAY_SECONDS) == self.end.div_euclid(DAY_SECONDS);
        let most = |step: i64| if step >= DAY_SECONDS || one_day { 6 } else { 4 };
        let step = TICK_STEPS_SECONDS.into_iter().find(|&step| length / step < most(step)).unwrap_or(length / 5);
        let format = match step {
            step if step >= 30 * DAY_SECONDS => "%Y-%m-%d",
            DAY_SECONDS.. => "%m-%d",
            _ if one_day => "%H:%M",
            _ => "%m-%d %H:%M",
        };
        let first = self.start.div_euclid(step) * step + step;
        (0..6)
            .map(|index| first + index * step)
            .take_while(|&second| second < self.end)
            .filter_map(|second| Timestamp::from_second(second).ok())
            .map(|time| self.tick(time, format))
            .collect()
    }

    /// A tick near an end of the axis has no label: it would not fit.
    fn tick(&self, time: Timestamp, format: &str) -> Tick {
        let percent = self.percent(time);
        let has_room = (8.0..=92.0).contains(&percent);
        let label = if has_room { time.strftime(format).to_string() } else { String::new() };
        Tick { left: css_percent(percent), label }
    }
}

/// A percentage for CSS.
pub(super) fn css_percent(percent: f64) -> String {
    format!("{percent:.2}%")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_quarter_of_an_hour_has_marks_of_minutes() {
        let axis = Axis::around([at("2026-01-15T12:30:00Z"), at("2026-01-15T12:45:00Z")].into_iter()).unwrap();
        let labels: Vec<String> = axis.ticks().into_iter().map(|tick| tick.label).collect();
        assert_eq!(labels, ["12:30", "12:35", "12:40", "12:45"]);
    }

    #[test]
    fn a_month_has_marks_of_days() {
        let axis = Axis::around([at("2026-01-01T00:00:00Z"), at("2026-01-30T00:00:00Z")].into_iter()).unwrap();
        assert!(axis.ticks().iter().any(|tick| tick.label == "01-15"), "{:?}", axis.ticks());
        assert_eq!(axis.percent(at("2025-01-01T00:00:00Z")), 0.0);
        assert!(axis.starts_after(at("2025-01-01T00:00:00Z")));
    }

    proptest! {
        #[test]
        fn there_are_always_a_few_marks_and_all_lie_on_the_track(
            start in -300_000_000_000_i64..200_000_000_000, length in 0_i64..50_000_000_000,
        ) {
            let times = [start, start + length].map(|second| Timestamp::from_second(second).unwrap());
            let axis = Axis::around(times.into_iter()).unwrap();
            prop_assert!((1..=6).contains(&axis.ticks().len()), "{:?}", axis.ticks());
            prop_assert!(times.iter().all(|&time| (1.0..=99.0).contains(&axis.percent(time))));
        }
    }
}
