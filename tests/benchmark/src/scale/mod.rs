//! Bursts of findings on the local cloud, about distinct principals and about one, while Detective throttles: whether each
//! finding is accounted for, and the duration relative to the minimum under the throttle.

pub(crate) mod burst;
mod run;
mod table_observer;

use std::sync::Arc;

use local_cloud::{CloudError, LocalCloud, Method, Options, Profile};
use serde_json::{Value, json};

use crate::Error;
use crate::figure::Figure;
use run::{Burst, Outcome, Principals, ScaleTest};
use table_observer::TableObserver;

/// Real seconds per second of the state machine. The emulator is one Python process: time is so slow that cases wait for the
/// throttle and not for the emulator.
const WAIT_SCALE: f64 = 1.5;
/// The calls of each operation that Detective allows per second of the state machine.
const RATE: f64 = 10.0;
/// The bound of a burst's duration, relative to the minimum time in which the throttle allows its calls.
const OVERHEAD: f64 = 1.3;

/// The number of findings, and of the polls that report the investigation of one principal as running: a thousand findings need
/// two minutes of the state machine to join its case.
const BURSTS: [(usize, u32); 3] = [(10, 1), (100, 1), (1000, 8)];

/// The number of times that all bursts are sent, each time to a new local cloud, so that rounds do not affect each other.
const ROUNDS: usize = 3;

/// Measures all bursts.
pub(crate) async fn measure() -> Result<Vec<Figure>, Error> {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(Round::measure().await?);
    }
    Ok(figures(&rounds))
}

/// The outcomes of all bursts on one local cloud.
struct Round {
    /// Not throttled, about distinct principals.
    free: Outcome,
    /// In the order of `throttled`.
    throttled: Vec<Outcome>,
}

/// The bursts that are throttled.
fn throttled() -> impl Iterator<Item = Burst> {
    BURSTS.into_iter().flat_map(|(findings, checks)| {
        let rate = Some(RATE / WAIT_SCALE);
        let one = Burst { name: "one", findings, principals: Principals::One, checks, rate };
        [one, Burst { name: "many", principals: Principals::Distinct, checks: 0, ..one }]
    })
}

impl Round {
    async fn measure() -> Result<Self, Error> {
        let options = Options {
            port: None,
            profile: Profile::Release,
            wait_scale: WAIT_SCALE,
            parameters: Vec::new(),
            durable: false,
            progress: &|text| println!("  {text}"),
        };
        let cloud = LocalCloud::start(&options).await?;
        pause_relay(&cloud).await?;
        let observer = Arc::<TableObserver>::default();
        cloud.proxy().set_fault_injector(observer.clone());
        let test = ScaleTest { cloud: &cloud, observer };
        let free = Burst { name: "free", findings: 100, principals: Principals::Distinct, checks: 0, rate: None };
        let free = print_outcome(&free, test.run(&free).await?);
        let mut outcomes = Vec::new();
        for burst in throttled() {
            outcomes.push(print_outcome(&burst, test.run(&burst).await?));
        }
        Ok(Self { free, throttled: outcomes })
    }

    /// The calls per case of the most called operation, which determines the minimum duration under the throttle.
    fn most_calls(&self) -> f64 {
        ratio(self.free.calls.values().copied().max().unwrap_or_default(), self.free.cases)
    }
}

fn print_outcome(burst: &Burst, outcome: Outcome) -> Outcome {
    println!("  {} findings over {:?}: {outcome:?}", burst.findings, burst.principals);
    outcome
}

fn figures(rounds: &[Round]) -> Vec<Figure> {
    let free = rounds.iter().map(|round| round.free.total_seconds).collect();
    let most_calls: Vec<f64> = rounds.iter().map(Round::most_calls).collect();
    let mut figures = vec![
        Figure::new("100 findings, not throttled: until the last case has ended", "s", free),
        Figure::new("Calls of the most called operation, per case", "", most_calls.clone()),
        Figure::new("Calls of each operation that the throttle allows", "1/s", vec![RATE / WAIT_SCALE]),
    ];
    for (at, burst) in throttled().enumerate() {
        let outcomes: Vec<&Outcome> = rounds.iter().filter_map(|round| round.throttled.get(at)).collect();
        figures.extend(burst_figures(&burst, &outcomes, &most_calls));
    }
    figures
}

