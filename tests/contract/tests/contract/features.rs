//! The Cargo features with which the functions and their tests are built.

use crate::project;
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

fn cargo(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).args(["--quiet", "--offline", "--locked"]).current_dir(project::path("."));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn metadata() -> Value {
    serde_json::from_str(&cargo(&["metadata", "--format-version", "1", "--no-deps"])).unwrap()
}

/// Every package from a registry that `cargo test` builds for these packages of the workspace, with its features.
fn built_for(selected: &[&str]) -> BTreeSet<String> {
    let tree = ["tree", "--edges", "normal,build,dev", "--prefix", "none", "--format", "{p} {f}"];
    let text = cargo(&[&tree[..], selected].concat());
    let lines = text.lines().map(|line| line.trim_end_matches(" (*)").trim_end());
    // Packages of the workspace are shown with their folder.
    lines.filter(|line| !line.contains(" (/")).map(str::to_owned).collect()
}

/// `cargo test -p NAME` must not build the SDK again after `cargo test --workspace`, which takes minutes. tests/workspace-hack
/// prevents that.
#[test]
fn every_package_is_tested_with_the_features_of_the_workspace() {
    let all = built_for(&["--workspace"]);
    assert!(all.iter().any(|line| line.starts_with("aws-sdk-detective ") && line.contains("test-util")), "{all:?}");
    let metadata = metadata();
    let names = metadata["packages"].as_array().unwrap().iter().map(|package| package["name"].as_str().unwrap());
    let names: Vec<&str> = names.collect();
    std::thread::scope(|scope| {
        for some in names.chunks(names.len().div_ceil(2)) {
            let all = &all;
            scope.spawn(move || {
                for name in some {
                    let others: Vec<String> = built_for(&["--package", name]).difference(all).cloned().collect();
                    assert!(
                        others.is_empty(),
                        "{name} alone is tested with other features; run `make hack`: {others:#?}"
                    );
                }
            });
        }
    });
}

/// `sam build` builds one function after the other. cargo-lambda selects all of them each time, so that shared dependencies have
/// the same features; its list must be complete.
#[test]
fn every_function_is_built_with_the_features_of_all_functions() {
    let metadata = metadata();
    let selected = metadata["metadata"]["lambda"]["build"]["packages"].as_array().unwrap();
    let selected: BTreeSet<&str> = selected.iter().map(|name| name.as_str().unwrap()).collect();
    let folders = project::function_folders();
    let names = folders.iter().map(|it| it.file_name().unwrap().to_str().unwrap());
    assert_eq!(selected, names.collect(), "Cargo.toml, workspace.metadata.lambda.build");
}

/// Deployed functions do not use tests/workspace-hack: its features would add code that no function uses.
#[test]
fn functions_are_built_without_the_features_of_tests() {
    let tree = cargo(&["tree", "--workspace", "--edges", "normal", "--invert", "workspace-hack", "--prefix", "none"]);
    let dependants: Vec<&str> = tree.lines().filter(|line| !line.starts_with("workspace-hack ")).collect();
    assert!(dependants.is_empty(), "{dependants:?}");
}

/// Building documentation tests takes as long as building the library, so they are enabled only for libraries that have some.
#[test]
fn libraries_with_documentation_tests_run_them() {
    let metadata = metadata();
    let targets = metadata["packages"].as_array().unwrap().iter().flat_map(|it| it["targets"].as_array().unwrap());
    let mut with_tests = 0;
    for library in targets.filter(|target| target["kind"] == serde_json::json!(["lib"])) {
        let folder = std::path::Path::new(library["src_path"].as_str().unwrap()).parent().unwrap();
        let has_some = project::rust_files(folder).iter().any(|file| has_documentation_test(file));
        assert_eq!(library["doctest"], has_some, "doctest in the Cargo.toml of {}", library["name"]);
        with_tests += usize::from(has_some);
    }
    assert!(with_tests >= 2, "those of the simulator and the receivers");
}

/// A block of code in a documentation comment, in no other language than Rust.
fn has_documentation_test(file: &std::path::Path) -> bool {
    let text = std::fs::read_to_string(file).unwrap();
    let comments = text
        .lines()
        .map(str::trim_start)
        .filter_map(|line| line.strip_prefix("//!").or_else(|| line.strip_prefix("///")).map(str::trim_start));
    // Fences open and close blocks in turn.
    comments
        .filter_map(|line| line.strip_prefix("```"))
        .step_by(2)
        .any(|language| !["text", "json"].contains(&language))
}

/// The packages of the workspace, and those of the SDK, that a package is built of, by their names.
fn parts_of(package: &str) -> BTreeSet<String> {
    let tree = cargo(&["tree", "--package", package, "--edges", "normal", "--prefix", "none"]);
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    names.filter(|it| it.starts_with("gumshoe-") || it.starts_with("aws-sdk-")).map(str::to_owned).collect()
}

/// The runtime crate builds without the adapters and their SDK crates, except that of STS, which aws-config needs.
#[test]
fn the_runtime_does_not_depend_on_the_adapters() {
    let parts = parts_of("gumshoe-runtime");
    let known = ["aws-sdk-sts", "gumshoe-domain", "gumshoe-runtime"].map(str::to_owned);
    assert!(parts.is_subset(&known.into()) && parts.contains("gumshoe-domain"), "{parts:?}");
}

/// The functions that process cases only read whether an account is in the behavior graph.
#[test]
fn only_the_graph_functions_depend_on_the_graph_crate() {
    let folders = project::function_folders();
    let (of_graph, of_cases): (Vec<_>, Vec<_>) = folders.iter().partition(|it| it.parent().unwrap().ends_with("graph"));
    let names = |folders: Vec<&std::path::PathBuf>| -> Vec<String> {
        folders.iter().map(|it| it.file_name().unwrap().to_str().unwrap().to_owned()).collect()
    };
    let shared = ["gumshoe-domain", "gumshoe-aws", "gumshoe-alerts", "gumshoe-runtime"].map(str::to_owned);
    let of_cases = names(of_cases);
    assert!(of_cases.len() >= 6 && of_graph.len() == 2, "{of_cases:?}");
    for package in shared.iter().chain(&of_cases) {
        assert!(!parts_of(package).contains("gumshoe-graph"), "{package} depends on gumshoe-graph");
    }
    for package in names(of_graph) {
        assert!(parts_of(&package).contains("gumshoe-graph"), "{package}");
    }
}
