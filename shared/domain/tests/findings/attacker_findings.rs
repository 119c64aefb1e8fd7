//! Findings that an attacker constructed, with the outcomes in `tests/fixtures/evasion/README.md`.

use crate::attacker_text::{DecisionOutcome, decide, is_severe};
use crate::fixtures::{documents, explain};
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
    /// The answer of every lookup.
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
        Row { file, answer: parse_answer(answer), outcome }
    })
    .collect()
}

fn parse_answer(cell: &str) -> Result<LookupAnswer, LookupError> {
    let (arn, unique_id) = cell.split_once(' ').map_or((cell, None), |(arn, id)| (arn, Some(id.to_owned())));
    if arn == "-" { Err(LookupError::Denied) } else { Ok(LookupAnswer::Arn { arn: arn.to_owned(), unique_id }) }
}

/// The admission decision for the finding, with the same steps as open-case.
fn outcome(document: &Value, answer: &Result<LookupAnswer, LookupError>) -> String {
    let admission = AdmissionRules::default();
    let mut parsed = ParsedFinding::from_json(document).unwrap();
    if let Some(why) = admission.ignore_reason_before_lookup(parsed.finding()) {
        return format!("ignored: {}", why.metric_name());
    }
    let principals = parsed.take_candidates().into_iter().map(|candidate| candidate.resolve(answer.clone())).collect();
    let outcomes =
        parsed.into_findings(principals).into_iter().map(|finding| match admission.ignore_reason(&finding) {
            Some(why) => format!("ignored: {}", why.metric_name()),
            None => "processed".to_owned(),
        });
    outcomes.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" and ")
}

#[test]
fn every_attacker_finding_has_the_outcome_in_the_table() {
    let documents = documents(&folder());
    let table = table();
    let named: BTreeSet<&String> = table.iter().map(|row| &row.file).collect();
    assert_eq!(named.len(), table.len(), "a file has more than one row");
    assert_eq!(named, documents.keys().collect::<BTreeSet<_>>(), "the rows are not those of the files");
    let mut wrong = Vec::new();
    for Row { file, answer, outcome: expected } in &table {
        let is_processed = expected == "processed" || expected == "closed quietly" || expected.starts_with("alerted");
        let found = outcome(&documents[file], answer);
        if found != if is_processed { "processed" } else { expected } {
            wrong.push(format!("{file}: {found}, not {expected}"));
        }
        let alerted = decide(&documents[file], &|_| answer.clone());
        let is_right = match expected.strip_prefix("alerted: ") {
            Some(cause) => alerted == DecisionOutcome::Alerted(cause.to_owned()),
            None if expected == "processed" => alerted != DecisionOutcome::NotAlerted || !is_severe(&documents[file]),
            None => alerted == DecisionOutcome::NotAlerted,
        };
        if !is_right {
            wrong.push(format!("{file}: {alerted:?}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(table.iter().filter(|row| row.outcome == "processed").count() >= 20);
}

#[test]
fn a_failed_lookup_never_causes_a_finding_to_be_ignored() {
    let documents = documents(&folder());
    for row in table().iter().filter(|row| !row.outcome.starts_with("ignored")) {
        for answer in [Err(LookupError::Unavailable), Err(LookupError::NotFound), Ok(LookupAnswer::NoRole)] {
            assert_eq!(outcome(&documents[&row.file], &answer), "processed", "{}: {answer:?}", row.file);
        }
    }
}

/// A user or role with a sample name is looked up and investigated as usual.
#[test]
fn sample_names_alone_do_not_cause_a_finding_to_be_ignored() {
    let documents = documents(&folder());
    for (file, document) in documents.iter().filter(|(file, _)| file.starts_with("sample-")) {
        assert_ne!(explain(document).unwrap().decision, Decision::Ignore, "{file}");
        let parsed = ParsedFinding::from_json(document).unwrap();
        let is_taken_for_sample = |candidate: &PrincipalCandidate| {
            candidate.current_principal().reason() == Some(&NotInvestigableReason::Placeholder)
        };
        assert!(!parsed.candidates().iter().any(is_taken_for_sample), "{file}");
    }
}
