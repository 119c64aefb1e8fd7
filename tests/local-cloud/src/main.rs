//! `make demo`.

use clap::Parser;
use gumshoe_domain::guardduty::When;
use local_cloud::{Demo, DemoScenario};
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// Shows one finding's way through Gumshoe, on this machine and without AWS.
#[derive(Parser)]
struct Arguments {
    /// What the investigation is to find.
    #[arg(long, value_enum, default_value = "high")]
    scenario: DemoScenario,
    /// A file with a finding: an EventBridge envelope, or a bare finding in camelCase or PascalCase.
    #[arg(long)]
    finding: Option<PathBuf>,
    /// The emulator's port; a free one if left out.
    #[arg(long)]
    port: Option<u16>,
    /// For which findings GuardDuty is asked to investigate as well: off, attack-sequences, uninvestigable, high or all.
    #[arg(long, default_value = "off")]
    guardduty: When,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { scenario, finding, port, guardduty } = Arguments::parse();
    let demo = Demo { scenario, finding, port, guardduty };
    let interrupted = async {
        let terminate = signal(SignalKind::terminate());
        let terminated = async {
            match terminate {
                Ok(mut terminate) => drop(terminate.recv().await),
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! { _ = tokio::signal::ctrl_c() => {}, () = terminated => {} }
    };
    // Whichever comes first, the other is dropped, and with it all that was started.
    let outcome = tokio::select! {
        outcome = local_cloud::demo(&demo, &say) => outcome.map_err(|error| simulator::with_causes(&error)),
        () = interrupted => Err("interrupted; everything that was started is stopped".to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "this is what the demo is for")]
fn say(line: &str) {
    println!("{line}");
}

#[expect(clippy::print_stderr, reason = "the one line that names the cause and the mend")]
fn complain(error: &str) {
    eprintln!("demo: {error}");
}
