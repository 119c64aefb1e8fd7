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
use gumshoe_aws::case_table::CaseTable;
use gumshoe_domain::CaseKey;
use gumshoe_domain::text::one_line;

/// A command with its arguments. The order is that of the help.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List cases: open, alerted, quiet, not investigated.
    Cases(cases::Arguments),
    /// Rate a case: useful, false-positive or expected.
    Feedback(feedback::Arguments),
    /// Show a case: its timeline, findings, verdict, next steps and links; and download its evidence.
    Case(case::Arguments),
    /// Download the report of a case, and open it in the browser.
    Report(report::Arguments),
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

/// The case with that id.
///
/// # Errors
///
/// There is no such case, or a failed read.
async fn find_case(table: &CaseTable, case_id: &str) -> Result<CaseKey, CliError> {
    table.find_case(case_id).await?.ok_or_else(|| {
        CliError::Failed(format!(
            "there is no case {} in this stack; an id has the form 0a1b2c3d4e5f-20260115T124000123Z-1, and `gumshoe cases` lists them. \
             Cases expire 100 days after their end",
            one_line(case_id, 100)
        ))
    })
}
