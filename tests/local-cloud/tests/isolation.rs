//! An isolated program can reach loopback only, and each attempt to reach another machine is counted.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use libtest_mimic::{Arguments, Completion, Trial};
use local_cloud::{Profile, Tools, UnroutedPackets, isolated_command};
use requirements::Outcome;
use std::io;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::Path;

/// If this variable is set, this program makes that one of [`ATTEMPTS`] and prints the counters.
const ATTEMPT: &str = "ISOLATION_ATTEMPT";
/// The exit status after the attempt.
const EXIT_STATUS: i32 = 7;

/// Test name, attempt, expected counters.
type Attempt = (&'static str, fn() -> io::Result<()>, UnroutedPackets);

/// The addresses are reserved for documentation (RFC 5737, RFC 3849).
const ATTEMPTS: [Attempt; 5] = [
    ("a_connection_over_ipv4_is_counted", || TcpStream::connect("192.0.2.1:443").map(drop), counted(1, 0)),
    ("a_datagram_over_ipv4_is_counted", || datagram("0.0.0.0:0", "192.0.2.53:53"), counted(1, 0)),
    ("a_connection_over_ipv6_is_counted", || TcpStream::connect("[2001:db8::1]:443").map(drop), counted(0, 1)),
    ("a_datagram_over_ipv6_is_counted", || datagram("[::]:0", "[2001:db8::53]:53"), counted(0, 1)),
    ("loopback_is_reachable_and_not_counted", loopback, counted(0, 0)),
];

const fn counted(ipv4: u64, ipv6: u64) -> UnroutedPackets {
    UnroutedPackets { ipv4, ipv6 }
}

fn datagram(from: &str, to: &str) -> io::Result<()> {
    UdpSocket::bind(from)?.send_to(b"?", to).map(drop)
}

fn loopback() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    TcpStream::connect(listener.local_addr()?).map(drop)
}

fn main() {
    if let Ok(name) = std::env::var(ATTEMPT) {
        attempt(&name);
    }
    let trial = |(name, _, counted): Attempt| Trial::ignorable_test(name, move || is_counted(name, counted));
    libtest_mimic::run(&Arguments::from_args(), ATTEMPTS.map(trial).into()).exit();
}

/// Makes the attempt in the isolated process.
#[expect(clippy::print_stdout, reason = "the test reads it")]
fn attempt(name: &str) -> ! {
    let (_, attempt, _) = ATTEMPTS.into_iter().find(|(known, ..)| *known == name).unwrap();
    let outcome = attempt().map_err(|error| error.kind());
    println!("{outcome:?}, {:?}", UnroutedPackets::count().unwrap());
    std::process::exit(EXIT_STATUS)
}

fn is_counted(name: &str, counted: UnroutedPackets) -> Outcome {
    if counted.ipv6 > 0 && !Path::new("/proc/net/snmp6").exists() {
        return Ok(Completion::ignored_with("this machine has no IPv6"));
    }
    let mut command = match isolated_command(&Tools::find(Profile::Local)?, std::env::current_exe()?) {
        Ok(command) => command,
        Err(reason) => return requirements::missing("namespace", &reason),
    };
    let output = command.env(ATTEMPT, name).output()?;
    let outcome: Result<(), _> = if counted.is_zero() { Ok(()) } else { Err(io::ErrorKind::NetworkUnreachable) };
    assert_eq!(String::from_utf8(output.stdout)?.trim(), format!("{outcome:?}, {counted:?}"));
    assert_eq!(output.status.code(), Some(EXIT_STATUS), "the exit status is the program's");
    Ok(Completion::Completed)
}
