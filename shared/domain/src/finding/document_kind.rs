//! The kinds of JSON documents that are not one finding, for error messages.

use super::json_node::JsonNode;
use serde_json::Value;
use std::fmt;

/// The document that was found instead of one finding: its kind and number of items, never its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    /// A list, with its number of items.
    List(usize),
    /// A response of GetFindings, with its number of findings.
    Response(usize),
    /// Concatenated documents, with their number.
    Documents(usize),
    /// A JSON string.
    Text,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Null.
    Null,
}

impl DocumentKind {
    /// `None` if the document is an object that may be a finding.
    pub(super) fn of_non_finding(document: &Value) -> Option<Self> {
        Some(match document {
            Value::Object(_) => return findings_of_answer(document).map(|findings| Self::Response(findings.len())),
            Value::Array(items) => Self::List(items.len()),
            Value::String(_) => Self::Text,
            Value::Number(_) => Self::Number,
            Value::Bool(_) => Self::Boolean,
            Value::Null => Self::Null,
        })
    }
}

/// The findings of a response of GetFindings (GuardDuty API reference: `{"Findings": […]}`); `None` if the document is not one.
/// A finding has an id, such a response has not.
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
            Self::Response(count) => {
                write!(formatter, "a GetFindings response with {count} finding{}", plural(count))
            }
            Self::Documents(count) => write!(formatter, "{count} JSON documents, one after the other"),
            Self::Text => formatter.write_str("a JSON string"),
            Self::Number => formatter.write_str("a number"),
            Self::Boolean => formatter.write_str("true or false"),
            Self::Null => formatter.write_str("null"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_an_object_can_be_a_finding() {
        for (document, words) in [
            (json!([]), "an empty list"),
            (json!([{"id": "f"}]), "a list of 1 item"),
            (json!([1, 2]), "a list of 2 items"),
            (json!({"Findings": []}), "a GetFindings response with 0 findings"),
            (json!({"findings": [{}], "NextToken": ""}), "a GetFindings response with 1 finding"),
            (json!("finding"), "a JSON string"),
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
