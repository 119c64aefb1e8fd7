//! Runs the unit tests of the programs in infra/: `python -m unittest discover` with the pinned Python tools.

#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

use local_cloud::{Profile, Tools};
use std::process::Command;

/// Minimum number of unit tests: a discovery that finds none would succeed.
const MIN_TESTS: usize = 75;

#[test]
fn the_programs_in_infra_pass_their_unit_tests() {
    let tools = Tools::find(Profile::of_environment().unwrap()).unwrap();
    let output = Command::new(tools.program_path("python"))
        .args(["-m", "unittest", "discover", "--start-directory", ".", "--top-level-directory", "."])
        .current_dir(tools.root().join("infra"))
        .env_clear()
        .env("PATH", tools.path())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}\n{}", String::from_utf8_lossy(&output.stdout));
    let ran = errors.lines().find_map(|line| line.strip_prefix("Ran ")?.split(' ').next()?.parse::<usize>().ok());
    assert!(ran.is_some_and(|ran| ran >= MIN_TESTS), "{errors}");
}
