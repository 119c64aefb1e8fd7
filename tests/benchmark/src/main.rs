//! Measures, prints one table with each figure's change since the last release, and writes `target/benchmark/report.json` and
//! pictures in the same folder.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "these are tests"))]
#![allow(clippy::print_stdout, reason = "the table is the program's output")]

mod client;
mod cost;
mod figure;
mod findings;
mod functions;
mod graph;
mod instructions;
mod picture;
mod pure;
mod rendering;
mod report;
mod scale;
mod simulator;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use figure::Figure;
use functions::Functions;
use report::{PartReport, Report};

/// Measures the named parts, or all of them, and compares the figures with their bounds.
#[derive(Parser)]
struct Arguments {
    /// The parts to measure; all of them by default.
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// The simulator's executable, built with --release.
    #[arg(long, value_name = "FILE", default_value = "target/release/simulator")]
    simulator: PathBuf,
    /// The folder for the report, the pictures and the logs.
    #[arg(long, value_name = "FOLDER", default_value = "target/benchmark")]
    output: PathBuf,
    /// The report of the last release.
    #[arg(long, value_name = "FILE", default_value = "tests/benchmark/last-release.json")]
    last: PathBuf,
    /// Prices, and the assumptions about what cannot be counted on one machine.
    #[arg(long, value_name = "FILE", default_value = "tests/benchmark/prices.json")]
    prices: PathBuf,
    /// Runs only this workload, so that its instructions can be counted.
    #[arg(long, value_enum, hide = true)]
    repeat: Option<pure::PureWorkload>,
    /// The number of repetitions of the workload.
    #[arg(long, default_value_t = 1, hide = true)]
    times: u32,
}

/// A part of the measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Findings,
    Graph,
    Rendering,
    Instructions,
    Simulator,
    StartUp,
    Work,
    Memory,
    Size,
    Cost,
    Scale,
}

impl Part {
    fn title(self) -> &'static str {
        match self {
            Self::Findings => "Findings",
            Self::Graph => "Behavior graph",
            Self::Rendering => "Rendering",
            Self::Instructions => "Instructions",
            Self::Simulator => "Simulator",
            Self::StartUp => "Start-up",
            Self::Work => "Work",
            Self::Memory => "Memory",
            Self::Size => "Size",
            Self::Cost => "Cost",
            Self::Scale => "Scale",
        }
    }

    /// Whether the figures depend on the machine as well as on the code.
    fn is_timing(self) -> bool {
        !matches!(self, Self::Instructions | Self::Memory | Self::Size | Self::Cost)
    }

    async fn measure(self, arguments: &Arguments, functions: &Functions) -> Result<Vec<Figure>, Error> {
        match self {
            Self::Findings => findings::measure(),
            Self::Graph => Ok(graph::measure()?),
            Self::Rendering => rendering::measure(),
            Self::Instructions => instructions::measure(&arguments.output),
            Self::Simulator => simulator::measure(&arguments.simulator, &arguments.output).await,
            Self::StartUp => functions.startup(&arguments.output).await,
            Self::Work => functions.work(&arguments.output).await,
            Self::Memory => functions.memory(&arguments.output).await,
            Self::Size => functions.size(&arguments.output).await,
            Self::Cost => cost::measure(&arguments.prices, &arguments.output).await,
            Self::Scale => scale::measure().await,
        }
    }
}

/// Why a part could not be measured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{what}: {source}")]
    Io { what: String, source: std::io::Error },
    #[error("the simulator ended before it printed its address; see simulator.log in the report's folder")]
    NoAddress,
    #[error("the connection to the simulator failed: {0}")]
    Connection(#[from] hyper::Error),
    #[error("could not create the HTTP client that records calls: {0}")]
    Forwarder(#[from] wire::ForwarderError),
    #[error("{request}: status {status}: {body}")]
    Answer { request: &'static str, status: u16, body: String },
    #[error("a generated finding is invalid: {0}")]
    Finding(#[from] gumshoe_domain::FindingError),
    #[error("a generated graph document is invalid: {0}")]
    Document(#[from] gumshoe_graph::DocumentError),
    #[error("could not render the report: {0}")]
    Report(#[from] gumshoe_alerts::report::ReportError),
    #[error("valgrind did not count the instructions of {part:?}; run it manually (docs/PERFORMANCE.md)")]
    NotCounted { part: &'static str },
    #[error("the local cloud: {}", ::simulator::error_chain(.0))]
    Cloud(#[from] local_cloud::CloudError),
    #[error("{0}")]
    Function(String),
    #[error("{0}")]
    Unexpected(String),
    #[error("invalid JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl Error {
    fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            println!("FAILED: a bound is exceeded, or a part was not measured (see the table)");
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("measurement failed: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything was measured and all bounds hold.
async fn run(arguments: &Arguments) -> Result<bool, Error> {
    if let Some(part) = arguments.repeat {
        let work = part.prepared()?;
        return (0..arguments.times).try_for_each(|_| work()).map(|()| true);
    }
    let folder = &arguments.output;
    std::fs::create_dir_all(folder).map_err(Error::io(format!("could not create {}", folder.display())))?;
    let chosen = if arguments.parts.is_empty() { Part::value_variants() } else { &arguments.parts };
    let mut report = Report { version: env!("CARGO_PKG_VERSION").to_owned(), machine: machine(), ..Report::default() };
    let functions = Functions::default();
    let mut missing = Vec::new();
    for what in chosen {
        let title = what.title().to_owned();
        println!("Measuring: {title}");
        match what.measure(arguments, &functions).await {
            Ok(figures) => report.parts.push(PartReport { title, is_timing: what.is_timing(), figures }),
            // The figures of the other parts are still worth reporting.
            Err(error) => missing.push(format!("{title}: {error}")),
        }
    }
    print!("{}", report.table(&last(&arguments.last)?));
    let file = folder.join("report.json");
    std::fs::write(&file, serde_json::to_vec_pretty(&report)?)
        .map_err(Error::io(format!("could not write {}", file.display())))?;
    picture::draw(&report, &folder.join("functions.svg"))?;
    for part in &missing {
        println!("NOT MEASURED: {part}");
    }
    Ok(missing.is_empty() && report.holds())
}

/// The report of the last release; an empty one if there is none.
fn last(file: &Path) -> Result<Report, Error> {
    match std::fs::read(file) {
        Ok(text) => Ok(serde_json::from_slice(&text)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Report::default()),
        Err(source) => Err(Error::Io { what: format!("could not read {}", file.display()), source }),
    }
}

/// The number of cores and the processor's model (proc(5), /proc/cpuinfo).
fn machine() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!("{cores} x {}", model.map_or("unknown processor", |(_, name)| name))
}
