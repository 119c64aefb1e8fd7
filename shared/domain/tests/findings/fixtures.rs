//! Finding documents in folders, and their expected decisions.

use gumshoe_domain::admission::AdmissionRules;
use gumshoe_domain::explanation::{Decision, ExplainedPrincipal, Explanation};
use gumshoe_domain::{FindingError, ParsedFinding};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A file's name without `.json`, its decision, and its principals in the form of [`summary`].
pub(crate) type Expected<'a> = (&'a str, Decision, &'a [&'a str]);

/// The findings that are part of this project.
pub(crate) fn findings_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/findings")
}

/// Published findings that are not part of this project: the folder in `FINDINGS_CORPUS`.
pub(crate) fn corpus_folder() -> Option<PathBuf> {
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

/// Explains a document with the default admission rules.
pub(crate) fn explain(document: &Value) -> Result<Explanation, FindingError> {
    ParsedFinding::from_json(document).map(|parsed| Explanation::of(&parsed, &AdmissionRules::default()))
}

/// A principal as text: its ARN, after a `~` if it is not certain, or its kind; then `<` and the lookup.
pub(crate) fn summary(principal: &ExplainedPrincipal) -> String {
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

/// Compares the decision for every document with the expected one. Every document needs an expectation, and every expectation a
/// document.
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
                let found: Vec<String> = explanation.principals.iter().map(summary).collect();
                if explanation.decision != *decision || found != *principals {
                    wrong.push(format!("{name}: {:?} {found:?}", explanation.decision));
                }
            }
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    let unexpected = documents.keys().filter(|name| !expected.iter().any(|(known, ..)| known == name));
    wrong.extend(unexpected.map(|name| format!("{name} has no expectation")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
