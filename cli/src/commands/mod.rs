//! The commands. Each module has the command's arguments and its `run`.

pub(crate) mod completions;

use crate::context::Context;
use crate::error::CliError;
use crate::output::Outcome;
use clap::Subcommand;

/// A command with its arguments. The order is that of the help.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the completions of a shell.
    Completions(completions::Arguments),
}

/// Runs the command.
pub(crate) async fn run(command: Command, context: &Context) -> Result<Outcome, CliError> {
    match command {
        Command::Completions(arguments) => completions::run(&arguments, context),
    }
}
