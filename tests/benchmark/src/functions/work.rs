//! Time and CPU time of a warm invocation, with AWS answering at once: what is left is the function's own.
//!
//! Three processes live side by side and take turns: function, do-nothing function and function in Python.

use std::time::Duration;

use hyper::body::Bytes;

use super::program::{Process, Program};
use super::stage::{Stage, Workload};
use super::startup::ratios;
use crate::Error;
use crate::figure::Figure;

const ROUNDS: usize = 5;
/// What is measured, and how many invocations a round has: a round takes about a second.
const MEASURED: [(&str, u32); 7] = [
    ("open-case, an ordinary finding", 200),
    ("open-case, a batch of 10 findings", 40),
    ("open-case, an attack sequence of 240 KB", 40),
    ("assess-case, 1 indicator", 200),
    ("assess-case, 50 indicators", 100),
    ("assess-case, 400 indicators", 40),
    ("send-alert", 200),
];

/// What a process has taken an invocation, round by round.
#[derive(Default)]
pub(super) struct Taken {
    milliseconds: Vec<f64>,
    processor: Vec<f64>,
}

/// Measures all of it.
pub(super) async fn measure(stage: &Stage) -> Result<Vec<Figure>, Error> {
    let (mut figures, mut nothing) = (Vec::new(), Taken::default());
    for (name, times) in MEASURED {
        let workload = stage.workload(name)?;
        let programs = stage.programs(workload.function)?;
        let mut own = Turn::begin(stage, &programs.own, workload, true).await?;
        let mut idle = Turn::begin(stage, &stage.nothing, workload, false).await?;
        let mut python = Turn::begin(stage, &programs.python, workload, true).await?;
        for _ in 0..ROUNDS {
            own.round(stage, times).await?;
            idle.round(stage, times).await?;
            python.round(stage, times / 4).await?; // it takes several times as long
        }
        let (own, idle, python) = (own.end().await?, idle.end().await?, python.end().await?);
        figures.extend(figures_of(name, own, python));
        if figures.len() == 6 {
            nothing = idle; // with the smallest event; with a larger one it has more to read
        }
    }
    figures.push(Figure::new("do-nothing, an ordinary finding: time", "ms", nothing.milliseconds));
    figures.push(Figure::new("do-nothing, an ordinary finding: CPU time", "ms", nothing.processor));
    Ok(figures)
}

fn figures_of(name: &str, own: Taken, python: Taken) -> Vec<Figure> {
    let times = ratios(&python.milliseconds, &own.milliseconds);
    let processor = ratios(&python.processor, &own.processor);
    vec![
        Figure::new(format!("{name}: time"), "ms", own.milliseconds),
        Figure::new(format!("{name}: CPU time"), "ms", own.processor),
        Figure::new(format!("{name}, in Python: time"), "ms", python.milliseconds),
        Figure::new(format!("{name}, in Python: CPU time"), "ms", python.processor),
        Figure::new(format!("{name}: time in Python, to ours"), "x", times).at_least(2.0),
        Figure::new(format!("{name}: CPU time in Python, to ours"), "x", processor).at_least(2.0),
    ]
}

/// One of the processes that take turns.
pub(super) struct Turn {
    process: Process,
    event: Bytes,
    remembered: Option<&'static [&'static str]>,
    recording: super::recording::Recording,
    taken: Taken,
}

impl Turn {
    /// Starts the process and lets it answer once. What it calls is looked at unless it does nothing.
    pub(super) async fn begin(
        stage: &Stage,
        program: &Program,
        workload: &Workload,
        calls: bool,
    ) -> Result<Self, Error> {
        let mut process = program.start(&stage.aws.url()).await?;
        process.first_poll().await?;
        let mut turn = Self {
            process,
            event: workload.event.clone(),
            remembered: calls.then_some(&[] as &[&str]),
            recording: workload.recording.clone(),
            taken: Taken::default(),
        };
        stage.aws.replay(&turn.recording);
        turn.invoke(stage).await?;
        turn.remembered = calls.then(|| workload.function.remembered());
        Ok(turn)
    }

    async fn invoke(&mut self, stage: &Stage) -> Result<Duration, Error> {
        stage.aws.begin();
        let took = self.process.invoke(&self.event).await?.took;
        if let Some(remembered) = self.remembered {
            stage.aws.check(remembered).map_err(|error| self.process.named(error))?;
        }
        Ok(took)
    }

    /// So many invocations.
    pub(super) async fn round(&mut self, stage: &Stage, times: u32) -> Result<(), Error> {
        stage.aws.replay(&self.recording);
        let before = self.process.processor_time()?;
        let mut took = Duration::ZERO;
        for _ in 0..times {
            took += self.invoke(stage).await?;
        }
        let used = self.process.processor_time()?.saturating_sub(before);
        self.taken.milliseconds.push(took.as_secs_f64() * 1e3 / f64::from(times));
        self.taken.processor.push(used.as_secs_f64() * 1e3 / f64::from(times));
        Ok(())
    }

    /// The process, for whoever asks for its memory.
    pub(super) fn process(&self) -> &Process {
        &self.process
    }

    /// Ends the process.
    pub(super) async fn end(self) -> Result<Taken, Error> {
        self.process.end().await?;
        Ok(self.taken)
    }
}
