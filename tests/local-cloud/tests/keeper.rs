//! Nothing outlives the local cloud, however it ends.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The keeper around a command that starts another process, as the emulator starts functions, and ignores SIGTERM.
/// Both say their process ids.
const STUBBORN: &str = "trap '' TERM; sleep 300 & echo $$ $!; wait; sleep 300";

fn keep(script: &str) -> (Child, Vec<u32>) {
    let keeper = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/keeper.py");
    let mut child = Command::new("python3")
        .arg(keeper)
        .args(["sh", "-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (child, line.split_whitespace().map(|id| id.parse().unwrap()).collect())
}

/// Whether a process still does anything: what has ended and was not yet collected does not count.
fn lives(id: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    status.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim_start().starts_with('Z'))
}

fn gone(ids: &[u32]) -> bool {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(30) {
        if !ids.iter().any(|id| lives(*id)) {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

#[test]
fn when_the_pipe_closes_the_whole_group_ends_even_if_it_does_not_listen() {
    let (mut keeper, ids) = keep(STUBBORN);
    assert_eq!(ids.len(), 2);
    assert!(ids.iter().all(|id| lives(*id)));
    drop(keeper.stdin.take()); // as when this process ends, in whichever way
    assert!(gone(&ids), "{ids:?} live on");
    keeper.wait().unwrap();
}

#[test]
fn what_the_command_leaves_behind_ends_with_it() {
    let (mut keeper, ids) = keep("sleep 300 & echo $$ $!");
    let _pipe = keeper.stdin.take(); // waiting would close it
    assert!(gone(&ids), "{ids:?} live on");
    assert!(keeper.wait().unwrap().success());
}

#[test]
fn the_keeper_tells_how_the_command_ended() {
    let (mut keeper, _) = keep("echo 1; exit 7");
    let _pipe = keeper.stdin.take(); // waiting would close it
    assert_eq!(keeper.wait().unwrap().code(), Some(7));
}

#[test]
fn signals_to_the_keeper_alone_do_not_orphan_what_it_keeps() {
    for signal in ["INT", "TERM", "HUP", "QUIT"] {
        let (mut keeper, ids) = keep(STUBBORN);
        let sent = Command::new("sh")
            .args(["-c", "kill \"$@\"", "kill", &format!("-{signal}"), &keeper.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        drop(keeper.stdin.take());
        assert!(gone(&ids), "{signal}: {ids:?} live on");
        keeper.wait().unwrap();
    }
}
