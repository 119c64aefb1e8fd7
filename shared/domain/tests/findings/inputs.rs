//! Files with one or more findings, and documents in them that are not findings.

use gumshoe_domain::{FindingError, ParsedFinding};
use std::path::Path;

fn results(file: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/inputs").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let word = |result: Result<ParsedFinding, FindingError>| match result {
        Ok(parsed) => parsed.finding().principal.name().unwrap().to_owned(),
        Err(error) => error.to_string(),
    };
    ParsedFinding::parse_all(&text).into_iter().map(word).collect()
}

#[test]
fn every_document_of_a_file_has_a_result() {
    for file in ["json-lines.jsonl", "one-after-the-other.json", "list.json", "get-findings-answer.json"] {
        assert_eq!(results(file), ["release-bot", "auditor"], "{file}");
    }
    let broken = results("json-lines-with-a-broken-one.jsonl");
    assert_eq!(broken, ["release-bot", "could not parse the event: it is not JSON", "auditor"]);
}

#[test]
fn the_error_for_a_file_without_a_finding_names_its_kind() {
    let expected = "could not parse the event: expected one finding, a JSON object as EventBridge delivers it; found";
    assert_eq!(results("empty-list.json"), [format!("{expected} an empty list")]);
    let answer = format!("{expected} a GetFindings response with 0 findings");
    assert_eq!(results("empty-get-findings-answer.json"), [answer]);
}
