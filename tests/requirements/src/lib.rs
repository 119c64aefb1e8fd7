//! The outcome of a test whose tool is missing on this machine: it is reported as ignored with the reason, or fails if
//! [`VARIABLE`] requires the tool, as in CI.

use libtest_mimic::{Completion, Failed};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The environment variable with the names of the required tools, separated by commas, or `all`.
pub const VARIABLE: &str = "GUMSHOE_REQUIRE";

/// The tools without which tests are ignored.
const NAMES: [&str; 5] = ["chromium", "corpus", "namespace", "node", "sfnx"];

/// The outcome of a test of [`libtest_mimic::Trial::ignorable_test`].
pub type Outcome = Result<Completion, Failed>;

/// The outcome of a test without the tool `name`: `chromium`, `corpus`, `namespace`, `node` or `sfnx`. `remedy` is an instruction:
/// "install Chromium".
///
/// # Errors
///
/// The test fails if [`VARIABLE`] requires `name`, or holds a name that is none of these.
pub fn missing(name: &str, remedy: &str) -> Outcome {
    decide(name, remedy, &std::env::var(VARIABLE).unwrap_or_default())
}

/// The folder of the npm packages that `tests/node/package-lock.json` pins; `None` if `make node` has not installed exactly those,
/// or Node.js does not run.
#[must_use]
pub fn node_modules() -> Option<PathBuf> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let installed = project.join("target/tools/node");
    let lock = |folder: &Path| std::fs::read(folder.join("package-lock.json")).ok();
    let is_pinned = lock(&installed).is_some_and(|it| Some(it) == lock(&project.join("tests/node")));
    let runs = || Command::new("node").arg("--version").output().is_ok_and(|it| it.status.success());
    (is_pinned && installed.join("installed").exists() && runs()).then(|| installed.join("node_modules"))
}

/// The outcome of a test without [`node_modules`].
///
/// # Errors
///
/// The test fails if [`VARIABLE`] requires `node`, or holds an unknown name.
pub fn missing_node() -> Outcome {
    missing("node", "install Node.js with npm, and run make node")
}

fn decide(name: &str, remedy: &str, required: &str) -> Outcome {
    let required: Vec<&str> = required.split(',').map(str::trim).filter(|it| !it.is_empty()).collect();
    // A misspelled name would silently require nothing.
    if let Some(unknown) = required.iter().find(|it| **it != "all" && !NAMES.contains(it)) {
        return Err(format!("{VARIABLE} contains {unknown}; valid names: all, {}", NAMES.join(", ")).into());
    }
    if required.iter().any(|it| *it == "all" || *it == name) {
        return Err(format!("{name} is missing and {VARIABLE} requires it: {remedy}").into());
    }
    Ok(Completion::ignored_with(format!("{name} is missing: {remedy}")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "these are tests")]
mod tests {
    use super::*;

    fn decided(required: &str) -> Result<String, String> {
        match decide("chromium", "install Chromium", required) {
            Ok(Completion::Ignored { reason }) => Ok(reason.unwrap()),
            Ok(Completion::Completed) => panic!("a test without its tool was reported as completed"),
            Err(failed) => Err(failed.message().unwrap().to_owned()),
        }
    }

    #[test]
    fn a_test_without_its_tool_is_ignored_with_the_remedy() {
        for required in ["", "corpus", "corpus,namespace", " , "] {
            assert_eq!(decided(required).unwrap(), "chromium is missing: install Chromium", "{required:?}");
        }
    }

    #[test]
    fn a_required_tool_that_is_missing_is_a_failure_with_the_remedy() {
        for required in ["all", "chromium", "corpus, chromium", "corpus,all"] {
            let message = decided(required).unwrap_err();
            assert_eq!(
                message, "chromium is missing and GUMSHOE_REQUIRE requires it: install Chromium",
                "{required:?}"
            );
        }
    }

    #[test]
    fn an_unknown_name_is_a_failure() {
        let message = decided("corpus,chromum").unwrap_err();
        assert_eq!(
            message,
            "GUMSHOE_REQUIRE contains chromum; valid names: all, chromium, corpus, namespace, node, sfnx"
        );
    }
}