/// The figures of a burst that was sent several times; `most_calls` has a number for each.
fn burst_figures(burst: &Burst, outcomes: &[&Outcome], most_calls: &[f64]) -> Vec<Figure> {
    let principals = match burst.principals {
        Principals::One => "one principal",
        Principals::Distinct => "as many principals",
    };
    let named = |what: &str, unit: &'static str, values: Vec<f64>| {
        Figure::new(format!("{} findings, {principals}: {what}", burst.findings), unit, values)
    };
    let of = |what: &str, unit: &'static str, value: fn(&Outcome) -> f64| {
        named(what, unit, outcomes.iter().map(|outcome| value(outcome)).collect())
    };
    let (all, one) = (whole(burst.findings), burst.principals == Principals::One);
    let most = if one { 1.0 } else { all };
    let in_alerts = |it: &Outcome| whole(usize::try_from(it.findings_in_alerts).unwrap_or_default());
    let mut figures = vec![
        of("accounted for", "", |it| whole(it.accounted)).at_least(all).applies_to_each(),
        of("until the last case has ended", "s", |it| it.total_seconds),
        of("investigations", "", |it| whole(it.investigations)).at_most(most).applies_to_each(),
        of("alerts", "", |it| whole(it.alerts)).at_most(most).applies_to_each(),
        of("findings counted in alerts", "", in_alerts).at_least(all).applies_to_each(),
        of("longest wait in the queue", "s", |it| it.max_wait_seconds),
    ];
    if !one {
        let without = of("cases without an investigation or its result", "", |it| whole(it.not_investigated));
        figures.push(without.at_most(0.0).applies_to_each());
        figures.push(of("calls throttled", "", |it| whole(it.throttled)));
    }
    if !one && burst.findings >= 1000 {
        // The minimum time for as many calls as unthrottled cases make.
        let bounds: Vec<f64> = most_calls.iter().map(|calls| all * calls / (RATE / WAIT_SCALE)).collect();
        let ratios = outcomes.iter().zip(&bounds).map(|(outcome, bound)| outcome.total_seconds / bound).collect();
        figures.push(named("minimum duration under the throttle", "s", bounds));
        figures.push(
            named("duration, relative to the minimum under the throttle", "x", ratios)
                .at_most(OVERHEAD)
                .applies_to_each(),
        );
    }
    figures
}

fn whole(count: usize) -> f64 {
    ratio(count, 1)
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn ratio(count: usize, of: usize) -> f64 {
    count as f64 / of.max(1) as f64
}

/// Stops relay-alert from receiving alerts: Slack's rate limit would make it run longer than any burst.
async fn pause_relay(cloud: &LocalCloud) -> Result<(), Error> {
    let path = "/2015-03-31/event-source-mappings";
    let all: Value = serde_json::from_str(&cloud.api().get("lambda", path).await?)?;
    let of_relay = |it: &&Value| it["FunctionArn"].as_str().is_some_and(|arn| arn.ends_with("-relay-alert"));
    for mapping in all["EventSourceMappings"].as_array().into_iter().flatten().filter(of_relay) {
        let path = format!("{path}/{}", mapping["UUID"].as_str().unwrap_or_default());
        let disabled = json!({"Enabled": false}).to_string().into_bytes();
        let paused: Result<String, CloudError> = cloud.api().send(Method::PUT, "lambda", &path, disabled).await;
        paused?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(accounted: usize, total_seconds: f64) -> Outcome {
        let all = 1000;
        Outcome {
            accounted,
            cases: all,
            investigations: all,
            alerts: all,
            findings_in_alerts: 1000,
            total_seconds,
            ..Outcome::default()
        }
    }

    #[test]
    fn a_finding_lost_in_one_round_fails_the_bound() {
        let many = throttled().find(|it| it.findings == 1000 && it.principals == Principals::Distinct).unwrap();
        let bound = 1000.0 * 2.0 / (RATE / WAIT_SCALE);
        let holds = |accounted: [usize; 3], slowest: f64| {
            let outcomes = accounted.map(|accounted| outcome(accounted, bound));
            let slow = Outcome { total_seconds: bound * slowest, ..outcomes[1].clone() };
            burst_figures(&many, &[&outcomes[0], &slow, &outcomes[2]], &[2.0; 3]).iter().all(Figure::holds)
        };
        assert!(holds([1000; 3], 1.2));
        assert!(!holds([1000, 1000, 999], 1.2));
        assert!(!holds([1000; 3], 1.4));
    }
}
