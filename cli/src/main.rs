//! `gumshoe`: what an operator does with a stack of Gumshoe, from a terminal with AWS credentials.
//!
//! # Layout
//!
//! - [`args`]: the command line. [`commands`]: one module for each command, with its arguments and its `run`.
//! - [`context`]: what commands share: the SDK's configuration, the stacks, the output.
//! - [`stack`]: the outputs of a deployed stack.
//! - [`output`]: text with tables and colors, or JSON. [`error`]: errors with their remedy, and the exit status.
//!
//! Commands gather facts from AWS, decide with pure functions, and print a value that is a table or JSON.

mod args;
mod commands;
mod context;
mod error;
mod output;
mod stack;

use clap::Parser;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = args::Arguments::parse();
    let context = context::Context::new(arguments.global);
    match commands::run(arguments.command, &context).await {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            output::print_error(&error);
            error.exit_status()
        }
    }
}
