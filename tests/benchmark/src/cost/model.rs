//! Cost and delay by the duration of an investigation, and their bounds.

use super::case::CaseCost;
use super::poll_schedule::{DetectingPoll, PollSchedule};
use super::prices::Prices;
use super::usage::{Item, Line};
use super::{LONG_MINUTES, MINUTES};
use crate::Error;
use crate::figure::Figure;

/// The polling loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Polling {
    Gumshoe,
    Fixed,
}

impl Polling {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gumshoe => "Gumshoe",
            Self::Fixed => "A poll every 30 s",
        }
    }
}

/// The measured cases of one polling loop, and the line that fits their usage.
#[derive(Debug, Clone)]
pub(super) struct Model {
    polling: Polling,
    polls: PollSchedule,
    /// The polls if each took no time, as the schedule has them.
    scheduled: PollSchedule,
    line: Line,
    counted: Vec<CaseCost>,
}

impl Model {
    pub(super) fn of(polling: Polling, waits: Vec<u64>, counted: Vec<CaseCost>) -> Self {
        let points: Vec<_> = counted.iter().map(|case| (case.polls, &case.usage)).collect();
        let line = Line::through(&points);
        let poll_seconds = line.per_poll.get(Item::LambdaMilliseconds) / 1e3;
        let scheduled = PollSchedule::after(waits.clone(), 0.0);
        Self { polling, polls: PollSchedule::after(waits, poll_seconds), scheduled, line, counted }
    }

    /// The poll that detects the end of an investigation of that many seconds.
    pub(super) fn detecting_poll(&self, seconds: f64) -> Result<DetectingPoll, Error> {
        detecting_poll(&self.polls, seconds)
    }

    /// Seconds from the end to the scheduled poll that detects it.
    fn detection_delay(&self, seconds: f64) -> Result<f64, Error> {
        Ok(detecting_poll(&self.scheduled, seconds)?.after)
    }

    /// Seconds from the end to the publishing of the alert: until the poll, and from there the longest of all measured cases.
    pub(super) fn delay(&self, seconds: f64) -> Result<f64, Error> {
        Ok(self.detecting_poll(seconds)?.after + self.poll_to_alert())
    }

    fn poll_to_alert(&self) -> f64 {
        self.counted.iter().map(|case| case.poll_to_alert).fold(0.0, f64::max)
    }

    /// The cost of such a case in USD: measured if there is a case with as many polls, otherwise by the line.
    pub(super) fn cost(&self, seconds: f64, prices: &Prices) -> Result<f64, Error> {
        let poll = self.detecting_poll(seconds)?.poll;
        match self.counted.iter().find(|case| case.polls == poll) {
            Some(case) => prices.cost(&case.usage),
            None => prices.cost(&self.line.at(poll)),
        }
    }

    /// The largest deviation of a measured case's cost from the line, as a share.
    fn deviation_from_line(&self, prices: &Prices) -> Result<f64, Error> {
        let mut most: f64 = 0.0;
        for case in &self.counted {
            most = most.max((prices.cost(&case.usage)? / prices.cost(&self.line.at(case.polls))? - 1.0).abs());
        }
        Ok(most)
    }

    fn figures(&self, prices: &Prices) -> Result<Vec<Figure>, Error> {
        let who = self.polling.name();
        let of = |what: &str, unit: &'static str, value| Figure::new(format!("{who}: {what}"), unit, vec![value]);
        let (fixed, per_poll) = (&self.line.fixed, &self.line.per_poll);
        Ok(vec![
            of("state transitions of a case, without polls", "", fixed.get(Item::StateTransitions)),
            of("state transitions of a poll", "", per_poll.get(Item::StateTransitions)),
            of("1,000 cases, without polls", "USD", prices.cost(fixed)? * 1e3),
            of("1,000 polls", "USD", prices.cost(per_poll)? * 1e3),
            of("from the last poll to the alert", "s", self.poll_to_alert()),
            of("deviation of a measured case from the line", "%", self.deviation_from_line(prices)? * 100.0)
                .at_most(1.0),
        ])
    }
}

fn detecting_poll(schedule: &PollSchedule, seconds: f64) -> Result<DetectingPoll, Error> {
    let poll = schedule.first_poll_after(seconds);
    poll.ok_or_else(|| Error::Unexpected(format!("no poll is {seconds} seconds or more after the start")))
}

