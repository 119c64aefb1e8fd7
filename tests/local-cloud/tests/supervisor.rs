//! All processes of the local cloud end with it, even if it is killed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Timeout of the wait for killed processes.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A command that starts another process, as the emulator starts functions, and ignores SIGTERM. It prints both process IDs.
const STUBBORN: &str = "trap '' TERM; sleep 300 & echo $$ $!; wait; sleep 300";

/// The supervisor, the process IDs that its command printed, and the output pipe that all of them share.
struct SupervisedProcess {
    supervisor: Child,
    ids: Vec<u32>,
    output: BufReader<ChildStdout>,
}

fn supervise(script: &str) -> SupervisedProcess {
    let supervisor = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/supervisor.py");
    let mut supervisor = Command::new("python3")
        .arg(supervisor)
        .args(["sh", "-c", script])
        .env("SUPERVISOR_GRACE_SECONDS", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(supervisor.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    let ids = line.split_whitespace().map(|id| id.parse().unwrap()).collect();
    SupervisedProcess { supervisor, ids, output }
}

/// Whether a process is running. A zombie is not.
fn is_running(id: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    status.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim_start().starts_with('Z'))
}

/// Whether the supervisor and all processes that it started end in time. All of them have the output pipe open, so it is closed
/// when the last of them ends.
fn all_ended(mut output: BufReader<ChildStdout>) -> bool {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(output.read_to_end(&mut Vec::new()).is_ok()));
    receiver.recv_timeout(TIMEOUT) == Ok(true)
}

#[test]
fn closing_the_pipe_ends_the_whole_group_even_if_it_ignores_sigterm() {
    let SupervisedProcess { mut supervisor, ids, output } = supervise(STUBBORN);
    assert_eq!(ids.len(), 2);
    assert!(ids.iter().all(|id| is_running(*id)));
    drop(supervisor.stdin.take()); // as when this process ends
    assert!(all_ended(output), "{ids:?} still run");
    supervisor.wait().unwrap();
}

#[test]
fn processes_that_the_command_leaves_running_end_with_it() {
    let SupervisedProcess { mut supervisor, ids, output } = supervise("sleep 300 & echo $$ $!");
    let _pipe = supervisor.stdin.take(); // waiting would close it
    assert!(all_ended(output), "{ids:?} still run");
    assert!(supervisor.wait().unwrap().success());
}

#[test]
fn the_supervisor_returns_the_exit_status_of_the_command() {
    let SupervisedProcess { mut supervisor, output: _output, .. } = supervise("echo 1; exit 7");
    let _pipe = supervisor.stdin.take(); // waiting would close it
    assert_eq!(supervisor.wait().unwrap().code(), Some(7));
}

#[test]
fn signals_to_the_supervisor_do_not_orphan_processes() {
    for signal in ["INT", "TERM", "HUP", "QUIT"] {
        let SupervisedProcess { mut supervisor, ids, output } = supervise(STUBBORN);
        let sent = Command::new("sh")
            .args(["-c", "kill \"$@\"", "kill", &format!("-{signal}"), &supervisor.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        drop(supervisor.stdin.take());
        assert!(all_ended(output), "{signal}: {ids:?} still run");
        supervisor.wait().unwrap();
    }
}
