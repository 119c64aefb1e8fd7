//! Resident memory at its peak, and how much more there is after thousands of invocations than after the first hundred.

use super::function::Function;
use super::stage::Stage;
use super::startup::ratios;
use super::work::Turn;
use crate::Error;
use crate::figure::Figure;

/// How many processes are looked at, for their peak and for their growth.
const ROUNDS: usize = 3;
/// After how many invocations the peak is looked at.
const SOME: u32 = 100;
/// After how many the growth is looked at.
const MANY: u32 = 10_000;

/// Measures all functions.
pub(super) async fn measure(stage: &Stage) -> Result<Vec<Figure>, Error> {
    let (mut figures, mut nothing) = (Vec::new(), Vec::new());
    for function in Function::ALL {
        let name = function.name();
        let peaks = peaks(stage, function).await?;
        let of_nothing = ratios(&peaks.own, &peaks.nothing);
        figures.push(Figure::new(format!("{name}, at its peak"), "MiB", peaks.own));
        figures.push(Figure::new(format!("{name} in Python, at its peak"), "MiB", peaks.python));
        figures.push(Figure::new(format!("{name}, at its peak, to do-nothing's"), "x", of_nothing).at_most(5.0));
        let mut growths = Vec::new();
        for _ in 0..ROUNDS {
            growths.push(growth(stage, function).await?);
        }
        let growth = Figure::new(format!("{name}, growth after 10,000 invocations"), "KiB", growths);
        figures.push(growth.at_most(1024.0).each_time());
        nothing.extend(peaks.nothing);
    }
    figures.push(Figure::new("do-nothing, at its peak", "MiB", nothing));
    Ok(figures)
}

/// MiB.
#[derive(Default)]
struct Peaks {
    own: Vec<f64>,
    nothing: Vec<f64>,
    python: Vec<f64>,
}

async fn peaks(stage: &Stage, function: Function) -> Result<Peaks, Error> {
    let workload = stage.workload(function.first_workload())?;
    let programs = stage.programs(function)?;
    let mut peaks = Peaks::default();
    for _ in 0..ROUNDS {
        for (program, calls, peaks) in [
            (&programs.own, true, &mut peaks.own),
            (&stage.nothing, false, &mut peaks.nothing),
            (&programs.python, true, &mut peaks.python),
        ] {
            let mut turn = Turn::begin(stage, program, workload, calls).await?;
            turn.round(stage, SOME).await?;
            peaks.push(f64::from(turn.process().memory()?.peak) / 1024.0);
            turn.end().await?;
        }
    }
    Ok(peaks)
}

/// KiB.
async fn growth(stage: &Stage, function: Function) -> Result<f64, Error> {
    let workload = stage.workload(function.first_workload())?;
    let mut turn = Turn::begin(stage, &stage.programs(function)?.own, workload, true).await?;
    turn.round(stage, SOME).await?;
    let before = turn.process().memory()?.now;
    turn.round(stage, MANY - SOME).await?;
    let after = turn.process().memory()?.now;
    turn.end().await?;
    Ok(f64::from(after) - f64::from(before))
}
