//! The release's version is the same in several files.

use crate::project;
use serde_json::Value;

/// The version of the workspace in Cargo.toml.
const VERSION: &str = env!("CARGO_PKG_VERSION");

#[test]
fn the_changelog_the_workspace_and_the_benchmark_name_the_same_release() {
    let changelog = project::text("CHANGELOG.md");
    let mut sections = changelog.lines().filter_map(|line| line.strip_prefix("## "));
    assert_eq!(sections.next(), Some("Unreleased"));
    let (version, date) = sections.next().unwrap().split_once(" - ").unwrap();
    assert_eq!(version, VERSION, "CHANGELOG.md");
    let is_date = |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    assert!(
        date.len() == 10 && date.bytes().enumerate().all(is_date),
        "CHANGELOG.md: {date} is no date such as 2026-01-31"
    );
    let report: Value = serde_json::from_str(&project::text("tests/benchmark/last-release.json")).unwrap();
    assert_eq!(
        report["version"], VERSION,
        "tests/benchmark/last-release.json is what the next measurement is compared with"
    );
}
