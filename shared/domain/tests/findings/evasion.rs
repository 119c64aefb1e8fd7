//! Findings that an attacker built: `tests/fixtures/evasion/README.md` says what becomes of each.

use crate::steering::{End, end, is_severe};
use crate::stored::{documents, explain};
use gumshoe_domain::ParsedFinding;
use gumshoe_domain::admission::AdmissionRules;
use gumshoe_domain::explanation::Decision;
use gumshoe_domain::principal::{LookupAnswer, LookupError, NotInvestigableReason, PrincipalCandidate};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A row of the table.
struct Row {
    file: String,
    /// What every look-up answers.
    answer: Result<LookupAnswer, LookupError>,
    outcome: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/evasion")
}

fn table() -> Vec<Row> {
    let text = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| {
        let cells: Vec<&str> = line.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let ["", file, _, answer, outcome, ""] = cells[..] else { panic!("{line}") };
        let (file, outcome) = (file.to_owned(), outcome.to_owned());
        Row { file, answer: answered(answer), outcome }
    })
    .collect()
}

fn answered(cell: &str) -> Result<LookupAnswer, LookupError> {
    let (arn, unique_id) = cell.split_once(' ').map_or((cell, None), |(arn, id)| (arn, Some(id.to_owned())));
    if arn == "-" { Err(LookupError::Denied) } else { Ok(LookupAnswer::Arn { arn: arn.to_owned(), unique_id }) }
}

/// What becomes of the finding, as open-case goes about it.
fn outcome(document: &Value, answer: &Result<LookupAnswer, LookupError>) -> String {
    let admission = AdmissionRules::default();
    let mut parsed = ParsedFinding::from_json(document).unwrap();
    if let Some(why) = admission.ignore_reason_before_lookup(parsed.finding()) {
        return format!("left alone: {}", why.metric_name());
    }
    let principals = parsed.take_candidates().into_iter().map(|candidate| candidate.resolve(answer.clone())).collect();
    let decided = parsed.into_findings(principals).into_iter().map(|finding| match admission.ignore_reason(&finding) {
        Some(why) => format!("left alone: {}", why.metric_name()),
        None => "worked".to_owned(),
    });
    decided.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" and ")
}

#[test]
fn every_finding_that_an_attacker_built_has_its_right_outcome() {
    let documents = documents(&folder());
    let table = table();
    let named: BTreeSet<&String> = table.iter().map(|row| &row.file).collect();
    assert_eq!(named.len(), table.len(), "a file has one row");
    assert_eq!(named, documents.keys().collect::<BTreeSet<_>>(), "every file has a row, and every row a file");
    let mut wrong = Vec::new();
    for Row { file, answer, outcome: expected } in &table {
        let is_worked = expected == "worked" || expected == "closed quietly" || expected.starts_with("alerted");
        let found = outcome(&documents[file], answer);
        if found != if is_worked { "worked" } else { expected } {
            wrong.push(format!("{file}: {found}, not {expected}"));
        }
        let told = end(&documents[file], &|_| answer.clone());
        let is_right = match expected.strip_prefix("alerted: ") {
            Some(cause) => told == End::Told(cause.to_owned()),
            None if expected == "worked" => told != End::Silence || !is_severe(&documents[file]),
            None => told == End::Silence,
        };
        if !is_right {
            wrong.push(format!("{file}: {told:?}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(table.iter().filter(|row| row.outcome == "worked").count() >= 20);
}

#[test]
fn whatever_look_ups_answer_what_is_worked_is_never_left_alone_for_an_answer_that_fails() {
    let documents = documents(&folder());
    for row in table().iter().filter(|row| !row.outcome.starts_with("left alone")) {
        for answer in [Err(LookupError::Unavailable), Err(LookupError::NotFound), Ok(LookupAnswer::NoRole)] {
            assert_eq!(outcome(&documents[&row.file], &answer), "worked", "{}: {answer:?}", row.file);
        }
    }
}

/// A sample's name is a name: whoever bears it is looked up and investigated like anybody else.
#[test]
fn names_like_those_of_samples_are_worked_like_any_other() {
    let documents = documents(&folder());
    for (file, document) in documents.iter().filter(|(file, _)| file.starts_with("sample-")) {
        assert_ne!(explain(document).unwrap().decision, Decision::Ignore, "{file}");
        let parsed = ParsedFinding::from_json(document).unwrap();
        let is_taken_for_made_up = |candidate: &PrincipalCandidate| {
            candidate.current_principal().reason() == Some(&NotInvestigableReason::Placeholder)
        };
        assert!(!parsed.candidates().iter().any(is_taken_for_made_up), "{file}");
    }
}
