//! Each rule at its limit, and one above it.

use super::check;
use serde_json::{Value, json};

fn assert_accepted(message: &Value) {
    assert_eq!(check(message), Ok(()));
}

#[track_caller]
fn assert_rejected(code: &str, message: &Value) -> Vec<String> {
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

/// Lengths of 1 and `most` are accepted, 0 and `most + 1` are rejected.
#[track_caller]
fn assert_length_between_1_and(most: usize, make: impl Fn(usize) -> Value) {
    assert_accepted(&block(make(1)));
    assert_length_up_to(most, &make);
    assert_rejected("invalid_blocks", &block(make(0)));
}

#[track_caller]
fn assert_length_up_to(most: usize, make: impl Fn(usize) -> Value) {
    assert_accepted(&block(make(most)));
    assert_rejected("invalid_blocks", &block(make(most + 1)));
}

#[test]
fn a_message_has_text_or_blocks() {
    assert_accepted(&json!({"text": "An alert"}));
    assert_accepted(&json!({"text": "An alert", "blocks": []}));
    assert_accepted(&json!({"blocks": [{"type": "divider"}]}));
    for nothing in [json!({}), json!({"text": ""}), json!({"blocks": []}), json!({"text": "", "blocks": []})] {
        assert_rejected("no_text", &nothing);
    }
    for unreadable in [json!([]), json!("An alert"), json!({"text": null}), json!({"text": 1})] {
        assert_rejected("invalid_payload", &unreadable);
    }
}

#[test]
fn message_text_has_a_length_limit() {
    assert_accepted(&json!({"text": "🔎".repeat(40_000)}));
    assert_rejected("msg_too_long", &json!({"text": "🔎".repeat(40_001)}));
}

#[test]
fn blocks_are_checked() {
    let dividers = |count: usize| json!({"blocks": vec![json!({"type": "divider"}); count]});
    assert_accepted(&dividers(50));
    assert_rejected("invalid_blocks", &dividers(51));
    for wrong in [json!({"blocks": null}), json!({"blocks": {}}), json!({"blocks": ["divider"]})] {
        assert_rejected("invalid_blocks", &json!({"text": "An alert", "blocks": wrong["blocks"]}));
    }
    for unknown in [json!({}), json!({"type": "image"}), json!({"type": "Divider"}), json!({"type": 1})] {
        assert_rejected("invalid_blocks", &block(unknown));
    }
    assert_length_between_1_and(255, |length| json!({"type": "divider", "block_id": "é".repeat(length)}));
}

#[test]
fn header_blocks_are_checked() {
    assert_length_between_1_and(150, |length| json!({"type": "header", "text": text("plain_text", length)}));
    assert_rejected("invalid_blocks", &block(json!({"type": "header", "text": text("mrkdwn", 1)})));
    assert_rejected("invalid_blocks", &block(json!({"type": "header", "text": "An alert"})));
    assert_rejected("invalid_blocks", &block(json!({"type": "header"})));
}

#[test]
fn section_blocks_are_checked() {
    for kind in ["mrkdwn", "plain_text"] {
        assert_length_between_1_and(3000, |length| json!({"type": "section", "text": text(kind, length)}));
        assert_length_between_1_and(2000, |length| json!({"type": "section", "fields": [text(kind, length)]}));
    }
    assert_length_between_1_and(10, |count| json!({"type": "section", "fields": texts("mrkdwn", count)}));
    assert_accepted(&block(json!({"type": "section", "text": text("mrkdwn", 1), "fields": texts("mrkdwn", 1)})));
    assert_rejected("invalid_blocks", &block(json!({"type": "section"})));
    assert_rejected("invalid_blocks", &block(json!({"type": "section", "text": text("markdown", 1)})));
    assert_rejected("invalid_blocks", &block(json!({"type": "section", "text": {"text": "An alert"}})));
    assert_length_between_1_and(
        75,
        |length| json!({"type": "section", "text": text("mrkdwn", 1), "accessory": button(length)}),
    );
}

#[test]
fn context_blocks_are_checked() {
    assert_length_between_1_and(10, |count| json!({"type": "context", "elements": texts("plain_text", count)}));
    assert_length_between_1_and(3000, |length| json!({"type": "context", "elements": [text("mrkdwn", length)]}));
    assert_rejected("invalid_blocks", &block(json!({"type": "context"})));
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
fn action_blocks_are_checked() {
    let buttons = |count: usize| json!({"type": "actions", "elements": vec![button(1); count]});
    assert_length_between_1_and(25, buttons);
    assert_length_between_1_and(75, |length| json!({"type": "actions", "elements": [button(length)]}));
    let wrong = json!({"type": "button", "text": text("mrkdwn", 1)});
    assert_rejected("invalid_blocks", &block(json!({"type": "actions", "elements": [wrong]})));
    let other = json!({"type": "overflow", "text": text("plain_text", 1)});
    assert_rejected("invalid_blocks", &block(json!({"type": "actions", "elements": [other]})));
    assert_length_between_1_and(255, |length| button_with("action_id", &"é".repeat(length)));
    assert_length_up_to(2000, |length| button_with("value", &"é".repeat(length)));
    assert_accepted(&block(button_with("style", "danger")));
    assert_rejected("invalid_blocks", &block(button_with("style", "warning")));
}

#[test]
fn button_links_are_checked() {
    assert_length_up_to(3000, |length| button_with("url", &format!("https://{:x<1$}", "", length - "https://".len())));
    assert_accepted(&block(button_with("url", "http://example.com/a")));
    for wrong in ["", "https://", "example.com", "ftp://example.com", "javascript:alert(1)", "https://example.com/a b"]
    {
        assert_rejected("invalid_blocks", &block(button_with("url", wrong)));
    }
}

#[test]
fn total_length_of_block_texts_is_limited() {
    let sections = |last: usize| {
        let lengths = [3000, 3000, 3000, 3000, last];
        let sections = lengths.map(|length| json!({"type": "section", "text": text("mrkdwn", length)}));
        // The message's own text does not count.
        json!({"text": "An alert", "blocks": sections})
    };
    assert_accepted(&sections(1200));
    assert_rejected("msg_blocks_too_long", &sections(1201));
    // What is wrong with a block comes first.
    assert_rejected("invalid_blocks", &sections(3001));
}

#[test]
fn all_problems_are_listed_with_their_path() {
    let blocks = json!([{"type": "header", "text": text("plain_text", 151)}, {"type": "section"}]);
    let problems = assert_rejected("invalid_blocks", &json!({"blocks": blocks}));
    let expected = ["/blocks/0/text/text: has 151 characters, not 1 to 150", "/blocks/1: has neither text nor fields"];
    assert_eq!(problems, expected);
}
