use super::*;
use crate::channels::{chat, email, pagerduty, slack};
use crate::fixtures;
use crate::notification::Notification;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Messages of version 1, as the release before codes sent them.
fn stored() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/version-1");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 10);
    files
}

/// Those, with the case that each is of and what was sent of it. One was too long to be sent whole.
fn whole() -> Vec<(String, fixtures::Case, String)> {
    let mut cases: std::collections::BTreeMap<_, _> = fixtures::all().into_iter().collect();
    let of_case = |file: PathBuf| {
        let name = file.file_stem()?.to_str()?.to_owned();
        let case = cases.remove(name.as_str()).filter(|_| name != "hostile")?;
        Some((name, case, std::fs::read_to_string(&file).ok()?))
    };
    stored().into_iter().filter_map(of_case).collect()
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
fn what_an_earlier_release_sent_is_read_and_nothing_of_it_is_lost() {
    for file in stored() {
        let text = std::fs::read_to_string(&file).unwrap();
        let Notification::Alert(alert) = Notification::from_json(&text).unwrap() else { panic!("{file:?}") };
        contains(&serde_json::to_value(&alert).unwrap(), &serde_json::from_str(&text).unwrap(), "");
    }
}

#[test]
fn what_is_sent_now_has_all_that_an_earlier_release_sent() {
    assert!(whole().len() > 10);
    for (name, case, old) in whole() {
        contains(&serde_json::to_value(case.alert()).unwrap(), &serde_json::from_str(&old).unwrap(), &name);
    }
}

#[test]
fn channels_say_the_same_of_what_an_earlier_release_sent() {
    for (name, case, old) in whole() {
        let old: Alert = serde_json::from_str(&old).unwrap();
        let now = case.alert();
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

/// Members of a message whose values are sentences, or texts from outside.
const TEXTS: [&str; 14] = [
    "text",
    "doubt",
    "explanation",
    "said",
    "risk",
    "title",
    "headline",
    "coverage",
    "engines",
    "label",
    "activity",
    "threat_assessment",
    "key_observations",
    "countermeasures",
];

/// The same with other words in all sentences.
fn reworded(value: Value, is_text: bool) -> Value {
    match value {
        Value::String(_) if is_text => Value::String("Other words.".to_owned()),
        Value::Array(items) => items.into_iter().map(|item| reworded(item, is_text)).collect(),
        Value::Object(members) => {
            let is_failure = members.contains_key("error");
            let other = |(name, value): (String, Value)| {
                // An alert has a cause that is a code.
                let is_text = TEXTS.contains(&name.as_str()) || (name == "cause" && is_failure);
                (name, reworded(value, is_text))
            };
            members.into_iter().map(other).collect()
        }
        other => other,
    }
}

/// What a message decides and orders by, without a sentence.
fn identity(alert: &Alert) -> Value {
    let codes = |reasons: Vec<&Reason>| reasons.into_iter().map(|it| (it.code.clone(), it.points)).collect::<Vec<_>>();
    let notification = Notification::Alert(Box::new(alert.clone()));
    serde_json::json!({
        "cause": alert.cause, "level": alert.verdict.level, "score": alert.verdict.score,
        "reasons": codes(alert.verdict.reasons.iter().collect()),
        "shown": codes(alert.reasons().collect()), "strongest": codes(alert.strongest_reasons(3).collect()),
        "steps": alert.next_steps.iter().map(|it| it.code.clone()).collect::<Vec<_>>(),
        "links": alert.links.iter().map(|it| (it.code.clone(), it.url.clone())).collect::<Vec<_>>(),
        "indicators": alert.indicators.iter().map(|it| (it.kind.clone(), it.count)).collect::<Vec<_>>(),
        "key": notification.key(), "delivery": notification.delivery(), "coverage": alert.coverage().is_some(),
    })
}

#[test]
fn rewording_what_was_sent_changes_no_decision_no_order_and_no_identity() {
    for (name, case) in fixtures::all() {
        let alert = case.alert();
        let sent = serde_json::to_value(&alert).unwrap();
        let other: Alert = serde_json::from_value(reworded(sent, false)).unwrap();
        assert_eq!(identity(&other), identity(&alert), "{name}");
    }
}

/// What an earlier release stored: sentences in place of codes.
#[test]
fn an_assessment_that_was_stored_with_sentences_is_told_in_the_same_words() {
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
        let told = earlier.alert();
        assert!(told.verdict.reasons.iter().all(|it| it.code.is_none()), "{name}");
        assert_eq!((email::body(&told), chat::body(&told)), (email::body(&now), chat::body(&now)), "{name}");
        assert_eq!(serde_json::to_value(&earlier.assessment).unwrap(), stored, "{name}");
    }
}

#[test]
fn another_principal_is_named_once_also_where_it_was_stored_in_words() {
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
