//! Peak resident memory, and the growth of resident memory from the 100th to the 10,000th invocation.

use super::function::Function;
use super::setup::Setup;
use super::startup::ratios;
use super::work::MeasuredProcess;
use crate::Error;
use crate::figure::Figure;

/// The number of processes that are measured, for each figure.
const ROUNDS: usize = 3;
/// The number of invocations after which the peak is read.
const PEAK_AFTER_INVOCATIONS: u32 = 100;
/// The number of invocations after which the growth is read.
const GROWTH_AFTER_INVOCATIONS: u32 = 10_000;

/// Measures all functions.
pub(super) async fn measure(setup: &Setup) -> Result<Vec<Figure>, Error> {
    let (mut figures, mut nothing) = (Vec::new(), Vec::new());
    for function in Function::ALL {
        let name = function.name();
        let peaks = peaks(setup, function).await?;
        let of_nothing = ratios(&peaks.own, &peaks.nothing);
        figures.push(Figure::new(format!("{name}, peak memory"), "MiB", peaks.own));
        figures.push(Figure::new(format!("{name} in Python, peak memory"), "MiB", peaks.python));
        figures.push(Figure::new(format!("{name}, peak memory, vs. do-nothing"), "x", of_nothing).at_most(5.0));
        let mut growths = Vec::new();
        for _ in 0..ROUNDS {
            growths.push(growth(setup, function).await?);
        }
        let growth = Figure::new(format!("{name}, growth after 10,000 invocations"), "KiB", growths);
        figures.push(growth.at_most(1024.0).applies_to_each());
        nothing.extend(peaks.nothing);
    }
    figures.push(Figure::new("do-nothing, peak memory", "MiB", nothing));
    Ok(figures)
}

/// Peak memory of each process, in MiB.
#[derive(Default)]
struct Peaks {
    own: Vec<f64>,
    nothing: Vec<f64>,
    python: Vec<f64>,
}

async fn peaks(setup: &Setup, function: Function) -> Result<Peaks, Error> {
    let workload = setup.workload(function.first_workload())?;
    let programs = setup.programs(function)?;
    let mut peaks = Peaks::default();
    for _ in 0..ROUNDS {
        for (program, calls, peaks) in [
            (&programs.own, true, &mut peaks.own),
            (&setup.nothing, false, &mut peaks.nothing),
            (&programs.python, true, &mut peaks.python),
        ] {
            let mut turn = MeasuredProcess::begin(setup, program, workload, calls).await?;
            turn.round(setup, PEAK_AFTER_INVOCATIONS).await?;
            peaks.push(f64::from(turn.process().memory()?.peak) / 1024.0);
            turn.end().await?;
        }
    }
    Ok(peaks)
}

/// The growth of resident memory, in KiB.
async fn growth(setup: &Setup, function: Function) -> Result<f64, Error> {
    let workload = setup.workload(function.first_workload())?;
    let mut turn = MeasuredProcess::begin(setup, &setup.programs(function)?.own, workload, true).await?;
    turn.round(setup, PEAK_AFTER_INVOCATIONS).await?;
    let before = turn.process().memory()?.now;
    turn.round(setup, GROWTH_AFTER_INVOCATIONS - PEAK_AFTER_INVOCATIONS).await?;
    let after = turn.process().memory()?.now;
    turn.end().await?;
    Ok(f64::from(after) - f64::from(before))
}
