//! One finding: a JSON document in the shape of GetFindings.

use crate::account_region::{is_account, is_region};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A finding as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Finding {
    /// Grows with every finding; orders findings with the same sort value.
    pub(super) number: u64,
    /// What GetFindings answers.
    pub(super) document: Value,
}

/// The values at a path such as `resource.s3BucketDetails.name`; for a list, those of each item.
pub(super) fn values<'a>(document: &'a Value, path: &[&str]) -> Vec<&'a Value> {
    let mut found = Vec::new();
    collect(document, path, &mut found);
    found
}

fn collect<'a>(value: &'a Value, path: &[&str], found: &mut Vec<&'a Value>) {
    match (value, path) {
        (Value::Null, _) => {}
        (Value::Array(items), _) => items.iter().for_each(|item| collect(item, path, found)),
        (value, []) => found.push(value),
        (value, [name, rest @ ..]) => {
            if let Some(value) = value.get(name) {
                collect(value, rest, found);
            }
        }
    }
}

/// A value as a number: numbers as they are, times in milliseconds since 1970 as criteria give them.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse::<Timestamp>().ok().map(|time| time.as_millisecond() as f64),
        _ => None,
    }
}

impl Finding {
    /// A member of the document that is a string.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.document.get(name).and_then(Value::as_str)
    }

    /// Sets a member of `service`.
    pub(super) fn set_service(&mut self, name: &str, value: Value) {
        if let Some(document) = self.document.as_object_mut() {
            match document.get_mut("service").and_then(Value::as_object_mut) {
                Some(service) => drop(service.insert(name.into(), value)),
                None => drop(document.insert("service".into(), json!({ name: value }))),
            }
        }
    }
}

/// What every finding has, and of what type it is there. Source: Finding of GetFindings, its required members.
const REQUIRED_MEMBERS: [(&str, Validator, &str); 10] = [
    ("accountId", |value| value.as_str().is_some_and(is_account), "12 digits"),
    ("arn", Value::is_string, "a string"),
    ("createdAt", Value::is_string, "a string"),
    ("id", |value| has_length(value, 300), "a string of 1 to 300 characters"),
    ("region", |value| value.as_str().is_some_and(is_region), "a Region's name"),
    ("resource", Value::is_object, "an object"),
    ("schemaVersion", Value::is_string, "a string"),
    ("severity", Value::is_number, "a number"),
    ("type", |value| has_length(value, 100), "a string of 1 to 100 characters"),
    ("updatedAt", Value::is_string, "a string"),
];

/// Whether a value is of the type it must be.
type Validator = fn(&Value) -> bool;

/// Whether a document has what every finding has.
///
/// # Errors
/// The path of what is wrong, and how.
pub(super) fn check(document: &Value) -> Result<(), (String, String)> {
    if !document.is_object() {
        return Err((String::new(), "must be an object in the shape of GetFindings".into()));
    }
    for (name, fits, wanted) in REQUIRED_MEMBERS {
        match document.get(name) {
            None | Some(Value::Null) => {
                return Err((name.into(), "is missing; every finding has it, in camelCase".into()));
            }
            Some(value) if !fits(value) => return Err((name.into(), format!("must be {wanted}"))),
            Some(_) => {}
        }
    }
    match document.get("service") {
        None | Some(Value::Null | Value::Object(_)) => Ok(()),
        Some(_) => Err(("service".into(), "must be an object".into())),
    }
}

fn has_length(value: &Value, most: usize) -> bool {
    value.as_str().is_some_and(|text| (1..=most).contains(&text.chars().count()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_collect_the_values_of_list_items() {
        let document = json!({ "a": [{ "b": 1 }, { "b": [2, null, 3] }, {}], "c": null });
        let found = |path: &[&str]| values(&document, path).into_iter().cloned().collect::<Vec<_>>();
        assert_eq!(found(&["a", "b"]), [json!(1), json!(2), json!(3)]);
        assert!(found(&["c"]).is_empty());
        assert!(found(&["a", "x"]).is_empty());
        assert!(found(&["a", "b", "c"]).is_empty());
    }

    #[test]
    fn times_are_numbers_of_milliseconds() {
        assert_eq!(number(&json!("2017-02-10T00:09:35Z")), Some(1_486_685_375_000.0));
        assert_eq!(number(&json!(8)), Some(8.0));
        assert_eq!(number(&json!("8")), None);
    }

    #[test]
    fn service_member_is_set_for_any_service_value() {
        for service in [json!(null), json!({ "count": 1 })] {
            let mut finding = Finding { number: 0, document: json!({ "service": service }) };
            finding.set_service("archived", true.into());
            assert_eq!(finding.document["service"]["archived"], true);
        }
        let mut finding = Finding { number: 0, document: json!({}) };
        finding.set_service("archived", true.into());
        assert_eq!(finding.document, json!({ "service": { "archived": true } }));
    }
}
