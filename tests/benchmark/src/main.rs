//! Measures, prints one table and writes `target/benchmark/report.json`.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests say what they expect by unwrapping"))]
#![allow(clippy::print_stdout, reason = "the table is for whoever runs it")]

mod client;
mod figure;
mod findings;
mod graph;
mod rendering;
mod simulator;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Measures the parsing of findings, plans for the behavior graph, the rendering of alerts and the simulator against their bounds.
#[derive(Parser)]
struct Arguments {
    /// The simulator's program, built with --release.
    #[arg(long, value_name = "FILE", default_value = "target/release/simulator")]
    simulator: PathBuf,
    /// Where the report and the simulator's log go.
    #[arg(long, value_name = "FOLDER", default_value = "target/benchmark")]
    into: PathBuf,
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{what}: {source}")]
    Io { what: String, source: std::io::Error },
    #[error("the simulator ended without an address; its log is in the report's folder")]
    NoAddress,
    #[error("the connection to the simulator broke: {0}")]
    Connection(#[from] hyper::Error),
    #[error("{request} was answered with status {status}: {body}")]
    Answer { request: &'static str, status: u16, body: String },
    #[error("a finding made for the measurement is none: {0}")]
    Finding(#[from] gumshoe_domain::FindingError),
    #[error("a document made for the measurement is wrong: {0}")]
    Document(#[from] gumshoe_domain::graph::DocumentError),
    #[error("the report cannot be rendered: {0}")]
    Report(#[from] gumshoe_alerts::report::ReportError),
    #[error("the simulator's answer is not what it should be: {0}")]
    Json(#[from] serde_json::Error),
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            println!("a bound does not hold");
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("nothing was measured: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all bounds hold.
async fn run(arguments: &Arguments) -> Result<bool, Error> {
    let io = |what: &str| {
        let what = format!("{what} {}", arguments.into.display());
        move |source| Error::Io { what, source }
    };
    std::fs::create_dir_all(&arguments.into).map_err(io("cannot make"))?;
    let mut figures = findings::measure()?;
    figures.extend(graph::measure()?);
    figures.extend(rendering::measure()?);
    figures.extend(simulator::measure(&arguments.simulator, &arguments.into).await?);
    for figure in &figures {
        println!("{figure}");
    }
    let report = serde_json::to_vec_pretty(&figures)?;
    std::fs::write(arguments.into.join("report.json"), report).map_err(io("cannot write into"))?;
    Ok(figures.iter().all(figure::Figure::holds))
}
