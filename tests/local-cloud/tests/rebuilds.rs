//! A second build of the functions in another environment compiles nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use local_cloud::{Profile, Tools};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

fn variable_or(name: &str, in_home: &str) -> OsString {
    let default = || PathBuf::from(std::env::var_os("HOME").unwrap()).join(in_home).into_os_string();
    std::env::var_os(name).unwrap_or_else(default)
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn another_home_and_path_do_not_rebuild_functions() {
    let profile = Profile::of_environment().unwrap();
    let tools = Tools::find(profile).unwrap();
    let built = Command::new(env!("CARGO_BIN_EXE_local-cloud")).arg("--build").output().unwrap();
    assert!(built.status.success(), "{}", text(&built));

    let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("another-home");
    std::fs::create_dir_all(&home).unwrap();
    let mut path = tools.path();
    path.push(":/nowhere");
    let mut command = tools.supervised_command("cargo");
    command
        .args(["lambda", "build", "--locked", "--profile", profile.name()])
        .current_dir(tools.root().join("functions/open-case"))
        // Toolchain and registry stay the same, because Cargo records the paths of the registry's sources.
        .env("CARGO_HOME", variable_or("CARGO_HOME", ".cargo"))
        .env("RUSTUP_HOME", variable_or("RUSTUP_HOME", ".rustup"))
        .env("HOME", home)
        .env("PATH", path)
        .env("VIRTUAL_ENV", "/nowhere/venv")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let _pipe = child.stdin.take(); // closing it would end the command
    let again = child.wait_with_output().unwrap();
    let output = text(&again);
    assert!(again.status.success() && output.contains("Finished"), "{output}");
    assert!(!output.contains("Compiling"), "{output}");
}
