//! Arguments that the demo rejects: it prints one line before it builds or starts anything.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

use std::net::TcpListener;
use std::process::Command;

fn demo(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_local-cloud")).args(arguments).output().unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

fn assert_rejected(arguments: &[&str], expected: &str) {
    let (succeeded, errors) = demo(arguments);
    assert!(!succeeded);
    assert_eq!(errors.lines().count(), 1, "{errors}");
    assert!(errors.contains(expected), "{errors}");
}

fn file(name: &str, text: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_port_in_use_is_reported_with_the_remedy() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    assert_rejected(&["--port", &port], &format!("port {port} is in use; choose another"));
}

#[test]
fn an_invalid_finding_file_is_reported_with_the_reason() {
    assert_rejected(&["--finding", "no/such/file.json"], "could not read no/such/file.json");
    assert_rejected(&["--finding", &file("text.json", "hello")], "it is not valid JSON");
    assert_rejected(&["--finding", &file("other.json", "{\"detail\": {}}")], "detail.id is missing");
}

#[test]
fn an_archived_finding_is_rejected_because_it_opens_no_case() {
    let finding = include_str!("../../fixtures/findings/role-credentials-from-listed-address.json");
    let archived = finding.replace("\"archived\": false", "\"archived\": true");
    assert_rejected(&["--finding", &file("archived.json", &archived)], "the finding is archived");
}
