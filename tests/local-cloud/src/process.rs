//! The function processes that the emulator has started, as Linux shows them under /proc.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Ends, by its id, the process that holds the other end of a connection from `peer` to this machine's port `here`, if it
/// is a function: only what the local cloud has started is ended. Both ports count: one alone can belong to several
/// connections.
pub(crate) fn kill_owner_of(peer: SocketAddr, here: u16) {
    let ends = [Some(peer.port()), Some(here)];
    let held = sockets().into_iter().filter(|socket| [port_of(&socket.local), port_of(&socket.remote)] == ends);
    let held: BTreeSet<String> = held.map(|socket| socket.inode).collect();
    for process in functions().filter(|process| !inodes(process).is_disjoint(&held)) {
        kill(&process);
    }
}

/// Ends the processes whose environment has all those variables, if they are functions; gives how many.
pub(crate) fn kill_those_with(variables: &[String]) -> usize {
    let has = |process: &PathBuf| {
        let environment = std::fs::read(process.join("environ")).unwrap_or_default();
        variables.iter().all(|wanted| environment.split(|byte| *byte == 0).any(|it| it == wanted.as_bytes()))
    };
    functions().filter(has).filter(|process| kill(process)).count()
}

/// Gives whether there was such a process.
fn kill(process: &Path) -> bool {
    let id = process.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    // The shell's own: not every machine has it as a program.
    let status = std::process::Command::new("sh").args(["-c", "kill \"$@\"", "kill", "-KILL", id]).status();
    status.is_ok_and(|status| status.success())
}

/// A line of /proc/net/tcp (proc(5)): the second column is the local address, the third the remote one, the
/// tenth the socket's inode.
struct Socket {
    local: String,
    remote: String,
    inode: String,
}

fn port_of(address: &str) -> Option<u16> {
    u16::from_str_radix(address.rsplit(':').next()?, 16).ok()
}

fn sockets() -> Vec<Socket> {
    let text = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    let lines = text.lines().skip(1).map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    lines
        .filter_map(|columns| {
            let [local, remote, inode] = [1, 2, 9].map(|index| columns.get(index).cloned());
            Some(Socket { local: local?, remote: remote?, inode: inode? })
        })
        .collect()
}

/// The processes that run a function: their environment names it.
fn functions() -> impl Iterator<Item = PathBuf> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path());
    processes.filter(|process| {
        let environment = std::fs::read(process.join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable.starts_with(b"AWS_LAMBDA_FUNCTION_NAME="))
    })
}

fn inodes(process: &Path) -> BTreeSet<String> {
    let open = std::fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
    let links = open.filter_map(|entry| std::fs::read_link(entry.path()).ok());
    links.filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())).collect()
}
