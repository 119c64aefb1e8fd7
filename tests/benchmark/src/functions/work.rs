//! Time and CPU time of a warm invocation. AWS responds without delay, so the time is that of the function.
//!
//! Three processes run concurrently and take turns: the function, the do-nothing function and the function in Python.

use std::time::Duration;

use hyper::body::Bytes;

use super::program::{Process, Program};
use super::setup::{Setup, Workload};
use super::startup::ratios;
use crate::Error;
use crate::figure::Figure;

const ROUNDS: usize = 5;
/// The measured workloads, and their invocations per round: a round takes about a second.
const MEASURED: [(&str, u32); 7] = [
    ("open-case, an ordinary finding", 200),
    ("open-case, a batch of 10 findings", 40),
    ("open-case, an attack sequence of 240 KB", 40),
    ("assess-case, 1 indicator", 200),
    ("assess-case, 50 indicators", 100),
    ("assess-case, 400 indicators", 40),
    ("send-alert", 200),
];

/// Milliseconds per invocation, by round.
#[derive(Default)]
pub(super) struct Measurements {
    milliseconds: Vec<f64>,
    processor: Vec<f64>,
}

/// Measures all workloads.
pub(super) async fn measure(setup: &Setup) -> Result<Vec<Figure>, Error> {
    let (mut figures, mut do_nothing) = (Vec::new(), Measurements::default());
    for (name, times) in MEASURED {
        let workload = setup.workload(name)?;
        let programs = setup.programs(workload.function)?;
        let mut own = MeasuredProcess::begin(setup, &programs.own, workload, true).await?;
        let mut idle = MeasuredProcess::begin(setup, &setup.nothing, workload, false).await?;
        let mut python = MeasuredProcess::begin(setup, &programs.python, workload, true).await?;
        for _ in 0..ROUNDS {
            own.round(setup, times).await?;
            idle.round(setup, times).await?;
            python.round(setup, times / 4).await?; // each invocation takes several times as long
        }
        let (own, idle, python) = (own.end().await?, idle.end().await?, python.end().await?);
        figures.extend(figures_of(name, own, python));
        if figures.len() == 6 {
            do_nothing = idle; // with the smallest event, which takes the least time to read
        }
    }
    figures.push(Figure::new("do-nothing, an ordinary finding: time", "ms", do_nothing.milliseconds));
    figures.push(Figure::new("do-nothing, an ordinary finding: CPU time", "ms", do_nothing.processor));
    Ok(figures)
}

fn figures_of(name: &str, own: Measurements, python: Measurements) -> Vec<Figure> {
    let times = ratios(&python.milliseconds, &own.milliseconds);
    let processor = ratios(&python.processor, &own.processor);
    vec![
        Figure::new(format!("{name}: time"), "ms", own.milliseconds),
        Figure::new(format!("{name}: CPU time"), "ms", own.processor),
        Figure::new(format!("{name}, in Python: time"), "ms", python.milliseconds),
        Figure::new(format!("{name}, in Python: CPU time"), "ms", python.processor),
        Figure::new(format!("{name}: time in Python, vs. Gumshoe"), "x", times).at_least(2.0),
        Figure::new(format!("{name}: CPU time in Python, vs. Gumshoe"), "x", processor).at_least(2.0),
    ]
}

/// One of the processes that take turns.
pub(super) struct MeasuredProcess {
    process: Process,
    event: Bytes,
    cached_operations: Option<&'static [&'static str]>,
    recording: super::recording::Recording,
    measurements: Measurements,
}

impl MeasuredProcess {
    /// Starts the process and invokes it once. `calls` is whether its calls are compared with the recording.
    pub(super) async fn begin(
        setup: &Setup,
        program: &Program,
        workload: &Workload,
        calls: bool,
    ) -> Result<Self, Error> {
        let mut process = program.start(&setup.aws.url()).await?;
        process.first_poll().await?;
        let mut turn = Self {
            process,
            event: workload.event.clone(),
            cached_operations: calls.then_some(&[] as &[&str]),
            recording: workload.recording.clone(),
            measurements: Measurements::default(),
        };
        setup.aws.replay(&turn.recording);
        turn.invoke(setup).await?;
        turn.cached_operations = calls.then(|| workload.function.cached_operations());
        Ok(turn)
    }

    async fn invoke(&mut self, setup: &Setup) -> Result<Duration, Error> {
        setup.aws.begin();
        let took = self.process.invoke(&self.event).await?.took;
        if let Some(cached_operations) = self.cached_operations {
            setup.aws.check(cached_operations).map_err(|error| self.process.named(error))?;
        }
        Ok(took)
    }

    /// Measures that many invocations.
    pub(super) async fn round(&mut self, setup: &Setup, times: u32) -> Result<(), Error> {
        setup.aws.replay(&self.recording);
        let before = self.process.processor_time()?;
        let mut took = Duration::ZERO;
        for _ in 0..times {
            took += self.invoke(setup).await?;
        }
        let used = self.process.processor_time()?.saturating_sub(before);
        self.measurements.milliseconds.push(took.as_secs_f64() * 1e3 / f64::from(times));
        self.measurements.processor.push(used.as_secs_f64() * 1e3 / f64::from(times));
        Ok(())
    }

    pub(super) fn process(&self) -> &Process {
        &self.process
    }

    /// Ends the process. Returns its measurements.
    pub(super) async fn end(self) -> Result<Measurements, Error> {
        self.process.end().await?;
        Ok(self.measurements)
    }
}
