//! What a test does where something is missing that it needs and that not every machine has: it is reported as ignored,
//! with the reason. Where [`VARIABLE`] requires it, as in CI, the test fails instead.

use libtest_mimic::{Completion, Failed};

/// The environment variable with the names of what must not be missing, separated by commas, or `all`.
pub const VARIABLE: &str = "GUMSHOE_REQUIRE";

/// Everything that tests can be without.
const NAMES: [&str; 4] = ["chromium", "corpus", "iam-simulate", "namespace"];

/// How a test of [`libtest_mimic::Trial::ignorable_test`] ends.
pub type Outcome = Result<Completion, Failed>;

/// How a test ends without `name`, which is one of `chromium`, `corpus`, `iam-simulate` and `namespace`. `remedy` says how to get it, as an
/// instruction: "install Chromium".
///
/// # Errors
///
/// The test fails if [`VARIABLE`] requires `name`, or holds a name that is none of these.
pub fn missing(name: &str, remedy: &str) -> Outcome {
    decide(name, remedy, &std::env::var(VARIABLE).unwrap_or_default())
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
        assert_eq!(said, "GUMSHOE_REQUIRE holds chromum; it takes all, chromium, corpus, iam-simulate, namespace");
    }
}
