//! How many instructions the pure parts take, as valgrind counts them: figures that do not depend on what else the machine
//! does.
//!
//! This very program is run with one of the parts, done once and done some times more; what one more costs is the
//! difference. What is done before and after is in both, and no symbols are needed.

use std::path::Path;
use std::process::{Command, Stdio};

use clap::ValueEnum;

use crate::Error;
use crate::figure::Figure;
use crate::pure::Pure;

/// How much more often in the second run.
const MORE: u32 = 10;
/// Counted again to show that the count stays: hash maps are seeded anew in each run.
const ROUNDS: usize = 3;

/// Counts all of them.
pub(crate) fn measure(into: &Path) -> Result<Vec<Figure>, Error> {
    Pure::value_variants().iter().map(|part| of(*part, into)).collect()
}

fn of(part: Pure, into: &Path) -> Result<Figure, Error> {
    let mut measured = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let (once, more) = (count(part, 1, into)?, count(part, 1 + MORE, into)?);
        measured.push((more - once) / f64::from(MORE) / 1e3);
    }
    Ok(Figure::new(part.name(), "thousand", measured))
}

/// The instructions of a whole run.
fn count(part: Pure, times: u32, into: &Path) -> Result<f64, Error> {
    let out = into.join("callgrind.out");
    let program = std::env::current_exe().map_err(Error::io("this program cannot be found"))?;
    let mut command = Command::new("valgrind");
    command.arg("--tool=callgrind").arg(format!("--callgrind-out-file={}", out.display())).arg(program);
    if let Some(part) = part.to_possible_value() {
        command.args(["--repeat", part.get_name(), "--times", &times.to_string()]);
    }
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let status =
        status.map_err(Error::io("valgrind cannot be started; install it, such as Debian's package valgrind"))?;
    let text = std::fs::read_to_string(&out).map_err(Error::io(format!("cannot read {}", out.display())))?;
    total(&text).filter(|_| status.success()).ok_or(Error::NotCounted { part: part.name() })
}

/// The total in what callgrind writes: the line `totals: 123`.
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
