//! The simulator as a program.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use simulator::{Scenario, Simulator, with_causes};
use tokio::signal::unix::{SignalKind, signal};

/// Amazon Detective on a port of this machine, for tests and rehearsals.
///
/// The first line on standard output is `listening on http://ADDRESS:PORT`; give that URL to a client as
/// AWS_ENDPOINT_URL_DETECTIVE. The log, one line a request, goes to standard error. SIGTERM and Ctrl-C end it.
/// The routes under /_control steer it: see the README in tests/simulator.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The address to listen on; port 0 takes any free port. Everyone who reaches it can control it.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// A JSON file with a scenario or a list of scenarios, the first of which is tried first. They last through reset.
    #[arg(long, value_name = "FILE")]
    scenarios: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(io::stderr).with_target(false).init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            tracing::error!("{what}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    let scenarios = arguments.scenarios.as_deref().map_or_else(|| Ok(Vec::new()), read_scenarios)?;
    let cannot = |what: &str, error: io::Error| format!("cannot {what}: {}", with_causes(&error));
    let listener = TcpListener::bind(arguments.listen)
        .map_err(|error| cannot(&format!("listen on {}", arguments.listen), error))?;
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| cannot("wait for SIGTERM", error))?;
    let simulator = Simulator::start_with(listener, scenarios).map_err(|error| cannot("start", error))?;
    let mut stdout = io::stdout();
    writeln!(stdout, "listening on {}", simulator.url())
        .and_then(|()| stdout.flush())
        .map_err(|error| cannot("write the address to standard output", error))?;
    tokio::select! {
        _ = terminate.recv() => {}
        result = tokio::signal::ctrl_c() => result.map_err(|error| cannot("wait for Ctrl-C", error))?,
    }
    simulator.shutdown().await;
    Ok(())
}

fn read_scenarios(path: &Path) -> Result<Vec<Scenario>, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read the scenarios in {}: {error}", path.display()))?;
    Scenario::list_from_json(&text).map_err(|error| format!("{}: {}", path.display(), with_causes(&error)))
}
