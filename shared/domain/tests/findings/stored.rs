//! Stored findings, and what is expected of each.

use gumshoe_domain::admission::AdmissionRules;
use gumshoe_domain::explanation::{Decision, ExplainedPrincipal, Explanation};
use gumshoe_domain::{FindingError, ParsedFinding};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A file's name without `.json`, what becomes of it, and who stands behind it, each in the form of [`in_short`].
pub(crate) type Expected<'a> = (&'a str, Decision, &'a [&'a str]);

/// The findings that are part of this project.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/findings")
}

/// Findings from elsewhere, where `FINDINGS_CORPUS` names a folder of them.
pub(crate) fn corpus() -> Option<PathBuf> {
    std::env::var_os("FINDINGS_CORPUS").filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

/// All documents of a folder, by name without `.json`.
pub(crate) fn documents(folder: &Path) -> BTreeMap<String, Value> {
    let files = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let documents =
        files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|it| it == "json"));
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let document = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), document)
    };
    documents.map(read).collect()
}

/// What becomes of a document by default.
pub(crate) fn explain(document: &Value) -> Result<Explanation, FindingError> {
    ParsedFinding::from_json(document).map(|parsed| Explanation::of(&parsed, &AdmissionRules::default()))
}

/// A principal in short: its ARN, with `~` before it where it is not certain, else its kind; then `<` and the look-up.
pub(crate) fn in_short(principal: &ExplainedPrincipal) -> String {
    let mut short = match &principal.entity_arn {
        Some(arn) if principal.is_entity_arn_certain => arn.clone(),
        Some(arn) => format!("~{arn}"),
        None => principal.kind.to_owned(),
    };
    if let Some(lookup) = &principal.lookup {
        short.push_str(" < ");
        short.push_str(lookup);
    }
    short
}

/// Holds every document to what is expected of it; there must be no document without expectation, and none missing.
pub(crate) fn check(folder: &Path, expected: &[Expected<'_>]) {
    let documents = documents(folder);
    let mut wrong = Vec::new();
    for (name, decision, principals) in expected {
        let Some(document) = documents.get(*name) else {
            wrong.push(format!("{name} is missing"));
            continue;
        };
        match explain(document) {
            Ok(explanation) => {
                let found: Vec<String> = explanation.principals.iter().map(in_short).collect();
                if explanation.decision != *decision || found != *principals {
                    wrong.push(format!("{name}: {:?} {found:?}", explanation.decision));
                }
            }
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    let unexpected = documents.keys().filter(|name| !expected.iter().any(|(known, ..)| known == name));
    wrong.extend(unexpected.map(|name| format!("nothing is expected of {name}")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
