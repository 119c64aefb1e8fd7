//! `make demo`: compares its output with the snapshots, and README with its output.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod normalized;

use local_cloud::{Profile, Tools};
use normalized::normalized;
use std::process::{Output, Stdio};
use std::sync::{LazyLock, Mutex, mpsc};
use std::time::Duration;

/// Timeout of a demo, including a build with an empty cache.
const DEMO_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// The output of the demo for the default scenario.
static HIGH: LazyLock<String> = LazyLock::new(|| demo("high", &[]));

fn tools() -> Tools {
    Tools::find(Profile::of_environment().unwrap()).unwrap()
}

/// Runs the demo and returns its normalized output.
fn demo(name: &str, arguments: &[&str]) -> String {
    // Demos build in the same folders, so only one may run at a time.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let output = run(arguments);
    let printed = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the demo {name} failed: {}\n{printed}\n{errors}", output.status);
    normalized(&printed)
}

fn run(arguments: &[&str]) -> Output {
    let mut command = tools().supervised_command(env!("CARGO_BIN_EXE_local-cloud"));
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Dropping the pipe ends the demo, also if this test fails.
    let _pipe = child.stdin.take();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    receiver.recv_timeout(DEMO_TIMEOUT).expect("the demo did not end in time").unwrap()
}

#[test]
fn the_demo_prints_the_high_transcript() {
    insta::assert_snapshot!("high", HIGH.as_str());
}

#[test]
fn a_quiet_case_prints_no_alert() {
    insta::assert_snapshot!("quiet", demo("quiet", &["--scenario", "quiet"]));
}

/// README omits lines where it has `…`; all others are the demo's, in the same order.
#[test]
fn the_readme_shows_the_output_of_the_demo() {
    let readme = std::fs::read_to_string(tools().root().join("README.md")).unwrap();
    let (_, block) = readme.split_once("```text\nSending finding").expect("README shows the demo");
    let (block, _) = block.split_once("```").unwrap();
    let shown = normalized(&format!("Sending finding{block}"));
    let shown: Vec<&str> = shown.lines().filter(|line| line.trim() != "…").collect();
    assert!(shown.len() > 15, "{shown:?}");
    let mut printed = HIGH.lines();
    for line in shown {
        assert!(
            printed.any(|other| other == line),
            "README has a line that the demo does not print at this place: {line:?}"
        );
    }
}
