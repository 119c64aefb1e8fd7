//! How the functions are built.

use crate::project;
use std::collections::BTreeSet;
use std::process::Command;

/// Every package that is built for these functions, with its features.
fn packages(functions: &[String]) -> BTreeSet<String> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["tree", "--quiet", "--offline", "--locked", "--edges", "normal", "--prefix", "none"]);
    command.args(["--format", "{p} {f}"]).current_dir(project::path("."));
    for function in functions {
        command.args(["--package", function]);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.trim_end_matches(" (*)").trim_end().to_owned()).collect()
}

/// `sam build` builds one function after the other. What one needs with other features than the rest would be built anew
/// for it, and the SDK with it: ten minutes instead of none.
#[test]
fn each_function_is_built_with_the_features_of_all() {
    let functions: Vec<String> = project::functions().into_iter().map(|(_, name)| name).collect();
    let all = packages(&functions);
    for function in functions {
        let strange: Vec<String> = packages(std::slice::from_ref(&function)).difference(&all).cloned().collect();
        assert!(
            strange.is_empty(),
            "{function} alone has other features; see shared/bootstrap/Cargo.toml: {strange:?}"
        );
    }
}
