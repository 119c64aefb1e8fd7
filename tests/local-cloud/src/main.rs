//! `make demo`.

use clap::Parser;
use gumshoe_domain::guardduty::InvestigationPolicy;
use local_cloud::{Demo, DemoScenario, Profile};
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// Sends one finding through Gumshoe on this machine, without AWS, and prints each step.
#[derive(Parser)]
struct Arguments {
    /// The simulated result of Detective's investigation.
    #[arg(long, value_enum, default_value = "high")]
    scenario: DemoScenario,
    /// A file with a finding: an EventBridge envelope, or a bare finding in camelCase or PascalCase.
    #[arg(long)]
    finding: Option<PathBuf>,
    /// The emulator's port; a free one if it is not given.
    #[arg(long)]
    port: Option<u16>,
    /// Only builds the functions.
    #[arg(long)]
    build: bool,
    /// Tests an update instead: the output folder of `sam build` of an earlier release whose case stack managed the graph.
    #[arg(long, value_name = "FOLDER")]
    update_from: Option<PathBuf>,
    /// The findings that GuardDuty also investigates: off, attack-sequences, uninvestigable, high or all.
    #[arg(long, default_value = "off")]
    guardduty: InvestigationPolicy,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { scenario, finding, port, build, update_from, guardduty } = Arguments::parse();
    let demo = Demo { scenario, finding, port, guardduty };
    let job = async {
        if build {
            return local_cloud::build(Profile::of_environment()?, &progress).await;
        }
        if let Some(folder) = update_from {
            return local_cloud::update(&folder, &progress).await;
        }
        local_cloud::demo(&demo, &progress).await
    };
    let interruption = async {
        let terminate = signal(SignalKind::terminate());
        let terminated = async {
            match terminate {
                Ok(mut terminate) => drop(terminate.recv().await),
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! { _ = tokio::signal::ctrl_c() => {}, () = terminated => {} }
    };
    // A demo that is cancelled by an interruption stops all processes that it started.
    let outcome = tokio::select! {
        outcome = job => outcome.map_err(|error| simulator::error_chain(&error)),
        () = interruption => Err("interrupted; all started processes are stopped".to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "the demo's output")]
fn progress(line: &str) {
    println!("{line}");
}

#[expect(clippy::print_stderr, reason = "the line that names the cause and the remedy")]
fn print_error(error: &str) {
    eprintln!("demo: {error}");
}
