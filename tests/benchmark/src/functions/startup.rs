//! The time from the start of a process to its first poll of the Runtime API, and to its first answer.
//!
//! The function, the do-nothing function and the function in Python take turns, so that machine noise is the same for all three.
//! The bounds apply to their ratios.

use std::time::Duration;

use hyper::body::Bytes;

use super::function::Function;
use super::program::Program;
use super::setup::Setup;
use crate::Error;
use crate::figure::Figure;

const ROUNDS: usize = 15;

/// The times of one start, in milliseconds since the process was started.
#[derive(Clone, Copy)]
struct StartTime {
    poll: f64,
    answer: f64,
}

/// The times of a function and of those that it is compared with, by round.
#[derive(Default)]
struct StartTimes {
    own: Vec<StartTime>,
    nothing: Vec<StartTime>,
    python: Vec<StartTime>,
}

/// Measures all functions.
pub(super) async fn measure(setup: &Setup) -> Result<Vec<Figure>, Error> {
    let (mut figures, mut nothing) = (Vec::new(), Vec::new());
    for function in Function::ALL {
        let times = start_times(setup, function).await?;
        figures.extend(figures_of(function.name(), &times));
        nothing.extend(times.nothing);
    }
    figures.push(Figure::new("do-nothing, to its first poll", "ms", polls(&nothing)));
    figures.push(Figure::new("do-nothing, to its first answer", "ms", answers(&nothing)));
    Ok(figures)
}

async fn start_times(setup: &Setup, function: Function) -> Result<StartTimes, Error> {
    let workload = setup.workload(function.first_workload())?;
    let programs = setup.programs(function)?;
    let mut times = StartTimes::default();
    setup.aws.replay(&workload.recording);
    // The first round fills the page cache, and Python writes its compiled files.
    for round in 0..=ROUNDS {
        let own = start(setup, &programs.own, &workload.event, true).await?;
        let nothing = start(setup, &setup.nothing, &workload.event, false).await?;
        let python = start(setup, &programs.python, &workload.event, true).await?;
        if round > 0 {
            times.own.push(own);
            times.nothing.push(nothing);
            times.python.push(python);
        }
    }
    Ok(times)
}

/// Starts a process and ends it after its first answer. `calls` is whether its calls are compared with the recording.
async fn start(setup: &Setup, program: &Program, event: &Bytes, calls: bool) -> Result<StartTime, Error> {
    setup.aws.begin();
    let mut process = program.start(&setup.aws.url()).await?;
    let poll = process.first_poll().await?;
    let answered = process.invoke(event).await?;
    let answer = process.age(answered.at);
    if calls {
        setup.aws.check(&[]).map_err(|error| process.named(error))?;
    }
    process.end().await?;
    Ok(StartTime { poll: milliseconds(poll), answer: milliseconds(answer) })
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn polls(times: &[StartTime]) -> Vec<f64> {
    times.iter().map(|it| it.poll).collect()
}

fn answers(times: &[StartTime]) -> Vec<f64> {
    times.iter().map(|it| it.answer).collect()
}

/// The ratios of the measurements of the same rounds.
pub(super) fn ratios(these: &[f64], those: &[f64]) -> Vec<f64> {
    these.iter().zip(those).map(|(this, that)| this / that).collect()
}

fn figures_of(name: &str, times: &StartTimes) -> Vec<Figure> {
    let StartTimes { own, nothing, python } = times;
    vec![
        Figure::new(format!("{name}, to its first poll"), "ms", polls(own)),
        Figure::new(format!("{name}, to its first answer"), "ms", answers(own)),
        Figure::new(format!("{name} in Python, to its first poll"), "ms", polls(python)),
        Figure::new(format!("{name} in Python, to its first answer"), "ms", answers(python)),
        Figure::new(format!("{name}, to its first poll, vs. do-nothing"), "x", ratios(&polls(own), &polls(nothing)))
            .at_most(5.0),
        Figure::new(
            format!("{name} in Python, to its first poll, vs. Gumshoe"),
            "x",
            ratios(&polls(python), &polls(own)),
        )
        .at_least(25.0),
        Figure::new(
            format!("{name} in Python, to its first answer, vs. Gumshoe"),
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
    fn ratios_are_of_the_same_round() {
        let start = |poll, answer| StartTime { poll, answer };
        let times = StartTimes {
            own: vec![start(2.0, 4.0), start(4.0, 8.0), start(3.0, 6.0)],
            nothing: vec![start(1.0, 1.5), start(2.0, 3.0), start(1.0, 1.5)],
            python: vec![start(100.0, 120.0), start(200.0, 160.0), start(90.0, 120.0)],
        };
        let figures = figures_of("f", &times);
        let medians: Vec<f64> = figures.iter().map(Figure::median).collect();
        assert_eq!(medians, [3.0, 6.0, 100.0, 120.0, 2.0, 50.0, 20.0]);
        assert!(figures.iter().all(Figure::holds));
    }
}
