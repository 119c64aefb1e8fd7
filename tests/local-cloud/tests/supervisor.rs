//! Nothing outlives the local cloud, however it ends.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// The longest that is waited for the end of processes that have been killed.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The keeper around a command that starts another process, as the emulator starts functions, and ignores SIGTERM.
/// Both say their process ids.
const STUBBORN: &str = "trap '' TERM; sleep 300 & echo $$ $!; wait; sleep 300";

/// What is kept: the keeper, the process ids that its command has said, and the output that they all share.
struct Kept {
    keeper: Child,
    ids: Vec<u32>,
    output: BufReader<ChildStdout>,
}

fn keep(script: &str) -> Kept {
    let keeper = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/supervisor.py");
    let mut keeper = Command::new("python3")
        .arg(keeper)
        .args(["sh", "-c", script])
        .env("SUPERVISOR_GRACE_SECONDS", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(keeper.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    let ids = line.split_whitespace().map(|id| id.parse().unwrap()).collect();
    Kept { keeper, ids, output }
}

/// Whether a process still does anything: what has ended and was not yet collected does not count.
fn lives(id: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    status.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim_start().starts_with('Z'))
}

/// Waits until the keeper and all that it started have ended. All of them hold the pipe of their output open, so its end is
/// theirs; it says whether it came.
fn gone(mut output: BufReader<ChildStdout>) -> bool {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || tell.send(output.read_to_end(&mut Vec::new()).is_ok()));
    told.recv_timeout(TIMEOUT) == Ok(true)
}

#[test]
fn when_the_pipe_closes_the_whole_group_ends_even_if_it_does_not_listen() {
    let Kept { mut keeper, ids, output } = keep(STUBBORN);
    assert_eq!(ids.len(), 2);
    assert!(ids.iter().all(|id| lives(*id)));
    drop(keeper.stdin.take()); // as when this process ends, in whichever way
    assert!(gone(output), "{ids:?} live on");
    keeper.wait().unwrap();
}

#[test]
fn what_the_command_leaves_behind_ends_with_it() {
    let Kept { mut keeper, ids, output } = keep("sleep 300 & echo $$ $!");
    let _pipe = keeper.stdin.take(); // waiting would close it
    assert!(gone(output), "{ids:?} live on");
    assert!(keeper.wait().unwrap().success());
}

#[test]
fn the_keeper_tells_how_the_command_ended() {
    let Kept { mut keeper, output: _output, .. } = keep("echo 1; exit 7");
    let _pipe = keeper.stdin.take(); // waiting would close it
    assert_eq!(keeper.wait().unwrap().code(), Some(7));
}

#[test]
fn signals_to_the_keeper_alone_do_not_orphan_what_it_keeps() {
    for signal in ["INT", "TERM", "HUP", "QUIT"] {
        let Kept { mut keeper, ids, output } = keep(STUBBORN);
        let sent = Command::new("sh")
            .args(["-c", "kill \"$@\"", "kill", &format!("-{signal}"), &keeper.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        drop(keeper.stdin.take());
        assert!(gone(output), "{signal}: {ids:?} live on");
        keeper.wait().unwrap();
    }
}
