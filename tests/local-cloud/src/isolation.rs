//! A network namespace with loopback and nothing else, in which the tests run with all that they start. No packet can leave
//! it, and the kernel counts each attempt.
//!
//! There are three ways to see whether a function reaches for anything outside this machine:
//!
//! - **A network namespace** is what this is. The kernel counts for each namespace what it could not route, so no attempt is
//!   missed, however short: TCP and UDP, IPv4 and IPv6, questions to a DNS server, of any process. Linux has it without
//!   further programs but `unshare` of util-linux. It does not say which process it was, or what was reached for.
//! - **seccomp** would say both. But it needs a supervisor that reads the memory of every process for each of the system
//!   calls that can name an address, and unsafe code, which this workspace forbids.
//! - **A proxy** sees only what is sent to it, and a function that goes past it is what is looked for.
//!
//! Looking at `/proc/net/tcp` again and again misses what is shorter than the time between two looks.

use crate::error::CloudError;
use crate::profile::Profile;
use crate::tools::Tools;
use std::ffi::OsStr;
use std::fmt::{self, Display, Formatter};
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

/// Set for the program that runs isolated: the network namespace that it came from, in which the functions were built.
const OUTSIDE: &str = "GUMSHOE_ISOLATED_FROM";

/// The ways to a new network namespace: as root, and as anybody else by a user namespace, whose root may have one.
const WAYS: [&[&str]; 2] = [&["--net"], &["--user", "--map-root-user", "--net"]];

/// Whether this program runs in a network namespace of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Isolation {
    /// It does: it reaches loopback only, and [`UnroutedPackets`] counts what reaches for more.
    Isolated,
    /// It does not, for this reason.
    NotIsolated(String),
}

/// Builds the functions, which may need the network, and then runs this program anew in a network namespace of its own, with
/// the same arguments and as the same process. There, this returns at once. Where namespaces are not permitted, it returns
/// after building. In both cases [`crate::LocalCloud::start_built`] goes on. Programs call it before they start a thread.
///
/// # Errors
///
/// [`CloudError`] if the functions cannot be built or the program cannot be run anew.
pub fn build_and_isolate(profile: Profile, progress: &(dyn Fn(&str) + Sync)) -> Result<Isolation, CloudError> {
    let here = std::fs::read_link("/proc/self/ns/net").map_err(CloudError::io("/proc cannot be read"))?;
    if let Some(outside) = std::env::var_os(OUTSIDE) {
        if here.as_os_str() == outside {
            return Ok(Isolation::NotIsolated("unshare made no new network namespace".to_owned()));
        }
        return Ok(Isolation::Isolated);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(CloudError::io("no asynchronous runtime"))?.block_on(crate::build(profile, progress))?;
    let program = std::env::current_exe().map_err(CloudError::io("this program's file is gone"))?;
    match isolated_command(&Tools::find(profile)?, program) {
        Ok(mut command) => {
            let error = command.args(std::env::args_os().skip(1)).env(OUTSIDE, here).exec();
            Err(CloudError::io("this program cannot be run anew in a network namespace")(error))
        }
        Err(reason) => Ok(Isolation::NotIsolated(reason)),
    }
}

/// A command that runs a program in a new network namespace with loopback alone. As it is no child of the command's but
/// becomes it, signals and the exit status are the program's.
///
/// # Errors
///
/// Why this machine does not permit it, and what to do about it.
pub fn isolated_command(tools: &Tools, program: impl AsRef<OsStr>) -> Result<Command, String> {
    let mut reason = String::new();
    for way in WAYS {
        let command = |program: &OsStr| {
            let mut command = Command::new("unshare");
            command.args(way).arg(tools.program_path("python"));
            command.arg(tools.root().join("tests/local-cloud/src/loopback.py")).arg(program);
            command
        };
        match command("true".as_ref()).stdin(Stdio::null()).output() {
            Ok(tried) if tried.status.success() => return Ok(command(program.as_ref())),
            Ok(tried) => reason = String::from_utf8_lossy(&tried.stderr).lines().last().unwrap_or_default().to_owned(),
            Err(error) => reason = format!("unshare of util-linux cannot be run: {error}"),
        }
    }
    Err(format!(
        "network namespaces are not permitted here ({reason}); run as root, or permit user namespaces to everybody"
    ))
}

/// How many packets had no route, as there is none to anything outside. An attempt to connect counts once, and so does a
/// datagram. Programs try more than once, and DNS libraries each of their servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnroutedPackets {
    /// To IPv4 addresses: `OutNoRoutes` of `Ip` in /proc/net/snmp.
    pub ipv4: u64,
    /// To IPv6 addresses: `Ip6OutNoRoutes` in /proc/net/snmp6.
    pub ipv6: u64,
}

impl UnroutedPackets {
    /// What this process's network namespace has counted since there is one.
    ///
    /// # Errors
    ///
    /// The kernel shows no such counter.
    pub fn count() -> io::Result<Self> {
        let snmp6 = match std::fs::read_to_string("/proc/self/net/snmp6") {
            // Without IPv6 nothing can be sent over it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => "Ip6OutNoRoutes 0".to_owned(),
            text => text?,
        };
        Self::read(&std::fs::read_to_string("/proc/self/net/snmp")?, &snmp6)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "/proc/self/net has no counter OutNoRoutes"))
    }

    /// Whether nothing reached for anything outside.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.ipv4 == 0 && self.ipv6 == 0
    }

    /// Reads `/proc/net/snmp`, in which a line with names comes before one with their numbers, and `/proc/net/snmp6`, in
    /// which each line has one name and its number (proc(5)).
    fn read(snmp: &str, snmp6: &str) -> Option<Self> {
        let mut ip = snmp.lines().filter_map(|line| line.strip_prefix("Ip:")).map(str::split_whitespace);
        let ipv4 = ip.next()?.zip(ip.next()?).find(|(name, _)| *name == "OutNoRoutes")?.1;
        let ipv6 = snmp6.lines().find_map(|line| line.strip_prefix("Ip6OutNoRoutes"))?;
        Some(Self { ipv4: ipv4.parse().ok()?, ipv6: ipv6.trim().parse().ok()? })
    }
}

impl Display for UnroutedPackets {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} packets to IPv4 addresses and {} to IPv6 addresses", self.ipv4, self.ipv6)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "these are tests")]
mod tests {
    use super::*;

    const SNMP: &str = "Ip: Forwarding DefaultTTL OutDiscards OutNoRoutes ReasmTimeout\nIp: 2 64 3 17 0\n\
                        Icmp: InMsgs InErrors\nIcmp: 5 6\n";
    const SNMP6: &str = "Ip6InReceives                   \t4\nIp6OutNoRoutes                  \t9\n";

    #[test]
    fn the_counters_are_read_by_their_names() {
        assert_eq!(UnroutedPackets::read(SNMP, SNMP6), Some(UnroutedPackets { ipv4: 17, ipv6: 9 }));
    }

    #[test]
    fn a_counter_that_is_not_there_is_not_taken_for_zero() {
        assert_eq!(UnroutedPackets::read("Ip: Forwarding\nIp: 2\n", SNMP6), None);
        assert_eq!(UnroutedPackets::read("", SNMP6), None);
        assert_eq!(UnroutedPackets::read(SNMP, "Ip6InReceives 4\n"), None);
    }

    #[test]
    fn this_kernel_has_the_counters() {
        UnroutedPackets::count().unwrap();
    }
}
