//! A finding is parsed equally in camelCase and PascalCase, with and without the envelope.

use crate::fixtures::{documents, explain, findings_folder};
use gumshoe_domain::ParsedFinding;
use serde_json::{Value, json};

/// The document with every member's name changed.
pub(crate) fn respelt(value: &Value, change: &dyn Fn(&str, usize) -> String, depth: usize) -> Value {
    match value {
        Value::Object(members) => {
            members.iter().map(|(name, value)| (change(name, depth), respelt(value, change, depth + 1))).collect()
        }
        Value::Array(items) => items.iter().map(|item| respelt(item, change, depth + 1)).collect(),
        other => other.clone(),
    }
}

pub(crate) fn upper(name: &str, _: usize) -> String {
    name[..1].to_uppercase() + &name[1..]
}

fn lower(name: &str, _: usize) -> String {
    name[..1].to_lowercase() + &name[1..]
}

fn mixed(name: &str, depth: usize) -> String {
    if depth.is_multiple_of(2) { upper(name, depth) } else { lower(name, depth) }
}

#[test]
fn spelling_and_envelope_have_no_effect() {
    for (name, document) in documents(&findings_folder()) {
        let detail = document.get("detail").unwrap_or(&document);
        let region = document.get("region").cloned().unwrap_or(Value::Null);
        let expected = explain(&document).unwrap();
        let wrap = |detail: Value| json!({"detail-type": "GuardDuty Finding", "region": region, "detail": detail});
        for change in [upper, lower, mixed] {
            assert_eq!(explain(&wrap(respelt(detail, &change, 0))).unwrap(), expected, "{name}");
        }
        if name != "without-partition-and-region" {
            assert_eq!(explain(detail).unwrap(), expected, "{name}, without envelope");
            assert_eq!(
                explain(&respelt(detail, &mixed, 1)).unwrap(),
                expected,
                "{name}, without envelope, mixed spelling"
            );
        }
    }
}

#[test]
fn a_null_in_one_spelling_does_not_hide_the_other() {
    let documents = documents(&findings_folder());
    let mut document = documents["iam-user"].clone();
    let detail = document["detail"].as_object_mut().unwrap();
    let resource = detail.insert("resource".to_owned(), Value::Null).unwrap();
    detail.insert("Resource".to_owned(), resource);
    assert_eq!(explain(&document).unwrap(), explain(&documents["iam-user"]).unwrap());
}

#[test]
fn a_stored_finding_is_read_back_unchanged() {
    for (name, document) in documents(&findings_folder()) {
        let finding = ParsedFinding::from_json(&document).unwrap().into_finding_without_lookups();
        let stored = serde_json::to_string(&finding).unwrap();
        assert_eq!(serde_json::from_str::<gumshoe_domain::Finding>(&stored).unwrap(), finding, "{name}");
    }
}

/// Records of earlier releases contain these names.
#[test]
fn stored_names_of_a_finding_never_change() {
    let finding = ParsedFinding::from_json(&documents(&findings_folder())["iam-user"]).unwrap();
    let stored = serde_json::to_value(finding.into_finding_without_lookups()).unwrap();
    let mut names: Vec<&str> = stored.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    let pinned = [
        "access_key_id",
        "account_id",
        "activity",
        "archived",
        "concern",
        "count",
        "first_seen",
        "host_network",
        "id",
        "last_seen",
        "others",
        "others_left_out",
        "partition",
        "placeholder",
        "principal",
        "region",
        "resource_type",
        "sample",
        "severity",
        "title",
        "type",
        "updated_at",
    ];
    assert_eq!(names, pinned);
    assert!(stored["activity"][0]["outbound"].is_boolean(), "{stored}");
}
