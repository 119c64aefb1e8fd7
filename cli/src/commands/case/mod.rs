//! `gumshoe case`.

mod download;
pub(crate) mod lookup;
mod text;
mod view;

pub(crate) use download::write_file;

use crate::context::Context;
use crate::error::CliError;
use crate::output::Outcome;
use clap::Args;
use std::path::PathBuf;
use view::CaseView;

/// Arguments of `gumshoe case`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gumshoe case arn:aws:iam::111122223333:role/web-role
  gumshoe case 389aacdc853a-20260115T124100000Z-1 --evidence ./evidence

Text from findings is defanged: evil[.]example, hxxps[:]//. --json has it as it was received.")]
pub(crate) struct Arguments {
    /// The id of a case; or the ARN of a user or role: its latest case.
    #[arg(value_name = "CASE")]
    case: String,
    /// Download everything that is stored for the case into this folder: findings, results of investigations, reports.
    #[arg(long, value_name = "FOLDER")]
    evidence: Option<PathBuf>,
    /// Overwrite files that exist in that folder.
    #[arg(long, requires = "evidence")]
    force: bool,
}

/// Shows the case.
pub(crate) async fn run(arguments: &Arguments, context: &Context) -> Result<Outcome, CliError> {
    let progress = context.output.progress("Reading the case");
    let table = lookup::case_table(context).await?;
    let case = lookup::find(&table, &arguments.case).await?;
    let findings = table.findings(&case).await?;
    let mut view = CaseView::new(&case, &findings);
    view.feedback = table.feedback(&case.key).await?;
    drop(progress);
    if let Some(folder) = &arguments.evidence {
        view.evidence = Some(download::download(context, &case.key.case_id, folder, arguments.force).await?);
    }
    context.output.print(&view)?;
    Ok(Outcome::Done)
}
