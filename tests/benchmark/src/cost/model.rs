//! Cost and delay by the duration of an investigation, and the bounds they must keep.

use super::case::Counted;
use super::looks::{Looks, Seen};
use super::prices::Prices;
use super::usage::{Item, Line};
use super::{LONG, MINUTES};
use crate::Error;
use crate::figure::Figure;

/// Whose looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Ours,
    Fixed,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ours => "Ours",
            Self::Fixed => "A look every 30 s",
        }
    }
}

/// What was counted of one kind, and the line through it.
#[derive(Debug, Clone)]
pub(super) struct Model {
    kind: Kind,
    looks: Looks,
    /// The same if a look took no time: what the schedule promises.
    scheduled: Looks,
    line: Line,
    counted: Vec<Counted>,
}

impl Model {
    pub(super) fn of(kind: Kind, waits: Vec<u64>, counted: Vec<Counted>) -> Self {
        let points: Vec<_> = counted.iter().map(|case| (case.looks, &case.usage)).collect();
        let line = Line::through(&points);
        let a_look = line.per_look.get(Item::LambdaMilliseconds) / 1e3;
        let scheduled = Looks::after(waits.clone(), 0.0);
        Self { kind, looks: Looks::after(waits, a_look), scheduled, line, counted }
    }

    /// The look that sees an investigation as ended that took so many seconds.
    pub(super) fn seen(&self, seconds: f64) -> Result<Seen, Error> {
        seeing(&self.looks, seconds)
    }

    /// How long after the end the schedule's look comes, in seconds.
    fn noticed(&self, seconds: f64) -> Result<f64, Error> {
        Ok(seeing(&self.scheduled, seconds)?.after)
    }

    /// How long after the end the alert is published, in seconds: until the look, and from there at most as long as in any
    /// case that was counted.
    pub(super) fn delay(&self, seconds: f64) -> Result<f64, Error> {
        Ok(self.seen(seconds)?.after + self.tell())
    }

    fn tell(&self) -> f64 {
        self.counted.iter().map(|case| case.tell).fold(0.0, f64::max)
    }

    /// What such a case costs, in USD: as it was counted, where one was, else by the line.
    pub(super) fn cost(&self, seconds: f64, prices: &Prices) -> Result<f64, Error> {
        let look = self.seen(seconds)?.look;
        match self.counted.iter().find(|case| case.looks == look) {
            Some(case) => prices.cost(&case.usage),
            None => prices.cost(&self.line.at(look)),
        }
    }

    /// How far the cost of a case that was counted is from the line, at most, in parts of it.
    fn crookedness(&self, prices: &Prices) -> Result<f64, Error> {
        let mut most: f64 = 0.0;
        for case in &self.counted {
            most = most.max((prices.cost(&case.usage)? / prices.cost(&self.line.at(case.looks))? - 1.0).abs());
        }
        Ok(most)
    }

    fn figures(&self, prices: &Prices) -> Result<Vec<Figure>, Error> {
        let who = self.kind.name();
        let of = |what: &str, unit: &'static str, value| Figure::new(format!("{who}: {what}"), unit, vec![value]);
        let (fixed, per_look) = (&self.line.fixed, &self.line.per_look);
        Ok(vec![
            of("state transitions of a case beside its looks", "", fixed.get(Item::StateTransitions)),
            of("state transitions of a look", "", per_look.get(Item::StateTransitions)),
            of("1,000 cases beside their looks", "USD", prices.cost(fixed)? * 1e3),
            of("1,000 looks", "USD", prices.cost(per_look)? * 1e3),
            of("from the last look to the alert", "s", self.tell()),
            of("how far a counted case is from the line", "%", self.crookedness(prices)? * 100.0).at_most(1.0),
        ])
    }
}

fn seeing(looks: &Looks, seconds: f64) -> Result<Seen, Error> {
    let seen = looks.seeing(seconds);
    seen.ok_or_else(|| Error::Unexpected(format!("no look comes {seconds} seconds after the start")))
}

/// What a case may cost at most, of the same with the fixed loop, where its investigation takes longer than [`LONG`] minutes. A look is
/// three state transitions in both, as a Choice follows it.
const SHARE: f64 = 0.7;

