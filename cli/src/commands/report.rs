//! `gumshoe report`.

use super::case::{lookup, write_file};
use crate::context::Context;
use crate::error::CliError;
use crate::output::{Outcome, Report};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Builder, Region};
use clap::Args;
use gumshoe_aws::evidence::EvidenceBucket;
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Arguments of `gumshoe report`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gumshoe report 389aacdc853a-20260115T124100000Z-1 --open
  gumshoe report arn:aws:iam::111122223333:role/web-role --output report.html --force")]
pub(crate) struct Arguments {
    /// The id of a case; or the ARN of a user or role: its latest case.
    #[arg(value_name = "CASE")]
    case: String,
    /// The file to write; otherwise CASE.html in the current folder.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite the file if it exists.
    #[arg(long)]
    force: bool,
    /// Open the report in the browser.
    #[arg(long)]
    open: bool,
}

/// The report of a case, as a file.
#[derive(Debug, Serialize)]
struct StoredReport {
    case_id: String,
    file: PathBuf,
}

impl Report for StoredReport {
    fn text(&self) -> String {
        self.file.display().to_string()
    }
}

/// Downloads the report.
pub(crate) async fn run(arguments: &Arguments, context: &Context) -> Result<Outcome, CliError> {
    let progress = context.output.progress("Downloading the report");
    let case = lookup::find(&lookup::case_table(context).await?, &arguments.case).await?;
    let case_id = case.key.case_id;
    let Some(assessment) = case.assessment else {
        return Err(CliError::Failed(format!("case {case_id} has no report yet: it is not assessed; try again later")));
    };
    let Some(report) = assessment.report else {
        return Err(CliError::Failed(format!(
            "case {case_id} has no report: it could not be stored. `gumshoe case {case_id}` shows the assessment, and the \
             log of assess-case says why"
        )));
    };
    // The bucket is in its own Region, which --region need not be.
    let config = Builder::from(context.config().await?).region(Region::new(report.region.clone())).build();
    let bucket = EvidenceBucket::new(Client::from_conf(config), report.bucket.clone(), report.region);
    let page = bucket.fetch(&report.key).await?.ok_or_else(|| {
        CliError::Failed(format!("s3://{}/{} does not exist: the report has expired", report.bucket, report.key))
    })?;
    drop(progress);
    let file = arguments.output.clone().unwrap_or_else(|| PathBuf::from(format!("{case_id}.html")));
    write_file(&file, &page, arguments.force)?;
    context.output.print(&StoredReport { case_id, file: file.clone() })?;
    if arguments.open {
        open(&file)?;
    }
    Ok(Outcome::Done)
}

/// The program that opens a file, and its arguments before the file.
fn opener(os: &str) -> (&'static str, &'static [&'static str]) {
    match os {
        "macos" => ("open", &[]),
        // The first argument in quotes is the title of the window.
        "windows" => ("cmd", &["/c", "start", ""]),
        _ => ("xdg-open", &[]),
    }
}

/// Opens a file with the program that the system has for its type.
fn open(file: &Path) -> Result<(), CliError> {
    let (program, arguments) = opener(std::env::consts::OS);
    // The absolute path: a name that begins with a dash would be an option.
    let path = std::path::absolute(file)?;
    let ended = Command::new(program).args(arguments).arg(path).stdin(Stdio::null()).stdout(Stdio::null()).status();
    let why = match ended {
        Ok(status) if status.success() => return Ok(()),
        Ok(status) => format!("{program} failed ({status})"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => format!("there is no {program} on this computer"),
        Err(error) => format!("{program} could not be started: {error}"),
    };
    Err(CliError::Failed(format!("{why}; open {} in a browser", file.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_system_has_a_program_that_opens_files() {
        assert_eq!(opener("linux").0, "xdg-open");
        assert_eq!(opener("freebsd").0, "xdg-open");
        assert_eq!(opener("macos").0, "open");
        assert_eq!(opener("windows"), ("cmd", ["/c", "start", ""].as_slice()));
    }
}
