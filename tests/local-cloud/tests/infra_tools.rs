//! The programs in infra/, by their own unit tests: `python -m unittest discover` with the pinned Python tools.

#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

use local_cloud::{Profile, Tools};
use std::process::Command;

/// The unit tests that are there at least: a discovery that finds none succeeds.
const AT_LEAST: usize = 75;

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
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stdout));
    let ran = said.lines().find_map(|line| line.strip_prefix("Ran ")?.split(' ').next()?.parse::<usize>().ok());
    assert!(ran.is_some_and(|ran| ran >= AT_LEAST), "{said}");
}
