//! `gumshoe completions`.

use crate::args;
use crate::context::Context;
use crate::error::CliError;
use crate::output::Outcome;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// Arguments of `gumshoe completions`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  gumshoe completions bash >~/.local/share/bash-completion/completions/gumshoe")]
pub(crate) struct Arguments {
    /// The shell.
    shell: Shell,
}

/// Prints the completions.
pub(crate) fn run(arguments: &Arguments, context: &Context) -> Result<Outcome, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut args::Arguments::command(), "gumshoe", &mut script);
    context.output.raw(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Done)
}
