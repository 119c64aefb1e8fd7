//! Says what open-case would do with findings, and why, without any call to AWS: one JSON object a file, on one line.
//!
//! ```text
//! cargo run -q -p open-case --example explain -- [--minimum-severity N] [--rehearsal] FILE...
//! ```
//!
//! A file that is not a finding gives an object with `error`, and exit status 1 when all files are done. Wrong
//! arguments end it at once with status 2.

use gumshoe_domain::admission::Admission;
use gumshoe_domain::{Explanation, Reading, Severity};
use serde::Serialize;
use std::io::{self, Write};
use std::process::ExitCode;

const USAGE: &str = "usage: explain [--minimum-severity N] [--rehearsal] FILE...";

#[derive(Serialize)]
struct Explained<'a> {
    file: &'a str,
    #[serde(flatten)]
    explanation: Explanation,
}

#[derive(Serialize)]
struct NotExplained<'a> {
    file: &'a str,
    error: String,
}

fn main() -> ExitCode {
    let outcome = arguments(std::env::args().skip(1)).map(|(admission, files)| explain(&admission, &files));
    match outcome {
        Ok(Ok(true)) => ExitCode::SUCCESS,
        // Whoever reads has seen enough, as `head` does.
        Ok(Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Ok(Ok(false) | Err(_)) => ExitCode::FAILURE,
        Err(wrong) => {
            let _ = writeln!(io::stderr(), "explain: {wrong}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn arguments(mut given: impl Iterator<Item = String>) -> Result<(Admission, Vec<String>), String> {
    let mut admission = Admission::default();
    let mut files = Vec::new();
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--rehearsal" => admission.rehearsal = true,
            "--minimum-severity" => {
                let number = given.next().ok_or("--minimum-severity lacks its number")?;
                admission.minimum_severity =
                    number.parse::<Severity>().map_err(|error| format!("--minimum-severity {number}: {error}"))?;
            }
            "--" => files.extend(given.by_ref()),
            option if option.starts_with("--") => return Err(format!("{option} is not known")),
            _ => files.push(argument),
        }
    }
    if files.is_empty() { Err("no file is given".to_owned()) } else { Ok((admission, files)) }
}

/// Whether every file is a finding.
fn explain(admission: &Admission, files: &[String]) -> io::Result<bool> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut all = true;
    for file in files {
        let line = match read(file) {
            Ok(reading) => {
                serde_json::to_string(&Explained { file, explanation: Explanation::of(&reading, admission) })
            }
            Err(error) => {
                all = false;
                serde_json::to_string(&NotExplained { file, error })
            }
        };
        writeln!(out, "{}", line?)?;
    }
    out.flush()?;
    Ok(all)
}

fn read(file: &str) -> Result<Reading, String> {
    let bytes = std::fs::read(file).map_err(|error| format!("it cannot be read: {error}"))?;
    let text = str::from_utf8(&bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    Reading::from_text(text.trim_start_matches('\u{feff}')).map_err(|error| match std::error::Error::source(&error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    })
}
