//! From the start of a process to its first poll of the Runtime API, and to its first answer.
//!
//! Function, do-nothing function and function in Python take turns, so that the machine's mood is the same for all three, and
//! what is bounded are their ratios.

use std::time::Duration;

use hyper::body::Bytes;

use super::function::Function;
use super::program::Program;
use super::stage::Stage;
use crate::Error;
use crate::figure::Figure;

const ROUNDS: usize = 15;

/// The moments of one start, in milliseconds.
#[derive(Clone, Copy)]
struct Start {
    poll: f64,
    answer: f64,
}

/// What a function was seen to take, round by round, with those beside it.
#[derive(Default)]
struct Starts {
    own: Vec<Start>,
    nothing: Vec<Start>,
    python: Vec<Start>,
}

/// Measures all functions.
pub(super) async fn measure(stage: &Stage) -> Result<Vec<Figure>, Error> {
    let (mut figures, mut nothing) = (Vec::new(), Vec::new());
    for function in Function::ALL {
        let starts = of(stage, function).await?;
        figures.extend(figures_of(function.name(), &starts));
        nothing.extend(starts.nothing);
    }
    figures.push(Figure::new("do-nothing, to its first poll", "ms", polls(&nothing)));
    figures.push(Figure::new("do-nothing, to its first answer", "ms", answers(&nothing)));
    Ok(figures)
}

async fn of(stage: &Stage, function: Function) -> Result<Starts, Error> {
    let workload = stage.workload(function.first_workload())?;
    let programs = stage.programs(function)?;
    let mut starts = Starts::default();
    stage.aws.replay(&workload.recording);
    // The first round fills the page cache, and lets Python keep what it compiles.
    for round in 0..=ROUNDS {
        let own = start(stage, &programs.own, &workload.event, true).await?;
        let nothing = start(stage, &stage.nothing, &workload.event, false).await?;
        let python = start(stage, &programs.python, &workload.event, true).await?;
        if round > 0 {
            starts.own.push(own);
            starts.nothing.push(nothing);
            starts.python.push(python);
        }
    }
    Ok(starts)
}

/// Starts a process and ends it after its first answer. What it has called is looked at, unless it does nothing.
async fn start(stage: &Stage, program: &Program, event: &Bytes, calls: bool) -> Result<Start, Error> {
    stage.aws.begin();
    let mut process = program.start(&stage.aws.url()).await?;
    let poll = process.first_poll().await?;
    let answered = process.invoke(event).await?;
    let answer = process.age(answered.at);
    if calls {
        stage.aws.check(&[]).map_err(|error| process.named(error))?;
    }
    process.end().await?;
    Ok(Start { poll: milliseconds(poll), answer: milliseconds(answer) })
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn polls(starts: &[Start]) -> Vec<f64> {
    starts.iter().map(|it| it.poll).collect()
}

fn answers(starts: &[Start]) -> Vec<f64> {
    starts.iter().map(|it| it.answer).collect()
}

/// The ratios of what was measured in the same rounds.
pub(super) fn ratios(these: &[f64], those: &[f64]) -> Vec<f64> {
    these.iter().zip(those).map(|(this, that)| this / that).collect()
}

fn figures_of(name: &str, starts: &Starts) -> Vec<Figure> {
    let Starts { own, nothing, python } = starts;
    vec![
        Figure::new(format!("{name}, to its first poll"), "ms", polls(own)),
        Figure::new(format!("{name}, to its first answer"), "ms", answers(own)),
        Figure::new(format!("{name} in Python, to its first poll"), "ms", polls(python)),
        Figure::new(format!("{name} in Python, to its first answer"), "ms", answers(python)),
        Figure::new(format!("{name}, to its first poll, to do-nothing's"), "x", ratios(&polls(own), &polls(nothing)))
            .at_most(5.0),
        Figure::new(format!("{name} in Python, to its first poll, to ours"), "x", ratios(&polls(python), &polls(own)))
            .at_least(25.0),
        Figure::new(
            format!("{name} in Python, to its first answer, to ours"),
            "x",
            ratios(&answers(python), &answers(own)),
        )
        .at_least(10.0),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_are_compared_with_themselves() {
        let start = |poll, answer| Start { poll, answer };
        let starts = Starts {
            own: vec![start(2.0, 4.0), start(4.0, 8.0), start(3.0, 6.0)],
            nothing: vec![start(1.0, 1.5), start(2.0, 3.0), start(1.0, 1.5)],
            python: vec![start(100.0, 120.0), start(200.0, 160.0), start(90.0, 120.0)],
        };
        let figures = figures_of("f", &starts);
        let medians: Vec<f64> = figures.iter().map(Figure::median).collect();
        assert_eq!(medians, [3.0, 6.0, 100.0, 120.0, 2.0, 50.0, 20.0]);
        assert!(figures.iter().all(Figure::holds));
    }
}
