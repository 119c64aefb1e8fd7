//! Measures, prints one table beside the last release's figures and writes `target/benchmark/report.json`
//! and pictures beside it.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests say what they expect by unwrapping"))]
#![allow(clippy::print_stdout, reason = "the table is for whoever runs it")]

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
use report::{Part, Report};

/// Measures against written bounds: the parts that are named, or all.
#[derive(Parser)]
struct Arguments {
    /// What to measure; everything when nothing is named.
    #[arg(value_enum)]
    parts: Vec<What>,
    /// The simulator's program, built with --release.
    #[arg(long, value_name = "FILE", default_value = "target/release/simulator")]
    simulator: PathBuf,
    /// Where the report, the picture and logs go.
    #[arg(long, value_name = "FOLDER", default_value = "target/benchmark")]
    into: PathBuf,
    /// The report of the last release.
    #[arg(long, value_name = "FILE", default_value = "tests/benchmark/last-release.json")]
    last: PathBuf,
    /// What is charged for, and what cannot be counted here.
    #[arg(long, value_name = "FILE", default_value = "tests/benchmark/prices.json")]
    prices: PathBuf,
    /// Does nothing but this, for whoever counts its instructions.
    #[arg(long, value_enum, hide = true)]
    repeat: Option<pure::Pure>,
    /// How often.
    #[arg(long, default_value_t = 1, hide = true)]
    times: u32,
}

/// A part of the measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
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

impl What {
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

    /// Whether what is measured depends on the machine, and not on the code alone.
    fn timed(self) -> bool {
        !matches!(self, Self::Instructions | Self::Memory | Self::Size | Self::Cost)
    }

    async fn measure(self, arguments: &Arguments, functions: &Functions) -> Result<Vec<Figure>, Error> {
        match self {
            Self::Findings => findings::measure(),
            Self::Graph => Ok(graph::measure()?),
            Self::Rendering => rendering::measure(),
            Self::Instructions => instructions::measure(&arguments.into),
            Self::Simulator => simulator::measure(&arguments.simulator, &arguments.into).await,
            Self::StartUp => functions.startup(&arguments.into).await,
            Self::Work => functions.work(&arguments.into).await,
            Self::Memory => functions.memory(&arguments.into).await,
            Self::Size => functions.size(&arguments.into).await,
            Self::Cost => cost::measure(&arguments.prices, &arguments.into).await,
            Self::Scale => scale::measure().await,
        }
    }
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
    #[error("the HTTP client of the recording: {0}")]
    Forwarder(#[from] wire::ForwarderError),
    #[error("{request} was answered with status {status}: {body}")]
    Answer { request: &'static str, status: u16, body: String },
    #[error("a finding made for the measurement is none: {0}")]
    Finding(#[from] gumshoe_domain::FindingError),
    #[error("a document made for the measurement is wrong: {0}")]
    Document(#[from] gumshoe_graph::DocumentError),
    #[error("the report cannot be rendered: {0}")]
    Report(#[from] gumshoe_alerts::report::ReportError),
    #[error("valgrind did not count the instructions of {part:?}; run the same by hand: docs/PERFORMANCE.md")]
    NotCounted { part: &'static str },
    #[error("the local cloud: {}", ::simulator::error_chain(.0))]
    Cloud(#[from] local_cloud::CloudError),
    #[error("{0}")]
    Function(String),
    #[error("{0}")]
    Unexpected(String),
    #[error("what was read is not what it should be: {0}")]
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
            println!("a bound does not hold, or something was not measured");
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("nothing was measured: {error}");
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
    let folder = &arguments.into;
    std::fs::create_dir_all(folder).map_err(Error::io(format!("cannot make {}", folder.display())))?;
    let chosen = if arguments.parts.is_empty() { What::value_variants() } else { &arguments.parts };
    let mut report = Report { version: env!("CARGO_PKG_VERSION").to_owned(), machine: machine(), ..Report::default() };
    let functions = Functions::default();
    let mut missing = Vec::new();
    for what in chosen {
        let title = what.title().to_owned();
        println!("Measuring: {title}");
        match what.measure(arguments, &functions).await {
            Ok(figures) => report.parts.push(Part { title, timed: what.timed(), figures }),
            // The other parts have been measured for nothing if this ended them.
            Err(error) => missing.push(format!("{title}: {error}")),
        }
    }
    print!("{}", report.table(&last(&arguments.last)?));
    let file = folder.join("report.json");
    std::fs::write(&file, serde_json::to_vec_pretty(&report)?)
        .map_err(Error::io(format!("cannot write {}", file.display())))?;
    picture::draw(&report, &folder.join("functions.svg"))?;
    for part in &missing {
        println!("not measured: {part}");
    }
    Ok(missing.is_empty() && report.holds())
}

/// The report of the last release; an empty one before there is any.
fn last(file: &Path) -> Result<Report, Error> {
    match std::fs::read(file) {
        Ok(text) => Ok(serde_json::from_slice(&text)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Report::default()),
        Err(source) => Err(Error::Io { what: format!("cannot read {}", file.display()), source }),
    }
}

/// What this is measured on, as Linux names its processor.
fn machine() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!("{cores} x {}", model.map_or("an unnamed processor", |(_, name)| name))
}
