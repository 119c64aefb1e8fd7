//! The simulator as a program.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use simulator::{Options, Scenarios, Simulator, Snapshot, error_chain};
use tokio::signal::unix::{SignalKind, signal};

/// Amazon Detective and Amazon GuardDuty on a port of this machine, for tests and rehearsals.
///
/// The first line on standard output is `listening on http://ADDRESS:PORT`; give that URL to a client as
/// AWS_ENDPOINT_URL_DETECTIVE and AWS_ENDPOINT_URL_GUARDDUTY. The log, one line a request, goes to standard error.
/// SIGTERM and Ctrl-C end it.
///
/// The account of a call is its access key id where that has 12 digits, else 000000000000; the Region is that of its
/// signature. Nothing else of a signature is checked. The routes under /_control control the simulator: scenarios,
/// faults, the virtual clock, organizations, findings. See the README in tests/simulator.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The address to listen on; port 0 takes any free port. Everyone who reaches it can control it.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// A JSON file with a scenario or a list of scenarios, the first of which is tried first. They last through reset.
    #[arg(long, value_name = "FILE")]
    scenarios: Option<PathBuf>,
    /// A file to restore at the start, if it exists, and to write at the end: graphs, members, investigations, findings,
    /// scenarios, faults and the virtual clock. The journal is not in it. Scenarios given in addition are tried first; whether
    /// graphs exist is restored too.
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,
    /// Let accounts begin without a behavior graph, as real ones do; CreateGraph makes one. Without this every account
    /// has a graph in every Region from the start.
    #[arg(long)]
    without_graphs: bool,
}

/// The limit of open files that the program requests; each connection is one.
const MAX_OPEN_FILES: u64 = 65_536;

#[tokio::main]
async fn main() -> ExitCode {
    // The log is written by its own thread, so that a log that no one reads does not delay responses. Lines that do not fit
    // into the buffer are dropped.
    let (log, _flushed_at_the_end) = tracing_appender::non_blocking(io::stderr());
    tracing_subscriber::fmt().with_writer(log).with_target(false).init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            tracing::error!(error = %what, "simulator failed: {what}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    let scenarios = arguments.scenarios.as_deref().map_or_else(|| Ok(Scenarios::default()), read_scenarios)?;
    let snapshot = match &arguments.snapshot {
        Some(file) => {
            Snapshot::from_file(file).map_err(|error| format!("{}: {}", file.display(), error_chain(&error)))?
        }
        None => None,
    };
    let start = Options { scenarios: scenarios.clone(), without_graphs: arguments.without_graphs };
    // Each connection is a file descriptor. What the system allows is taken; less is no reason not to start.
    if let Err(error) = rlimit::increase_nofile_limit(MAX_OPEN_FILES) {
        tracing::warn!(
            %error,
            limit = MAX_OPEN_FILES,
            "could not raise the open-file limit; raise it (ulimit -n) if connections are refused"
        );
    }
    let cannot = |what: &str, error: io::Error| format!("cannot {what}: {}", error_chain(&error));
    let listener = TcpListener::bind(arguments.listen)
        .map_err(|error| cannot(&format!("listen on {}", arguments.listen), error))?;
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| cannot("wait for SIGTERM", error))?;
    let simulator = Simulator::start_with_options(listener, start).map_err(|error| cannot("start", error))?;
    if let Some(snapshot) = snapshot {
        simulator.restore(&snapshot).map_err(|error| error_chain(&error))?;
        simulator.add_scenarios(scenarios);
    }
    let mut stdout = io::stdout();
    writeln!(stdout, "listening on {}", simulator.url())
        .and_then(|()| stdout.flush())
        .map_err(|error| cannot("write the address to standard output", error))?;
    tokio::select! {
        _ = terminate.recv() => {}
        result = tokio::signal::ctrl_c() => result.map_err(|error| cannot("wait for Ctrl-C", error))?,
    }
    let last = simulator.stop().await;
    if let Some(file) = &arguments.snapshot {
        last.and_then(|snapshot| snapshot.to_file(file)).map_err(|error| error_chain(&error))?;
    }
    Ok(())
}

fn read_scenarios(path: &Path) -> Result<Scenarios, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read the scenarios in {}: {error}", path.display()))?;
    Scenarios::from_json(&text).map_err(|error| format!("{}: {}", path.display(), error_chain(&error)))
}
