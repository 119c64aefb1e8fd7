use super::*;
use crate::channels::{chat, email, pagerduty, slack};
use crate::fixtures;
use crate::notification::Notification;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Messages of version 1, as the last release without codes sent them.
fn stored() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/version-1");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 10);
    files
}

/// The stored messages with the names and cases of their fixtures, without the one that was too long to be sent whole.
fn whole() -> Vec<(String, fixtures::Case, String)> {
    let mut cases: std::collections::BTreeMap<_, _> = fixtures::all().into_iter().collect();
    let of_case = |file: PathBuf| {
        let name = file.file_stem().and_then(|name| name.to_str()).unwrap().to_owned();
        let case = cases.remove(name.as_str()).unwrap_or_else(|| panic!("{name}: the fixtures have no such case"));
        (name, case, std::fs::read_to_string(&file).unwrap())
    };
    stored().into_iter().map(of_case).filter(|(name, ..)| name != "hostile").collect()
}

/// Members that are sentences, which every release may reword (docs/ALERT-JSON.md).
const SENTENCES: [&str; 5] = ["text", "explanation", "label", "doubt", "cause"];

/// The message with the sentences of another where both have one, so that only codes, values and structure are compared. `cause` of
/// the message itself is a code.
fn with_sentences_of(message: &Value, other: &Value, is_root: bool) -> Value {
    match (message, other) {
        (Value::Object(members), Value::Object(others)) => {
            let reworded = |(name, value): (&String, &Value)| {
                let is_sentence = SENTENCES.contains(&name.as_str()) && !(is_root && name == "cause");
                let value = match others.get(name) {
                    Some(Value::String(sentence)) if is_sentence && value.is_string() => sentence.clone().into(),
                    Some(other) => with_sentences_of(value, other, false),
                    None => value.clone(),
                };
                (name.clone(), value)
            };
            Value::Object(members.iter().map(reworded).collect())
        }
        (Value::Array(values), Value::Array(others)) if values.len() == others.len() => {
            values.iter().zip(others).map(|(value, other)| with_sentences_of(value, other, false)).collect()
        }
        _ => message.clone(),
    }
}

/// What an earlier release sent of a case, with today's sentences.
fn reworded(old: &str, now: &Alert) -> Value {
    with_sentences_of(&serde_json::from_str(old).unwrap(), &serde_json::to_value(now).unwrap(), true)
}

/// All members of `old` are in `new`, with the same values. Lists have the same members in the same order.
fn contains(new: &Value, old: &Value, path: &str) {
    match (new, old) {
        (Value::Object(new), Value::Object(old)) => {
            for (name, value) in old {
                let of_new = new.get(name).unwrap_or_else(|| panic!("{path}/{name} is gone"));
                contains(of_new, value, &format!("{path}/{name}"));
            }
        }
        (Value::Array(new), Value::Array(old)) => {
            assert_eq!(new.len(), old.len(), "{path}");
            new.iter().zip(old).for_each(|(new, old)| contains(new, old, path));
        }
        _ => assert_eq!(new, old, "{path}"),
    }
}

#[test]
fn messages_of_earlier_releases_are_read_without_loss() {
    for file in stored() {
        let text = std::fs::read_to_string(&file).unwrap();
        let Notification::Alert(alert) = Notification::from_json(&text).unwrap() else { panic!("{file:?}") };
        contains(&serde_json::to_value(&alert).unwrap(), &serde_json::from_str(&text).unwrap(), "");
    }
}

#[test]
fn messages_have_all_members_of_earlier_releases() {
    assert_eq!(whole().len(), stored().len() - 1);
    for (name, case, old) in whole() {
        let alert = case.alert();
        contains(&serde_json::to_value(&alert).unwrap(), &reworded(&old, &alert), &name);
    }
}

#[test]
fn messages_of_earlier_releases_render_as_today() {
    for (name, case, old) in whole() {
        let now = case.alert();
        let old: Alert = serde_json::from_str(&reworded(&old, &now).to_string()).unwrap();
        for (old, now) in [(email::body(&old), email::body(&now)), (chat::body(&old), chat::body(&now))] {
            assert_eq!(old, now, "{name}");
        }
        let relayed = |alert: Alert| {
            let notification = Notification::Alert(Box::new(alert));
            (slack::message(&notification), pagerduty::event(&notification, "k"))
        };
        assert_eq!(relayed(old), relayed(now), "{name}");
    }
}

/// Earlier releases stored sentences instead of codes.
#[test]
fn assessment_stored_with_text_renders_unchanged() {
    for (name, case) in fixtures::all() {
        let now = case.alert();
        let mut stored = serde_json::to_value(&case.assessment).unwrap();
        let reason = |it: &Reason| serde_json::json!({"points": it.points, "text": it.text});
        stored["verdict"]["reasons"] = now.verdict.reasons.iter().map(reason).collect();
        let step = |it: &NextStep| match &it.command {
            Some(command) => serde_json::json!({"text": it.text, "command": command}),
            None => serde_json::json!({"text": it.text}),
        };
        stored["next_steps"] = now.next_steps.iter().map(step).collect();
        let mut earlier = case.clone();
        earlier.assessment = serde_json::from_str(&stored.to_string()).unwrap();
        let rendered = earlier.alert();
        assert!(rendered.verdict.reasons.iter().all(|it| it.code.is_none()), "{name}");
        assert_eq!((email::body(&rendered), chat::body(&rendered)), (email::body(&now), chat::body(&now)), "{name}");
        assert_eq!(serde_json::to_value(&earlier.assessment).unwrap(), stored, "{name}");
    }
}

#[test]
fn other_principal_stored_as_text_is_named_once() {
    let role = |name: &str| serde_json::json!({"kind": "iam-role", "account_id": "123456789012", "name": name});
    let words = "IAM role dev-role in account 123456789012";
    let worded = serde_json::json!(words);
    let service = serde_json::json!("AWS service config.amazonaws.com");
    let mut case = fixtures::one();
    let finding = case.findings[0].clone();
    case.findings = [[worded, role("ops-role")], [role("dev-role"), service], [role("ops-role"), role("dev-role")]]
        .map(|others| Finding { others: serde_json::from_value(others.into()).unwrap(), ..finding.clone() })
        .to_vec();
    let expected = [words, "IAM role ops-role in account 123456789012", "AWS service config.amazonaws.com"];
    assert_eq!(case.alert().others, expected);
}
