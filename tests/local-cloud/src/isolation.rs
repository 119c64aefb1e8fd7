//! Runs the tests, with all processes that they start, in a network namespace that has only loopback. No packet can leave the
//! namespace, and the kernel counts each attempt.
//!
//! Methods to detect that a function tries to reach another machine:
//!
//! - **Network namespace** (used here). The kernel counts the packets that it could not route for each namespace, so no
//!   attempt is missed, however short: TCP and UDP, IPv4 and IPv6, DNS queries, of any process. It needs only `unshare` of
//!   util-linux. It does not identify the process or the destination.
//! - **seccomp** would identify both. But it needs a supervisor that reads the memory of every process for each system call
//!   with an address, and unsafe code, which this workspace forbids.
//! - **A proxy** sees only the traffic that is sent to it, and the test has to find traffic that bypasses it.
//! - **Polling `/proc/net/tcp`** misses connections that are shorter than the poll interval.

use crate::error::CloudError;
use crate::profile::Profile;
use crate::tools::Tools;
use std::ffi::OsStr;
use std::fmt::{self, Display, Formatter};
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

/// Set for the isolated program: the parent network namespace, in which the functions were built.
const PARENT_NAMESPACE_VARIABLE: &str = "GUMSHOE_ISOLATED_FROM";

/// Options of `unshare` that create a network namespace: as root, and as another user through a user namespace.
const UNSHARE_OPTIONS: [&[&str]; 2] = [&["--net"], &["--user", "--map-root-user", "--net"]];

/// Whether this program runs in a network namespace of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Isolation {
    /// It does: only loopback is reachable, and [`UnroutedPackets`] counts attempts to reach anything else.
    Isolated,
    /// It does not; the reason.
    NotIsolated(String),
}

/// Builds the functions, which may need the network, and then re-executes this program in a new network namespace, with the
/// same arguments and process ID. In the re-executed program it returns immediately. If namespaces are not permitted, it
/// returns after the build. In both cases continue with [`crate::LocalCloud::start_built`]. Call it before any thread is
/// started.
///
/// # Errors
///
/// [`CloudError`] if the functions cannot be built or the program cannot be re-executed.
pub fn build_and_isolate(profile: Profile, progress: &(dyn Fn(&str) + Sync)) -> Result<Isolation, CloudError> {
    let here = std::fs::read_link("/proc/self/ns/net").map_err(CloudError::io("could not read /proc/self/ns/net"))?;
    if let Some(parent) = std::env::var_os(PARENT_NAMESPACE_VARIABLE) {
        if here.as_os_str() == parent {
            return Ok(Isolation::NotIsolated("unshare did not create a network namespace".to_owned()));
        }
        return Ok(Isolation::Isolated);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(CloudError::io("could not create the tokio runtime"))?.block_on(crate::build(profile, progress))?;
    let program = std::env::current_exe()
        .map_err(CloudError::io("could not locate the executable of this program; run it again"))?;
    match isolated_command(&Tools::find(profile)?, program) {
        Ok(mut command) => {
            let error = command.args(std::env::args_os().skip(1)).env(PARENT_NAMESPACE_VARIABLE, here).exec();
            Err(CloudError::io("could not re-execute this program in a network namespace")(error))
        }
        Err(reason) => Ok(Isolation::NotIsolated(reason)),
    }
}

/// A command that runs a program in a new network namespace with loopback only. The command replaces itself with the program
/// (exec), so signals and the exit status are the program's.
///
/// # Errors
///
/// The reason why this machine does not permit it, with the remedy.
pub fn isolated_command(tools: &Tools, program: impl AsRef<OsStr>) -> Result<Command, String> {
    let mut reason = String::new();
    for options in UNSHARE_OPTIONS {
        let command = |program: &OsStr| {
            let mut command = Command::new("unshare");
            command.args(options).arg(tools.program_path("python"));
            command.arg(tools.root().join("tests/local-cloud/src/loopback.py")).arg(program);
            command
        };
        match command("true".as_ref()).stdin(Stdio::null()).output() {
            Ok(output) if output.status.success() => return Ok(command(program.as_ref())),
            Ok(output) => {
                reason = String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned()
            }
            Err(error) => reason = format!("could not run unshare of util-linux: {error}"),
        }
    }
    Err(format!(
        "network namespaces are not permitted here ({reason}); run as root, or permit user namespaces for all users"
    ))
}

/// The number of packets without a route: the namespace has no route to other machines. A connection attempt counts once, and
/// so does a datagram. Programs retry, and DNS libraries try each server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnroutedPackets {
    /// To IPv4 addresses: `OutNoRoutes` of `Ip` in /proc/net/snmp.
    pub ipv4: u64,
    /// To IPv6 addresses: `Ip6OutNoRoutes` in /proc/net/snmp6.
    pub ipv6: u64,
}

impl UnroutedPackets {
    /// The counters of this process's network namespace since its creation.
    ///
    /// # Errors
    ///
    /// The kernel does not provide the counter.
    pub fn count() -> io::Result<Self> {
        let snmp6 = match std::fs::read_to_string("/proc/self/net/snmp6") {
            // The kernel has no IPv6, so there are no IPv6 packets.
            Err(error) if error.kind() == io::ErrorKind::NotFound => "Ip6OutNoRoutes 0".to_owned(),
            text => text?,
        };
        Self::parse(&std::fs::read_to_string("/proc/self/net/snmp")?, &snmp6)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "/proc/self/net has no counter OutNoRoutes"))
    }

    /// Whether no attempt was counted.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.ipv4 == 0 && self.ipv6 == 0
    }

    /// Parses `/proc/net/snmp`, in which a line with names precedes the line with their values, and `/proc/net/snmp6`, in which
    /// each line has a name and its value (proc(5)).
    fn parse(snmp: &str, snmp6: &str) -> Option<Self> {
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
    fn counters_are_parsed_by_name() {
        assert_eq!(UnroutedPackets::parse(SNMP, SNMP6), Some(UnroutedPackets { ipv4: 17, ipv6: 9 }));
    }

    #[test]
    fn a_missing_counter_is_not_zero() {
        assert_eq!(UnroutedPackets::parse("Ip: Forwarding\nIp: 2\n", SNMP6), None);
        assert_eq!(UnroutedPackets::parse("", SNMP6), None);
        assert_eq!(UnroutedPackets::parse(SNMP, "Ip6InReceives 4\n"), None);
    }

    #[test]
    fn this_kernel_provides_the_counters() {
        UnroutedPackets::count().unwrap();
    }
}
