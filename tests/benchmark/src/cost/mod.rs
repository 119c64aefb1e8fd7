//! The cost of a case by the duration of its investigation, and the delay of its alert after the end, compared with the same
//! state machine with a poll every 30 seconds.
//!
//! States, invocations, calls and logs are counted in executions on the local cloud with the real functions. Waits are scaled
//! down; the unscaled ones are in the history. Only prices and latencies are inputs (`prices.json`).

mod call_recorder;
mod capacity;
mod case;
mod history;
mod machine;
mod model;
mod picture;
mod poll_schedule;
mod prices;
mod usage;

use std::path::Path;

use local_cloud::{LocalCloud, Options, Profile};

use crate::Error;
use crate::figure::Figure;
use case::{CaseCost, CostTest};
use model::{Model, Polling};
use prices::Prices;

/// The durations of investigations.
const MINUTES: [u32; 11] = [1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120];
/// For investigations longer than this, the cost of a case relative to the fixed loop is bounded.
const LONG_MINUTES: u32 = 15;
/// A deadline that no investigation of this measurement reaches.
const DEADLINE_MINUTES: &str = "180";
/// The polls of the case from which the schedule is read: more than any measured duration needs.
const MANY_POLLS: u32 = 45;
/// Real seconds per second of the state machine: an hour takes 1.8 seconds.
const WAIT_SCALE: f64 = 0.0005;

/// Measures all durations, and draws `cost.svg`.
pub(crate) async fn measure(prices: &Path, output: &Path) -> Result<Vec<Figure>, Error> {
    let prices = Prices::read(prices)?;
    let options = Options {
        port: None,
        profile: Profile::Release,
        wait_scale: WAIT_SCALE,
        parameters: vec![("DeadlineMinutes".to_owned(), DEADLINE_MINUTES.to_owned())],
        durable: false,
        progress: &|text| println!("  {text}"),
    };
    let cloud = LocalCloud::start(&options).await?;
    let mut test = CostTest::new(&cloud).await?;

    let long = test.count(MANY_POLLS, &prices).await?;
    let waits = long.waits.clone();
    let ours = curve(Polling::Gumshoe, &mut test, &prices, waits, long).await?;
    machine::poll_every_30_seconds(&cloud).await?;
    let first = test.count(2, &prices).await?;
    let every_30_seconds = vec![machine::POLL_INTERVAL_SECONDS; 300];
    let fixed = curve(Polling::Fixed, &mut test, &prices, every_30_seconds, first).await?;
    drop(cloud);

    picture::draw(&output.join("cost.svg"), &ours, &fixed, &prices)?;
    model::figures(&ours, &fixed, &prices)
}

/// Processes a case for each duration, and fits a line to the usage of all.
async fn curve(
    polling: Polling,
    test: &mut CostTest<'_>,
    prices: &Prices,
    waits: Vec<u64>,
    first: CaseCost,
) -> Result<Model, Error> {
    // The first two cases give the duration of a poll, from which the number of polls of the other cases follows.
    let mut counted = vec![first];
    let other = if counted[0].polls < 10 { 20 } else { 10 };
    counted.push(test.count(other, prices).await?);
    for minutes in MINUTES {
        let so_far = Model::of(polling, waits.clone(), counted.clone());
        let poll = so_far.detecting_poll(f64::from(minutes) * 60.0)?.poll;
        if counted.iter().all(|case| case.polls != poll) {
            println!("  {} of {minutes} minutes: {poll} polls", polling.name());
            counted.push(test.count(poll, prices).await?);
        }
    }
    Ok(Model::of(polling, waits, counted))
}
