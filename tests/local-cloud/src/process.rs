//! The function processes that the emulator has started, as Linux shows them under /proc.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often connections are looked at.
const PULSE: Duration = Duration::from_millis(50);

/// Ends, by its id, the process that holds the other end of a connection from `peer` to this machine's port `here`, if it
/// is a function: only what the local cloud has started is ended. Both ports count: one alone can belong to several
/// connections.
pub(crate) fn kill_owner_of(peer: SocketAddr, here: u16) {
    let ends = [Some(peer.port()), Some(here)];
    let held = sockets("tcp").into_iter().filter(|socket| [port_of(&socket.local), port_of(&socket.remote)] == ends);
    let held: BTreeSet<String> = held.map(|socket| socket.inode).collect();
    for process in functions().filter(|process| !inodes(process).is_disjoint(&held)) {
        let id = process.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        // The shell's own: not every machine has it as a program.
        let _ = std::process::Command::new("sh").args(["-c", "kill \"$@\"", "kill", "-KILL", id]).status();
    }
}

/// Watches whether functions speak to anything but this machine, for as long as it lives.
#[derive(Debug)]
pub(crate) struct Watch {
    strangers: Arc<Mutex<BTreeSet<String>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    pub(crate) fn start() -> Self {
        let (strangers, stop) = (Arc::<Mutex<BTreeSet<String>>>::default(), Arc::<AtomicBool>::default());
        let (found, stopped) = (Arc::clone(&strangers), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                found.lock().unwrap_or_else(PoisonError::into_inner).extend(strangers_now());
                std::thread::park_timeout(PULSE);
            }
        });
        Self { strangers, stop, thread: Some(thread) }
    }

    /// What functions have spoken to beside this machine, as /proc/net writes addresses.
    pub(crate) fn strangers(&self) -> Vec<String> {
        self.strangers.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

fn strangers_now() -> Vec<String> {
    let outside: Vec<Socket> =
        ["tcp", "tcp6", "udp", "udp6"].iter().flat_map(|table| sockets(table)).filter(Socket::leads_outside).collect();
    if outside.is_empty() {
        return Vec::new();
    }
    let owned: BTreeSet<String> = functions().flat_map(|process| inodes(&process)).collect();
    outside.into_iter().filter(|socket| owned.contains(&socket.inode)).map(|socket| socket.remote).collect()
}

/// A line of /proc/net/tcp and its like (proc(5)): the second column is the local address, the third the remote one, the
/// tenth the socket's inode.
struct Socket {
    local: String,
    remote: String,
    inode: String,
}

impl Socket {
    /// Addresses are written in hexadecimal, each group of four bytes backwards: 0100007F is 127.0.0.1.
    fn leads_outside(&self) -> bool {
        let address = self.remote.split(':').next().unwrap_or_default();
        let v4 = if address.len() == 32 && address.starts_with("0000000000000000FFFF0000") {
            &address[24..] // an IPv4 address written as an IPv6 one
        } else {
            address
        };
        let unconnected = v4.bytes().all(|digit| digit == b'0');
        let loopback = (v4.len() == 8 && v4.ends_with("7F")) || v4 == "00000000000000000000000001000000";
        !unconnected && !loopback
    }
}

fn port_of(address: &str) -> Option<u16> {
    u16::from_str_radix(address.rsplit(':').next()?, 16).ok()
}

fn sockets(table: &str) -> Vec<Socket> {
    let text = std::fs::read_to_string(format!("/proc/net/{table}")).unwrap_or_default();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn leads_outside(remote: &str) -> bool {
        Socket { local: String::new(), remote: remote.to_owned(), inode: String::new() }.leads_outside()
    }

    #[test]
    fn loopback_and_unconnected_sockets_do_not_lead_outside() {
        for inside in [
            "0100007F:1F90",
            "0200007F:1F90",
            "00000000:0000",
            "00000000000000000000000000000000:0000",
            "00000000000000000000000001000000:1F90",
            "0000000000000000FFFF00000100007F:1F90",
        ] {
            assert!(!leads_outside(inside), "{inside}");
        }
        for outside in
            ["0101A8C0:01BB", "0000000000000000FFFF00000101A8C0:01BB", "B80D0120000000000000000001000000:01BB"]
        {
            assert!(leads_outside(outside), "{outside}");
        }
    }
}
