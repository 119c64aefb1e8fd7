use super::*;
use crate::fixtures;
use crate::notification::tests::{alarm, case_failed, graph_health};

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(members) => {
            members
                .iter()
                .flat_map(|(name, value)| {
                    if name == "text" && value.is_string() { vec![value.as_str().unwrap()] } else { texts(value) }
                })
                .collect()
        }
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn messages_match_snapshots() {
    for (name, case) in fixtures::all() {
        assert_json!(name, message(&Notification::Alert(Box::new(case.alert()))));
    }
    assert_json!("not_worked", message(&case_failed()));
    assert_json!("alarm", message(&alarm()));
    assert_json!("graph_health", message(&graph_health()));
}

#[test]
fn untrusted_text_can_neither_mention_nor_link() {
    let message = message(&Notification::Alert(Box::new(fixtures::hostile().alert())));
    for text in texts(&message) {
        let own = text.replace("<https://console.aws.amazon.com/", "");
        assert!(!own.contains('<') && !text.contains("https://evil"), "{text}");
        assert!(!text.contains('\u{202e}') && !text.contains('\u{1b}'), "{text}");
    }
}
