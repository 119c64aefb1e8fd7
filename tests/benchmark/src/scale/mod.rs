//! Bursts of findings on the local cloud, over distinct principals and over one, while Detective throttles: whether each
//! finding is accounted for, and how long it takes against what the throttle allows.

pub(crate) mod burst;
mod run;
mod watch;

use std::sync::Arc;

use local_cloud::{CloudError, LocalCloud, Method, Options};
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

/// Measures all bursts on one cloud.
pub(crate) async fn measure() -> Result<Vec<Figure>, Error> {
    let options = Options {
        port: None,
        wait_scale: WAIT_SCALE,
        parameters: Vec::new(),
        durable: false,
        say: &|text| println!("  {text}"),
    };
    let cloud = LocalCloud::start(&options).await?;
    pause_the_relay(&cloud).await?;
    let watch = Arc::<Watch>::default();
    cloud.proxy().meddle(watch.clone());
    let stage = Stage { cloud: &cloud, watch };

    let free = Burst { name: "free", findings: 100, principals: Principals::Distinct, checks: 0, rate: None };
    let free = say(&free, stage.run(&free).await?);
    // The operation that a case needs most often decides how long the throttle makes all cases take.
    let most_calls = ratio(free.calls.values().copied().max().unwrap_or_default(), free.cases);
    let mut figures = vec![
        Figure::new("100 findings, not throttled: until the last case has ended", "s", vec![free.drained]),
        Figure::new("Calls of an operation that a case needs, at most", "", vec![most_calls]),
        Figure::new("Calls of each operation that the throttle lets through", "1/s", vec![RATE / WAIT_SCALE]),
    ];
    let throttled = Some(RATE / WAIT_SCALE);
    for (findings, checks) in BURSTS {
        let one = Burst { name: "one", findings, principals: Principals::One, checks, rate: throttled };
        let distinct = Burst { name: "many", principals: Principals::Distinct, checks: 0, ..one };
        for burst in [one, distinct] {
            let outcome = say(&burst, stage.run(&burst).await?);
            figures.extend(outcome_figures(&burst, &outcome, most_calls));
        }
    }
    Ok(figures)
}

fn say(burst: &Burst, outcome: Outcome) -> Outcome {
    println!("  {} findings over {:?}: {outcome:?}", burst.findings, burst.principals);
    outcome
}

fn outcome_figures(burst: &Burst, outcome: &Outcome, most_calls: f64) -> Vec<Figure> {
    let principals = match burst.principals {
        Principals::One => "one principal",
        Principals::Distinct => "as many principals",
    };
    let of = |what: &str, unit: &'static str, value: f64| {
        Figure::new(format!("{} findings, {principals}: {what}", burst.findings), unit, vec![value])
    };
    let whole = |count: usize| ratio(count, 1);
    let (all, one) = (whole(burst.findings), burst.principals == Principals::One);
    let most = if one { 1.0 } else { all };
    let mut figures = vec![
        of("accounted for", "", whole(outcome.accounted)).at_least(all),
        of("until the last case has ended", "s", outcome.drained),
        of("investigations", "", whole(outcome.investigations)).at_most(most),
        of("alerts", "", whole(outcome.alerts)).at_most(most),
        of("findings that alerts count", "", whole(usize::try_from(outcome.told).unwrap_or_default())).at_least(all),
        of("the largest queue age", "s", outcome.oldest),
    ];
    if !one {
        figures
            .push(of("cases without an investigation or its result", "", whole(outcome.not_investigated)).at_most(0.0));
        figures.push(of("calls throttled", "", whole(outcome.throttled)));
    }
    if !one && burst.findings >= 1000 {
        // What the throttle needs for the calls of cases that are throttled nowhere.
        let bound = all * most_calls / (RATE / WAIT_SCALE);
        figures.push(of("what the throttle needs", "s", bound));
        figures.push(of("until the end, of what the throttle needs", "x", outcome.drained / bound).at_most(OVERHEAD));
    }
    figures
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
