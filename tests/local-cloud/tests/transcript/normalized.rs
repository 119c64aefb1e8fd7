//! Normalizes the demo's output: replaces the parts that differ between runs.

use regex_lite::Regex;

/// Patterns that differ between runs, and their replacements.
const VARIABLE: [(&str, &str); 6] = [
    // Case IDs contain the time at which the case was opened.
    (r"\d{8}T\d{9}Z", "<time>"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "<time>"),
    (r"scopeStart=\d+&scopeEnd=\d+", "scopeStart=<time>&scopeEnd=<time>"),
    (r"http://127\.0\.0\.1:\d+", "http://127.0.0.1:<port>"),
    // The emulator chooses the unique IDs of roles and the suffix of the bucket's name.
    (r"AROA[0-9A-F]{17}", "<role id>"),
    (r"evidencebucket-[0-9a-f]+", "evidencebucket-<id>"),
];

/// Progress lines of a slow build or deployment: elapsed time and the last line of its output.
const PROGRESS: &str = r"^ +\d+ s  ";

/// The output with replacements, without progress lines.
pub(crate) fn normalized(transcript: &str) -> String {
    let progress = Regex::new(PROGRESS).unwrap();
    let lines: Vec<&str> = transcript.lines().filter(|line| !progress.is_match(line)).map(str::trim_end).collect();
    VARIABLE.iter().fold(lines.join("\n"), |text, (pattern, replacement)| {
        Regex::new(pattern).unwrap().replace_all(&text, *replacement).into_owned()
    })
}

#[test]
fn only_variable_parts_are_normalized() {
    let printed = "AWS emulator: http://127.0.0.1:40123\n  10 s  Compiling serde\n   RUNNING, next poll in 10 s\n\
        Case 98ae54b3d4b7-20261120T110219189Z, assessed 2026-11-20 11:02 UTC, finding a1b2c3d4e5f60718293a4b5c6d7e8f90";
    let expected = "AWS emulator: http://127.0.0.1:<port>\n   RUNNING, next poll in 10 s\n\
        Case 98ae54b3d4b7-<time>, assessed <time>, finding a1b2c3d4e5f60718293a4b5c6d7e8f90";
    assert_eq!(normalized(printed), expected);
}
