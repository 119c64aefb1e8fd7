//! What a test does where something is missing that it needs and that not every machine has: it is reported as ignored,
//! with the reason. Where [`VARIABLE`] requires it, as in CI, the test fails instead.

use libtest_mimic::{Completion, Failed};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The environment variable with the names of what must not be missing, separated by commas, or `all`.
pub const VARIABLE: &str = "GUMSHOE_REQUIRE";

/// Everything that tests can be without.
const NAMES: [&str; 5] = ["chromium", "corpus", "namespace", "node", "sfnx"];

/// How a test of [`libtest_mimic::Trial::ignorable_test`] ends.
pub type Outcome = Result<Completion, Failed>;

/// How a test ends without `name`, which is `chromium`, `corpus`, `namespace`, `node` or `sfnx`. `remedy` says how to get it, as
/// an instruction: "install Chromium".
///
/// # Errors
///
/// The test fails if [`VARIABLE`] requires `name`, or holds a name that is none of these.
pub fn missing(name: &str, remedy: &str) -> Outcome {
    decide(name, remedy, &std::env::var(VARIABLE).unwrap_or_default())
}

/// Where the npm packages are that `tests/node/package-lock.json` pins; nothing if `make node` has not installed those, or Node.js is gone.
#[must_use]
pub fn node_modules() -> Option<PathBuf> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let installed = project.join("target/tools/node");
    let lock = |folder: &Path| std::fs::read(folder.join("package-lock.json")).ok();
    let is_pinned = lock(&installed).is_some_and(|it| Some(it) == lock(&project.join("tests/node")));
    let runs = || Command::new("node").arg("--version").output().is_ok_and(|it| it.status.success());
    (is_pinned && installed.join("installed").exists() && runs()).then(|| installed.join("node_modules"))
}

/// How a test ends where there is no [`node_modules`].
///
/// # Errors
///
/// The test fails if [`VARIABLE`] requires `node`, or holds an unknown name.
pub fn missing_node() -> Outcome {
    missing("node", "install Node.js with npm, and run make node")
}

fn decide(name: &str, remedy: &str, required: &str) -> Outcome {
    let required: Vec<&str> = required.split(',').map(str::trim).filter(|it| !it.is_empty()).collect();
    // A misspelled name would require nothing, and nobody would notice.
    if let Some(unknown) = required.iter().find(|it| **it != "all" && !NAMES.contains(it)) {
        return Err(format!("{VARIABLE} holds {unknown}; it takes all, {}", NAMES.join(", ")).into());
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
            Ok(Completion::Completed) => panic!("without its tool, the test cannot have run"),
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
            let said = decided(required).unwrap_err();
            assert_eq!(said, "chromium is missing and GUMSHOE_REQUIRE requires it: install Chromium", "{required:?}");
        }
    }

    #[test]
    fn a_name_that_nothing_has_is_a_failure() {
        let said = decided("corpus,chromum").unwrap_err();
        assert_eq!(said, "GUMSHOE_REQUIRE holds chromum; it takes all, chromium, corpus, namespace, node, sfnx");
    }
}
