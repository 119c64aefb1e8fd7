//! Bursts of findings on the local cloud, over distinct principals and over one, while Detective throttles: whether each
//! finding is accounted for, and how long it takes against what the throttle allows.

pub(crate) mod burst;
mod run;
mod watch;

use std::sync::Arc;

use local_cloud::{CloudError, LocalCloud, Method, Options, Profile};
use serde_json::{Value, json};

use crate::Error;
use crate::figure::Figure;
use run::{Burst, Outcome, Principals, Stage};
use watch::Watch;

/// Real seconds for each second of the state machine. The emulator is one Python process: time goes so slowly here that the
/// throttle keeps cases waiting, and not the emulator.
const WAIT_SCALE: f64 = 1.5;
/// How many calls of each operation Detective lets through in a second of the state machine.
const RATE: f64 = 10.0;
/// A burst has to be over within the time that the throttle needs for its calls, times this.
const OVERHEAD: f64 = 1.3;

/// How many findings, and how often the investigation of one principal is told as under way: for two minutes of the state
/// machine where a thousand are to join its case meanwhile.
const BURSTS: [(usize, u32); 3] = [(10, 1), (100, 1), (1000, 8)];

/// How often all bursts are sent, each time to a cloud of their own: none meets what another has left there.
const ROUNDS: usize = 3;

/// Measures all bursts.
pub(crate) async fn measure() -> Result<Vec<Figure>, Error> {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(Round::measure().await?);
    }
    Ok(figures(&rounds))
}

/// What came of all bursts on one cloud.
struct Round {
    /// Not throttled, over distinct principals.
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
        pause_the_relay(&cloud).await?;
        let watch = Arc::<Watch>::default();
        cloud.proxy().set_fault_injector(watch.clone());
        let stage = Stage { cloud: &cloud, watch };
        let free = Burst { name: "free", findings: 100, principals: Principals::Distinct, checks: 0, rate: None };
        let free = say(&free, stage.run(&free).await?);
        let mut outcomes = Vec::new();
        for burst in throttled() {
            outcomes.push(say(&burst, stage.run(&burst).await?));
        }
        Ok(Self { free, throttled: outcomes })
    }

    /// The operation that a case needs most often decides how long the throttle makes all cases take.
    fn most_calls(&self) -> f64 {
        ratio(self.free.calls.values().copied().max().unwrap_or_default(), self.free.cases)
    }
}

fn say(burst: &Burst, outcome: Outcome) -> Outcome {
    println!("  {} findings over {:?}: {outcome:?}", burst.findings, burst.principals);
    outcome
}

fn figures(rounds: &[Round]) -> Vec<Figure> {
    let free = rounds.iter().map(|round| round.free.drained).collect();
    let most_calls: Vec<f64> = rounds.iter().map(Round::most_calls).collect();
    let mut figures = vec![
        Figure::new("100 findings, not throttled: until the last case has ended", "s", free),
        Figure::new("Calls of an operation that a case needs, at most", "", most_calls.clone()),
        Figure::new("Calls of each operation that the throttle lets through", "1/s", vec![RATE / WAIT_SCALE]),
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
    let told = |it: &Outcome| whole(usize::try_from(it.told).unwrap_or_default());
    let mut figures = vec![
        of("accounted for", "", |it| whole(it.accounted)).at_least(all).each_time(),
        of("until the last case has ended", "s", |it| it.drained),
        of("investigations", "", |it| whole(it.investigations)).at_most(most).each_time(),
        of("alerts", "", |it| whole(it.alerts)).at_most(most).each_time(),
        of("findings that alerts count", "", told).at_least(all).each_time(),
        of("the largest queue age", "s", |it| it.oldest),
    ];
    if !one {
        let without = of("cases without an investigation or its result", "", |it| whole(it.not_investigated));
        figures.push(without.at_most(0.0).each_time());
        figures.push(of("calls throttled", "", |it| whole(it.throttled)));
    }
    if !one && burst.findings >= 1000 {
        // What the throttle needs for the calls of cases that are throttled nowhere.
        let bounds: Vec<f64> = most_calls.iter().map(|calls| all * calls / (RATE / WAIT_SCALE)).collect();
        let ratios = outcomes.iter().zip(&bounds).map(|(outcome, bound)| outcome.drained / bound).collect();
        figures.push(named("what the throttle needs", "s", bounds));
        figures.push(named("until the end, of what the throttle needs", "x", ratios).at_most(OVERHEAD).each_time());
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

/// Keeps relay-alert from taking alerts: what it is let through is Slack's to say, and would outlast every burst.
async fn pause_the_relay(cloud: &LocalCloud) -> Result<(), Error> {
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

    fn outcome(accounted: usize, drained: f64) -> Outcome {
        let all = 1000;
        Outcome { accounted, cases: all, investigations: all, alerts: all, told: 1000, drained, ..Outcome::default() }
    }

    #[test]
    fn a_finding_lost_in_one_round_is_seen() {
        let many = throttled().find(|it| it.findings == 1000 && it.principals == Principals::Distinct).unwrap();
        let bound = 1000.0 * 2.0 / (RATE / WAIT_SCALE);
        let holds = |accounted: [usize; 3], slowest: f64| {
            let outcomes = accounted.map(|accounted| outcome(accounted, bound));
            let slow = Outcome { drained: bound * slowest, ..outcomes[1].clone() };
            burst_figures(&many, &[&outcomes[0], &slow, &outcomes[2]], &[2.0; 3]).iter().all(Figure::holds)
        };
        assert!(holds([1000; 3], 1.2));
        assert!(!holds([1000, 1000, 999], 1.2));
        assert!(!holds([1000; 3], 1.4));
    }
}
