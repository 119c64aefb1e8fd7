//! What one case costs, by how long its investigation takes, and how long after the end people hear of it; against the same
//! state machine with a look every 30 seconds.
//!
//! Everything is counted from real executions on the local cloud, with the real functions: states, invocations, calls, logs.
//! Their waits are shortened; what they were to be is in the history. Only prices and latencies are inputs (`prices.json`).

mod calls;
mod capacity;
mod case;
mod history;
mod looks;
mod machine;
mod model;
mod picture;
mod prices;
mod usage;

use std::path::Path;

use local_cloud::{LocalCloud, Options, Profile};

use crate::Error;
use crate::figure::Figure;
use case::{Counted, Stage};
use model::{Kind, Model};
use prices::Prices;

/// How long investigations take, in minutes.
const MINUTES: [u32; 11] = [1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120];
/// From here on, in minutes, a case may cost at most half of what it costs with the fixed loop.
const LONG: u32 = 15;
/// A deadline that no investigation here reaches, in minutes.
const DEADLINE: &str = "180";
/// How many looks a case has whose investigation goes on and on, to learn the schedule.
const MANY: u32 = 45;
/// An hour of the state machine is 1.8 seconds.
const WAIT_SCALE: f64 = 0.0005;

/// Counts, and draws `cost.svg`.
pub(crate) async fn measure(prices: &Path, into: &Path) -> Result<Vec<Figure>, Error> {
    let prices = Prices::read(prices)?;
    let options = Options {
        port: None,
        profile: Profile::Release,
        wait_scale: WAIT_SCALE,
        parameters: vec![("DeadlineMinutes".to_owned(), DEADLINE.to_owned())],
        durable: false,
        progress: &|text| println!("  {text}"),
    };
    let cloud = LocalCloud::start(&options).await?;
    let mut stage = Stage::set(&cloud).await?;

    let long = stage.count(MANY, &prices).await?;
    let waits = long.waits.clone();
    let ours = curve(Kind::Ours, &mut stage, &prices, waits, long).await?;
    machine::look_every_30_seconds(&cloud).await?;
    let first = stage.count(2, &prices).await?;
    let every_30_seconds = vec![machine::GAP; 300];
    let fixed = curve(Kind::Fixed, &mut stage, &prices, every_30_seconds, first).await?;
    drop(cloud);

    picture::draw(&into.join("cost.svg"), &ours, &fixed, &prices)?;
    model::figures(&ours, &fixed, &prices)
}

/// Works a case for each duration, and puts a line through what was counted.
async fn curve(
    kind: Kind,
    stage: &mut Stage<'_>,
    prices: &Prices,
    waits: Vec<u64>,
    first: Counted,
) -> Result<Model, Error> {
    // How long a look itself takes is known from two cases, and only then which look sees an end.
    let mut counted = vec![first];
    let other = if counted[0].looks < 10 { 20 } else { 10 };
    counted.push(stage.count(other, prices).await?);
    for minutes in MINUTES {
        let so_far = Model::of(kind, waits.clone(), counted.clone());
        let look = so_far.seen(f64::from(minutes) * 60.0)?.look;
        if counted.iter().all(|case| case.looks != look) {
            println!("  {} of {minutes} minutes: {look} looks", kind.name());
            counted.push(stage.count(look, prices).await?);
        }
    }
    Ok(Model::of(kind, waits, counted))
}
