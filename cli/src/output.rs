//! What commands print: text with tables and colors for people, or JSON for programs.

use crate::error::CliError;
use anstyle::{AnsiColor, Style};
use comfy_table::{ColumnConstraint, ContentArrangement, Table, TableComponent, presets};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

/// The columns of text if the output is not a terminal.
const DEFAULT_WIDTH: u16 = 120;

/// How a command ended, as the exit status that scripts use (see the help of `gumshoe`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing needs attention.
    Done,
    /// Something needs attention, as the output says.
    NeedsAttention,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => Self::SUCCESS,
            Outcome::NeedsAttention => Self::from(3),
        }
    }
}

/// The result of a command.
///
/// `Serialize` gives the JSON of `--json`, whose names never change.
pub(crate) trait Report: Serialize {
    /// The text for people. Escape sequences are removed where the output is no terminal that shows them.
    fn text(&self) -> String;
}

/// Standard output.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    is_json: bool,
}

impl Output {
    pub(crate) fn new(is_json: bool) -> Self {
        Self { is_json }
    }

    /// Prints the result of a command.
    ///
    /// # Errors
    ///
    /// [`CliError::Output`].
    pub(crate) fn print(self, report: &impl Report) -> Result<(), CliError> {
        if self.is_json {
            let text = serde_json::to_string_pretty(report).map_err(io::Error::from)?;
            self.raw(&format!("{text}\n"))
        } else {
            self.raw(&format!("{}\n", report.text().trim_end()))
        }
    }

    /// Prints text as it is.
    ///
    /// # Errors
    ///
    /// [`CliError::Output`], except where the reading program has ended, as `head` does.
    pub(crate) fn raw(self, text: &str) -> Result<(), CliError> {
        let mut out = anstream::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// A spinner on standard error with what is being done, if that is a terminal. It disappears when it is dropped.
    pub(crate) fn progress(self, what: impl Into<String>) -> Progress {
        if self.is_json || !io::stderr().is_terminal() {
            return Progress(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner().with_message(what.into());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Progress(bar)
    }
}

/// A spinner.
#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Prints an error on standard error.
pub(crate) fn print_error(error: &CliError) {
    let _ = writeln!(anstream::stderr(), "{}: {error}", paint(AnsiColor::Red, "gumshoe"));
}

/// A table with these headings, as wide as the terminal at most. The last column is for ids: it is never wrapped, so that they can be
/// copied. Cells have no escape sequences, which would count as characters.
pub(crate) fn table(headings: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Table {
    // Snapshots of tests have the same width on every terminal.
    let width = terminal_size::terminal_size().filter(|_| !cfg!(test)).map_or(DEFAULT_WIDTH, |(width, _)| width.0);
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_style(TableComponent::HeaderLines, '─').set_style(TableComponent::MiddleHeaderIntersections, '─');
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    table.set_header(headings.iter().copied());
    for row in rows {
        table.add_row(row);
    }
    if let Some(last) = table.column_iter_mut().last() {
        last.set_constraint(ColumnConstraint::ContentWidth);
    }
    table
}

/// Text in a color.
pub(crate) fn paint(color: AnsiColor, text: &str) -> String {
    let style = color.on_default().bold();
    format!("{style}{text}{style:#}")
}

/// Text in bold, for headings.
pub(crate) fn bold(text: &str) -> String {
    let style = Style::new().bold();
    format!("{style}{text}{style:#}")
}
