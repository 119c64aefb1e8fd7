//! Prints what open-case would do with findings, and why, without any call to AWS: one JSON object for each finding, on one line.
//!
//! ```text
//! cargo run -q -p open-case --example explain -- [--minimum-severity N] [--rehearsal] FILE...
//! ```
//!
//! A file contains one finding or several: JSON Lines, consecutive documents, lists, or responses of GetFindings. If it contains several,
//! each result has the `number` of its finding in the file.
//!
//! For anything that is not a finding it prints an object with `error`, and ends with exit status 1 after all files. Invalid arguments end
//! it immediately with status 2.

use gumshoe_alerts::text::explanation::admission_reason;
use gumshoe_domain::admission::AdmissionRules;
use gumshoe_domain::{Explanation, FindingError, ParsedFinding, Severity};
use serde::Serialize;
use std::io::{self, Write};
use std::process::ExitCode;

const USAGE: &str = "usage: explain [--minimum-severity N] [--rehearsal] FILE...";

/// A line of the output.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    /// The number of the finding in the file, from 1; `None` if the file contains one.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<usize>,
    #[serde(flatten)]
    result: ExplainResult,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ExplainResult {
    Explanation(Box<Explanation<String>>),
    Failure { error: String },
}

fn main() -> ExitCode {
    let outcome = arguments(std::env::args().skip(1)).map(|(admission, files)| explain(&admission, &files));
    match outcome {
        Ok(Ok(true)) => ExitCode::SUCCESS,
        // The reading program has ended, as `head` does.
        Ok(Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Ok(Ok(false) | Err(_)) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "explain: {error}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn arguments(mut given: impl Iterator<Item = String>) -> Result<(AdmissionRules, Vec<String>), String> {
    let mut admission = AdmissionRules::default();
    let mut files = Vec::new();
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--rehearsal" => admission.is_rehearsal = true,
            "--minimum-severity" => {
                let number = given.next().ok_or("--minimum-severity requires a number")?;
                admission.minimum_severity =
                    number.parse::<Severity>().map_err(|error| format!("--minimum-severity {number}: {error}"))?;
            }
            "--" => files.extend(given.by_ref()),
            option if option.starts_with("--") => return Err(format!("{option} is not an option")),
            _ => files.push(argument),
        }
    }
    if files.is_empty() { Err("no file given".to_owned()) } else { Ok((admission, files)) }
}

/// Prints a result for each finding. Returns whether the files contain valid findings only.
fn explain(admission: &AdmissionRules, files: &[String]) -> io::Result<bool> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut all_valid = true;
    for file in files {
        let parsed = read(file);
        let is_multiple = parsed.len() > 1;
        for (number, parsed) in (1..).zip(parsed) {
            let result = match parsed {
                Ok(parsed) => {
                    let explanation = Explanation::of(&parsed, admission);
                    ExplainResult::Explanation(Box::new(explanation.map_reason(|why| admission_reason(&why))))
                }
                Err(error) => ExplainResult::Failure { error },
            };
            all_valid = all_valid && matches!(result, ExplainResult::Explanation(_));
            let line = Line { file, number: is_multiple.then_some(number), result };
            writeln!(out, "{}", serde_json::to_string(&line)?)?;
        }
    }
    out.flush()?;
    Ok(all_valid)
}

/// The findings of a file, with an error in the place of each invalid one.
fn read(file: &str) -> Vec<Result<ParsedFinding, String>> {
    let text = std::fs::read(file).map_err(|error| format!("could not read the file: {error}"));
    let text = text.and_then(|bytes| String::from_utf8(bytes).map_err(|_| "the file is not UTF-8".to_owned()));
    let text = match text {
        Ok(text) => text,
        Err(error) => return vec![Err(error)],
    };
    let error_text = |error: FindingError| match std::error::Error::source(&error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    let parsed = ParsedFinding::parse_all(text.trim_start_matches('\u{feff}')).into_iter();
    parsed.map(|parsed| parsed.map_err(error_text)).collect()
}
