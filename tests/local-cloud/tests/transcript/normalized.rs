//! A transcript of the demo without what differs from run to run.

use regex_lite::Regex;

/// What differs from run to run, and what stands for it.
const VARIABLE: [(&str, &str); 6] = [
    // Case ids contain the time at which the case was opened.
    (r"\d{8}T\d{9}Z", "<time>"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "<time>"),
    (r"scopeStart=\d+&scopeEnd=\d+", "scopeStart=<time>&scopeEnd=<time>"),
    (r"http://127\.0\.0\.1:\d+", "http://127.0.0.1:<port>"),
    // The emulator chooses the unique ids of roles and the end of the bucket's name.
    (r"AROA[0-9A-F]{17}", "<role id>"),
    (r"evidencebucket-[0-9a-f]+", "evidencebucket-<id>"),
];

/// Lines that a slow build or deployment prints every few seconds: how long it takes, and the last line of its output.
const PROGRESS: &str = r"^ +\d+ s  ";

/// The transcript without what differs from run to run.
pub(crate) fn normalized(transcript: &str) -> String {
    let progress = Regex::new(PROGRESS).unwrap();
    let lines: Vec<&str> = transcript.lines().filter(|line| !progress.is_match(line)).map(str::trim_end).collect();
    VARIABLE.iter().fold(lines.join("\n"), |text, (pattern, stands_for)| {
        Regex::new(pattern).unwrap().replace_all(&text, *stands_for).into_owned()
    })
}

#[test]
fn what_differs_from_run_to_run_is_normalized_and_nothing_else() {
    let printed = "AWS is emulated at http://127.0.0.1:40123\n  10 s  Compiling serde\n   RUNNING, look again in 10 s\n\
        Case 98ae54b3d4b7-20261120T110219189Z, assessed 2026-11-20 11:02 UTC, finding a1b2c3d4e5f60718293a4b5c6d7e8f90";
    let expected = "AWS is emulated at http://127.0.0.1:<port>\n   RUNNING, look again in 10 s\n\
        Case 98ae54b3d4b7-<time>, assessed <time>, finding a1b2c3d4e5f60718293a4b5c6d7e8f90";
    assert_eq!(normalized(printed), expected);
}
