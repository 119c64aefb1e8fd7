//! What was found where one finding was expected.

use super::json_node::JsonNode;
use serde_json::Value;
use std::fmt;

/// What was found where one finding was expected: its kind and how many, never what stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    /// A list of so many items.
    List(usize),
    /// An answer of GetFindings with so many findings.
    Answer(usize),
    /// So many documents, one after the other.
    Documents(usize),
    /// A JSON text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Flag,
    /// Null.
    Null,
}

impl DocumentKind {
    /// What the document is; nothing where it is an object that may be a finding.
    pub(super) fn of_non_finding(document: &Value) -> Option<Self> {
        Some(match document {
            Value::Object(_) => return findings_of_answer(document).map(|findings| Self::Answer(findings.len())),
            Value::Array(items) => Self::List(items.len()),
            Value::String(_) => Self::Text,
            Value::Number(_) => Self::Number,
            Value::Bool(_) => Self::Flag,
            Value::Null => Self::Null,
        })
    }
}

/// The findings of an answer of GetFindings (GuardDuty API reference: `{"Findings": […]}`); nothing where the document is
/// none. A finding has an id, which such an answer has not.
pub(super) fn findings_of_answer(document: &Value) -> Option<&[Value]> {
    let root = JsonNode::new(document);
    if root.get("id").exists() || root.get("detail").exists() {
        return None;
    }
    let members = document.as_object()?;
    let findings = members.get("findings").or_else(|| members.get("Findings"))?;
    findings.as_array().map(Vec::as_slice)
}

/// Such as `a list of 3 items`.
impl fmt::Display for DocumentKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        match *self {
            Self::List(0) => formatter.write_str("an empty list"),
            Self::List(count) => write!(formatter, "a list of {count} item{}", plural(count)),
            Self::Answer(count) => {
                write!(formatter, "an answer of GetFindings with {count} finding{}", plural(count))
            }
            Self::Documents(count) => write!(formatter, "{count} JSON documents, one after the other"),
            Self::Text => formatter.write_str("a JSON text"),
            Self::Number => formatter.write_str("a number"),
            Self::Flag => formatter.write_str("true or false"),
            Self::Null => formatter.write_str("null"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_an_object_may_be_a_finding() {
        for (document, words) in [
            (json!([]), "an empty list"),
            (json!([{"id": "f"}]), "a list of 1 item"),
            (json!([1, 2]), "a list of 2 items"),
            (json!({"Findings": []}), "an answer of GetFindings with 0 findings"),
            (json!({"findings": [{}], "NextToken": ""}), "an answer of GetFindings with 1 finding"),
            (json!("finding"), "a JSON text"),
            (json!(7), "a number"),
            (json!(false), "true or false"),
            (json!(null), "null"),
        ] {
            let found = DocumentKind::of_non_finding(&document).map(|found| found.to_string());
            assert_eq!(found.as_deref(), Some(words));
        }
        for document in [
            json!({}),
            json!({"Findings": 7}),
            json!({"Id": "f", "Findings": []}),
            json!({"detail": 1, "findings": []}),
        ] {
            assert_eq!(DocumentKind::of_non_finding(&document), None, "{document}");
        }
    }
}