/// What may pass after the end, in seconds: a quarter of the duration, or 10 seconds.
pub(super) fn allowed(seconds: f64) -> f64 {
    (seconds / 4.0).max(10.0)
}

/// All figures.
pub(super) fn figures(ours: &Model, fixed: &Model, prices: &Prices) -> Result<Vec<Figure>, Error> {
    let mut figures = Vec::new();
    for minutes in MINUTES {
        let seconds = f64::from(minutes) * 60.0;
        let (cost, theirs) = (ours.cost(seconds, prices)?, fixed.cost(seconds, prices)?);
        let of =
            |what: &str, unit: &'static str, value| Figure::new(format!("{minutes} min: {what}"), unit, vec![value]);
        let share = of("a case's cost, of that with the fixed loop", "x", cost / theirs);
        let same_machine = prices.cost(&ours.line.at(fixed.seen(seconds)?.look))?;
        figures.push(of("1,000 cases", "USD", cost * 1e3));
        figures.push(of("1,000 cases with a look every 30 s", "USD", theirs * 1e3));
        figures.push(if minutes > LONG { share.at_most(SHARE) } else { share });
        figures.push(of("of what our own loop would cost with a look every 30 s", "x", cost / same_machine));
        figures.push(of("the alert after the end", "s", ours.delay(seconds)?).at_most(allowed(seconds)));
    }
    // Between those durations, second by second.
    let (mut noticed, mut latest, mut dearest) = (0.0_f64, 0.0_f64, 0.0_f64);
    for second in MINUTES[0] * 60..=MINUTES[MINUTES.len() - 1] * 60 {
        let seconds = f64::from(second);
        noticed = noticed.max(ours.noticed(seconds)? / allowed(seconds));
        latest = latest.max(ours.delay(seconds)? / allowed(seconds));
        if second > LONG * 60 {
            dearest = dearest.max(ours.cost(seconds, prices)? / fixed.cost(seconds, prices)?);
        }
    }
    figures.push(Figure::new("Any duration over 15 min: the cost, at most", "x", vec![dearest]).at_most(SHARE));
    figures.push(Figure::new("Any duration: the look, of what may pass, at most", "x", vec![noticed]).at_most(1.0));
    figures.push(Figure::new("Any duration: the alert, of what may pass, at most", "x", vec![latest]).at_most(1.0));
    figures.extend(ours.figures(prices)?);
    figures.extend(fixed.figures(prices)?);
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use super::super::usage::Usage;
    use super::*;

    fn model(waits: &[u64]) -> Model {
        let counted = |looks: u32| {
            let many = f64::from(looks);
            let usage = [(Item::StateTransitions, 10.0 + 3.0 * many), (Item::LambdaMilliseconds, 900.0 + 100.0 * many)];
            Counted { looks, waits: Vec::new(), usage: Usage::of(usage), tell: 0.9 + many / 30.0 }
        };
        Model::of(Kind::Ours, waits.to_vec(), vec![counted(1), counted(3)])
    }

    fn prices() -> Prices {
        Prices::read(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("prices.json")).unwrap()
    }

    #[test]
    fn a_delay_has_the_look_and_what_follows_in_it() {
        let model = model(&[10, 10, 10]);
        // The second look begins at 20.1 seconds, and the alert comes a second later.
        assert!((model.delay(15.0).unwrap() - 6.1).abs() < 1e-9);
        assert!(model.delay(40.0).is_err());
    }

    #[test]
    fn costs_between_the_counted_ones_are_on_the_line() {
        let model = model(&[10, 10, 10]);
        let cost = model.cost(15.0, &prices()).unwrap();
        assert!((cost - 16.0 * 0.000_025).abs() < 1e-9, "{cost}");
        assert!(model.crookedness(&prices()).unwrap() < 1e-9);
    }

    #[test]
    fn a_quarter_or_ten_seconds_may_pass() {
        assert_eq!([20.0, 40.0, 400.0].map(allowed), [10.0, 10.0, 100.0]);
    }
}
