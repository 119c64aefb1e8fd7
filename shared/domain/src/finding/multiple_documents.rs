//! Texts with several findings: JSON Lines, concatenated documents, lists, responses of GetFindings.
//!
//! Files of findings have these forms: exports to S3, and the output of the AWS CLI. A message of the queue contains one finding.

use super::document_kind::{DocumentKind, findings_of_answer};
use super::json::replace_lone_surrogates;
use super::{FindingError, ParsedFinding};
use serde_json::Value;

impl ParsedFinding {
    /// Parses every finding of a text, in its order; at least one result. A document that is not a finding has an error in its
    /// place, and the documents on the lines after it are still parsed.
    #[must_use]
    pub fn parse_all(text: &str) -> Vec<Result<Self, FindingError>> {
        let results: Vec<_> = documents(text).into_iter().flat_map(findings).collect();
        if results.is_empty() { vec![Self::from_text(text)] } else { results }
    }
}

/// The findings of a document.
fn findings(document: Result<Value, FindingError>) -> Vec<Result<ParsedFinding, FindingError>> {
    let document = match document {
        Ok(document) => document,
        Err(error) => return vec![Err(error)],
    };
    let several = document.as_array().map(Vec::as_slice).or_else(|| findings_of_answer(&document));
    match several {
        // An empty list is reported as an error.
        None | Some([]) => vec![ParsedFinding::from_json(&document)],
        Some(several) => several.iter().map(ParsedFinding::from_json).collect(),
    }
}

/// The documents of a text. After invalid JSON, it continues with the next line that may begin a document.
fn documents(text: &str) -> Vec<Result<Value, FindingError>> {
    let repaired = replace_lone_surrogates(text);
    let mut rest = repaired.as_deref().unwrap_or(text).trim_start();
    let mut documents = Vec::new();
    while !rest.is_empty() {
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        rest = match values.next() {
            Some(Ok(document)) => {
                documents.push(Ok(document));
                rest.get(values.byte_offset()..).unwrap_or_default()
            }
            Some(Err(error)) => {
                documents.push(Err(FindingError::NotJson(error)));
                skip_to_next_document(rest)
            }
            None => "",
        }
        .trim_start();
    }
    documents
}

/// The text from the next line that begins a document. Lines inside a document are indented, or begin with a closing bracket.
fn skip_to_next_document(text: &str) -> &str {
    let begins = |(at, _): &(usize, &str)| text.get(at + 1..).is_some_and(|rest| rest.starts_with(['{', '[']));
    text.match_indices('\n').find(begins).and_then(|(at, _)| text.get(at..)).unwrap_or_default()
}

/// The number of documents, if the text contains more than one and all are valid JSON.
pub(super) fn count_documents(text: &str) -> Option<DocumentKind> {
    let mut count = 0;
    for document in serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>() {
        document.ok()?;
        count += 1;
    }
    (count > 1).then_some(DocumentKind::Documents(count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn finding(id: &str) -> Value {
        json!({"id": id, "type": "Recon:EC2/Portscan", "severity": 5, "accountId": "111122223333",
            "region": "eu-west-1"})
    }

    /// The ids of the parsed findings, and `!` for each error.
    fn ids(text: &str) -> Vec<String> {
        let id = |result: Result<ParsedFinding, FindingError>| match result {
            Ok(parsed) => parsed.finding().id.clone(),
            Err(_) => "!".to_owned(),
        };
        ParsedFinding::parse_all(text).into_iter().map(id).collect()
    }

    #[test]
    fn every_finding_of_a_text_has_a_result() {
        let (one, two) = (finding("one"), finding("two"));
        for text in [
            format!("{one}\n{two}\n"),
            format!("{one}\r\n\r\n{two}"),
            format!("{one}{two}"),
            format!("{one:#}\n{two:#}\n"),
            json!([one, two]).to_string(),
            format!("{:#}", json!({"Findings": [one, two]})),
            json!({"findings": [one, {"detail-type": "GuardDuty Finding", "detail": two}], "NextToken": ""})
                .to_string(),
            format!("{}\n{two}", json!({"Findings": [one]})),
        ] {
            assert_eq!(ids(&text), ["one", "two"], "{text}");
        }
        assert_eq!(ids(&one.to_string()), ["one"]);
    }

    #[test]
    fn an_invalid_document_does_not_hide_the_others() {
        let (one, two) = (finding("one"), finding("two"));
        for text in [
            format!("{one}\n{{ not JSON\n{two}"),
            format!("{one}\n{{\"cut\": \n{two}"),
            format!("{one}\nnot JSON either\n\n{two}"),
            format!("{one}\n{{\n  \"no\": comma\n  \"here\": {{}}\n}}\n{two}"),
            json!([one, 7, two]).to_string(),
            format!("{one}\n[]\n{two}"),
        ] {
            assert_eq!(ids(&text), ["one", "!", "two"], "{text}");
        }
        let half = json!({"Findings": [one]}).to_string().replacen("\"id\"", r#""x": "\ud800", "id""#, 1);
        assert_eq!(ids(&half), ["one"]);
    }

    #[test]
    fn empty_texts_and_lists_are_errors() {
        let error = |text: &str| ParsedFinding::parse_all(text).remove(0).unwrap_err().to_string();
        assert!(error("").contains("not JSON") && error(" \n").contains("not JSON"));
        assert!(error("[]").contains("an empty list"));
        assert!(error("{\"Findings\": []}").contains("GetFindings response with 0 findings"));
    }
}
