//! The commands. Each module has the command's arguments and its `run`.

pub(crate) mod case;
pub(crate) mod cases;
pub(crate) mod completions;
pub(crate) mod feedback;
pub(crate) mod report;

use crate::context::Context;
use crate::error::CliError;
use crate::output::Outcome;
use clap::Subcommand;

/// A command with its arguments. The order is that of the help.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List cases: open, alerted, quiet, not investigated.
    Cases(cases::Arguments),
    /// Show a case: its timeline, findings, verdict, next steps and links; and download its evidence.
    Case(case::Arguments),
    /// Download the report of a case, and open it in the browser.
    Report(report::Arguments),
    /// Rate a case: useful, false-positive or expected.
    Feedback(feedback::Arguments),
    /// Print the completions of a shell.
    Completions(completions::Arguments),
}

/// Runs the command.
pub(crate) async fn run(command: Command, context: &Context) -> Result<Outcome, CliError> {
    match command {
        Command::Cases(arguments) => cases::run(arguments, context).await,
        Command::Feedback(arguments) => feedback::run(&arguments, context).await,
        Command::Case(arguments) => case::run(&arguments, context).await,
        Command::Report(arguments) => report::run(&arguments, context).await,
        Command::Completions(arguments) => completions::run(&arguments, context),
    }
}
