//! Each rule at its edge, and one past it.

use super::check;
use serde_json::{Value, json};

fn taken(message: &Value) {
    assert_eq!(check(message), Ok(()));
}

#[track_caller]
fn refused(code: &str, message: &Value) -> Vec<String> {
    let (answered, problems) = check(message).unwrap_err();
    assert_eq!(answered, code, "{problems:?}");
    assert!(!problems.is_empty());
    problems
}

fn block(block: Value) -> Value {
    json!({"text": "An alert", "blocks": [block]})
}

fn text(kind: &str, length: usize) -> Value {
    // One character, four bytes, two units of UTF-16.
    json!({"type": kind, "text": "🔎".repeat(length)})
}

fn texts(kind: &str, count: usize) -> Value {
    (0..count).map(|_| text(kind, 1)).collect()
}

/// One to `most` are taken, nothing and one more are not.
#[track_caller]
fn one_to(most: usize, make: impl Fn(usize) -> Value) {
    taken(&block(make(1)));
    up_to(most, &make);
    refused("invalid_blocks", &block(make(0)));
}

#[track_caller]
fn up_to(most: usize, make: impl Fn(usize) -> Value) {
    taken(&block(make(most)));
    refused("invalid_blocks", &block(make(most + 1)));
}

#[test]
fn a_message_has_text_or_blocks() {
    taken(&json!({"text": "An alert"}));
    taken(&json!({"text": "An alert", "blocks": []}));
    taken(&json!({"blocks": [{"type": "divider"}]}));
    for nothing in [json!({}), json!({"text": ""}), json!({"blocks": []}), json!({"text": "", "blocks": []})] {
        refused("no_text", &nothing);
    }
    for unreadable in [json!([]), json!("An alert"), json!({"text": null}), json!({"text": 1})] {
        refused("invalid_payload", &unreadable);
    }
}

#[test]
fn the_message_s_own_text() {
    taken(&json!({"text": "🔎".repeat(40_000)}));
    refused("msg_too_long", &json!({"text": "🔎".repeat(40_001)}));
}

#[test]
fn blocks() {
    let dividers = |count: usize| json!({"blocks": vec![json!({"type": "divider"}); count]});
    taken(&dividers(50));
    refused("invalid_blocks", &dividers(51));
    for wrong in [json!({"blocks": null}), json!({"blocks": {}}), json!({"blocks": ["divider"]})] {
        refused("invalid_blocks", &json!({"text": "An alert", "blocks": wrong["blocks"]}));
    }
    for unknown in [json!({}), json!({"type": "image"}), json!({"type": "Divider"}), json!({"type": 1})] {
        refused("invalid_blocks", &block(unknown));
    }
    one_to(255, |length| json!({"type": "divider", "block_id": "é".repeat(length)}));
}

#[test]
fn headers() {
    one_to(150, |length| json!({"type": "header", "text": text("plain_text", length)}));
    refused("invalid_blocks", &block(json!({"type": "header", "text": text("mrkdwn", 1)})));
    refused("invalid_blocks", &block(json!({"type": "header", "text": "An alert"})));
    refused("invalid_blocks", &block(json!({"type": "header"})));
}

#[test]
fn sections() {
    for kind in ["mrkdwn", "plain_text"] {
        one_to(3000, |length| json!({"type": "section", "text": text(kind, length)}));
        one_to(2000, |length| json!({"type": "section", "fields": [text(kind, length)]}));
    }
    one_to(10, |count| json!({"type": "section", "fields": texts("mrkdwn", count)}));
    taken(&block(json!({"type": "section", "text": text("mrkdwn", 1), "fields": texts("mrkdwn", 1)})));
    refused("invalid_blocks", &block(json!({"type": "section"})));
    refused("invalid_blocks", &block(json!({"type": "section", "text": text("markdown", 1)})));
    refused("invalid_blocks", &block(json!({"type": "section", "text": {"text": "An alert"}})));
    one_to(75, |length| json!({"type": "section", "text": text("mrkdwn", 1), "accessory": button(length)}));
}

#[test]
fn contexts() {
    one_to(10, |count| json!({"type": "context", "elements": texts("plain_text", count)}));
    one_to(3000, |length| json!({"type": "context", "elements": [text("mrkdwn", length)]}));
    refused("invalid_blocks", &block(json!({"type": "context"})));
}

fn button(length: usize) -> Value {
    json!({"type": "button", "text": text("plain_text", length)})
}

fn button_with(member: &str, value: &str) -> Value {
    let mut button = button(1);
    button[member] = json!(value);
    json!({"type": "actions", "elements": [button]})
}

#[test]
fn actions() {
    let buttons = |count: usize| json!({"type": "actions", "elements": vec![button(1); count]});
    one_to(25, buttons);
    one_to(75, |length| json!({"type": "actions", "elements": [button(length)]}));
    let wrong = json!({"type": "button", "text": text("mrkdwn", 1)});
    refused("invalid_blocks", &block(json!({"type": "actions", "elements": [wrong]})));
    let other = json!({"type": "overflow", "text": text("plain_text", 1)});
    refused("invalid_blocks", &block(json!({"type": "actions", "elements": [other]})));
    one_to(255, |length| button_with("action_id", &"é".repeat(length)));
    up_to(2000, |length| button_with("value", &"é".repeat(length)));
    taken(&block(button_with("style", "danger")));
    refused("invalid_blocks", &block(button_with("style", "warning")));
}

#[test]
fn links_of_buttons() {
    up_to(3000, |length| button_with("url", &format!("https://{:x<1$}", "", length - "https://".len())));
    taken(&block(button_with("url", "http://example.com/a")));
    for wrong in ["", "https://", "example.com", "ftp://example.com", "javascript:alert(1)", "https://example.com/a b"]
    {
        refused("invalid_blocks", &block(button_with("url", wrong)));
    }
}

#[test]
fn all_texts_of_the_blocks_together() {
    let sections = |last: usize| {
        let lengths = [3000, 3000, 3000, 3000, last];
        let sections = lengths.map(|length| json!({"type": "section", "text": text("mrkdwn", length)}));
        // The message's own text does not count.
        json!({"text": "An alert", "blocks": sections})
    };
    taken(&sections(1200));
    refused("msg_blocks_too_long", &sections(1201));
    // What is wrong with a block comes first.
    refused("invalid_blocks", &sections(3001));
}

#[test]
fn problems_say_where_and_all_of_them() {
    let blocks = json!([{"type": "header", "text": text("plain_text", 151)}, {"type": "section"}]);
    let problems = refused("invalid_blocks", &json!({"blocks": blocks}));
    let expected = ["/blocks/0/text/text: has 151 characters, not 1 to 150", "/blocks/1: has neither text nor fields"];
    assert_eq!(problems, expected);
}