/// The bound of the cost of a case relative to the fixed loop, if its investigation takes longer than [`LONG_MINUTES`]. A poll is
/// three state transitions in both loops, because a Choice follows it.
const MAX_RELATIVE_COST: f64 = 0.7;

/// The limit of the delay after the end, in seconds: a quarter of the duration, or 10 seconds.
pub(super) fn max_delay(seconds: f64) -> f64 {
    (seconds / 4.0).max(10.0)
}

/// All figures.
pub(super) fn figures(ours: &Model, fixed: &Model, prices: &Prices) -> Result<Vec<Figure>, Error> {
    let mut figures = Vec::new();
    for minutes in MINUTES {
        let seconds = f64::from(minutes) * 60.0;
        let (cost, fixed_cost) = (ours.cost(seconds, prices)?, fixed.cost(seconds, prices)?);
        let of =
            |what: &str, unit: &'static str, value| Figure::new(format!("{minutes} min: {what}"), unit, vec![value]);
        let share = of("cost of a case, relative to the fixed loop", "x", cost / fixed_cost);
        let same_machine = prices.cost(&ours.line.at(fixed.detecting_poll(seconds)?.poll))?;
        figures.push(of("1,000 cases", "USD", cost * 1e3));
        figures.push(of("1,000 cases with a poll every 30 s", "USD", fixed_cost * 1e3));
        figures.push(if minutes > LONG_MINUTES { share.at_most(MAX_RELATIVE_COST) } else { share });
        figures.push(of("cost, relative to the same states with a poll every 30 s", "x", cost / same_machine));
        figures.push(of("delay of the alert after the end", "s", ours.delay(seconds)?).at_most(max_delay(seconds)));
    }
    // The durations in between, in steps of a second.
    let (mut poll_delay, mut latest, mut dearest) = (0.0_f64, 0.0_f64, 0.0_f64);
    for second in MINUTES[0] * 60..=MINUTES[MINUTES.len() - 1] * 60 {
        let seconds = f64::from(second);
        poll_delay = poll_delay.max(ours.detection_delay(seconds)? / max_delay(seconds));
        latest = latest.max(ours.delay(seconds)? / max_delay(seconds));
        if second > LONG_MINUTES * 60 {
            dearest = dearest.max(ours.cost(seconds, prices)? / fixed.cost(seconds, prices)?);
        }
    }
    figures.push(
        Figure::new("Any duration over 15 min: highest cost, relative to the fixed loop", "x", vec![dearest])
            .at_most(MAX_RELATIVE_COST),
    );
    figures.push(
        Figure::new("Any duration: longest delay of the poll, relative to the limit", "x", vec![poll_delay])
            .at_most(1.0),
    );
    figures.push(
        Figure::new("Any duration: longest delay of the alert, relative to the limit", "x", vec![latest]).at_most(1.0),
    );
    figures.extend(ours.figures(prices)?);
    figures.extend(fixed.figures(prices)?);
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use super::super::usage::Usage;
    use super::*;

    fn model(waits: &[u64]) -> Model {
        let counted = |polls: u32| {
            let many = f64::from(polls);
            let usage = [(Item::StateTransitions, 10.0 + 3.0 * many), (Item::LambdaMilliseconds, 900.0 + 100.0 * many)];
            CaseCost { polls, waits: Vec::new(), usage: Usage::of(usage), poll_to_alert: 0.9 + many / 30.0 }
        };
        Model::of(Polling::Gumshoe, waits.to_vec(), vec![counted(1), counted(3)])
    }

    fn prices() -> Prices {
        Prices::read(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("prices.json")).unwrap()
    }

    #[test]
    fn the_delay_includes_the_poll_and_the_following_tasks() {
        let model = model(&[10, 10, 10]);
        // The second poll starts at 20.1 seconds, and the alert is published one second later.
        assert!((model.delay(15.0).unwrap() - 6.1).abs() < 1e-9);
        assert!(model.delay(40.0).is_err());
    }

    #[test]
    fn costs_between_measured_cases_are_on_the_line() {
        let model = model(&[10, 10, 10]);
        let cost = model.cost(15.0, &prices()).unwrap();
        assert!((cost - 16.0 * 0.000_025).abs() < 1e-9, "{cost}");
        assert!(model.deviation_from_line(&prices()).unwrap() < 1e-9);
    }

    #[test]
    fn the_limit_is_a_quarter_and_at_least_ten_seconds() {
        assert_eq!([20.0, 40.0, 400.0].map(max_delay), [10.0, 10.0, 100.0]);
    }
}
