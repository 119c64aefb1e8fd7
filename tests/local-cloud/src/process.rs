//! Finds and kills function processes of the emulator through /proc.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Kills the function process that owns the client side of a connection from `peer` to the local port `server_port`. Other
/// processes are never killed. Both ports are compared, because one port can belong to several connections.
pub(crate) fn kill_socket_owner(peer: SocketAddr, server_port: u16) {
    let ends = [Some(peer.port()), Some(server_port)];
    let owned = sockets().into_iter().filter(|socket| [port_of(&socket.local), port_of(&socket.remote)] == ends);
    let owned: BTreeSet<String> = owned.map(|socket| socket.inode).collect();
    for process in functions().filter(|process| !inodes(process).is_disjoint(&owned)) {
        kill(&process);
    }
}

/// Kills the function processes whose environment has all those variables; returns their number.
pub(crate) fn kill_functions_with_environment(variables: &[String]) -> usize {
    let has = |process: &PathBuf| {
        let environment = std::fs::read(process.join("environ")).unwrap_or_default();
        variables.iter().all(|wanted| environment.split(|byte| *byte == 0).any(|it| it == wanted.as_bytes()))
    };
    functions().filter(has).filter(|process| kill(process)).count()
}

/// Whether the process existed.
fn kill(process: &Path) -> bool {
    let id = process.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    // The shell's builtin: not every machine has `kill` as a program.
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

/// The processes that run a function: their environment has its name.
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
