//! The instructions of each pure workload, counted by valgrind, so independent of the machine's load.
//!
//! This program is run twice for a workload: with one repetition, and with [`EXTRA_REPETITIONS`] more. The instructions of
//! one repetition are the difference divided by the extra repetitions: set-up and tear-down are in both runs, and no symbols
//! are needed.

use std::path::Path;
use std::process::{Command, Stdio};

use clap::ValueEnum;

use crate::Error;
use crate::figure::Figure;
use crate::pure::PureWorkload;

/// The number of repetitions that the second run has more than the first.
const EXTRA_REPETITIONS: u32 = 10;
/// Repeated to show the variation: each run seeds its hash maps differently.
const ROUNDS: usize = 3;

/// Counts the instructions of all workloads.
pub(crate) fn measure(output: &Path) -> Result<Vec<Figure>, Error> {
    PureWorkload::value_variants().iter().map(|part| of(*part, output)).collect()
}

fn of(part: PureWorkload, output: &Path) -> Result<Figure, Error> {
    let mut measured = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let (once, more) = (count(part, 1, output)?, count(part, 1 + EXTRA_REPETITIONS, output)?);
        measured.push((more - once) / f64::from(EXTRA_REPETITIONS) / 1e3);
    }
    Ok(Figure::new(part.name(), "thousand", measured))
}

/// The instructions of a whole run.
fn count(part: PureWorkload, times: u32, output: &Path) -> Result<f64, Error> {
    let out = output.join("callgrind.out");
    let program = std::env::current_exe().map_err(Error::io("could not find this program's executable"))?;
    let mut command = Command::new("valgrind");
    command.arg("--tool=callgrind").arg(format!("--callgrind-out-file={}", out.display())).arg(program);
    if let Some(part) = part.to_possible_value() {
        command.args(["--repeat", part.get_name(), "--times", &times.to_string()]);
    }
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let status =
        status.map_err(Error::io("could not start valgrind; install it, such as Debian's package valgrind"))?;
    let text = std::fs::read_to_string(&out).map_err(Error::io(format!("could not read {}", out.display())))?;
    total(&text).filter(|_| status.success()).ok_or(Error::NotCounted { part: part.name() })
}

/// The total in callgrind's output: the line `totals: 123`.
fn total(text: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix("totals: "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_found() {
        assert_eq!(total("version: 1\nevents: Ir\nfn=(0)\n0 12\ntotals: 4321\n"), Some(4321.0));
        assert_eq!(total("events: Ir\n"), None);
    }
}
