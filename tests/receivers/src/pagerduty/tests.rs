//! Each rule at its limit, and one above it.

use super::event::problems;
use super::{Incident, IncidentState, Incidents};
use serde_json::{Value, json};

const KEY: &str = "0123456789abcdefABCDEF0123456789";

fn trigger() -> Value {
    json!({"routing_key": KEY, "event_action": "trigger", "dedup_key": "case-1",
        "payload": {"summary": "An alert", "source": "aws", "severity": "critical"}})
}

/// A trigger event with another value at a JSON pointer.
fn with(pointer: &str, value: impl Into<Value>) -> Value {
    let mut event = trigger();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    event.pointer_mut(parent).unwrap()[name] = value.into();
    event
}

fn without(pointer: &str) -> Value {
    let mut event = trigger();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    event.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
    event
}

#[track_caller]
fn assert_accepted(event: &Value) {
    assert_eq!(problems(event), Vec::<String>::new());
}

/// Rejected for one problem, whose text begins with the pointer.
#[track_caller]
fn assert_rejected(pointer: &str, event: &Value) {
    let problems = problems(event);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].starts_with(&format!("{pointer}: ")), "{problems:?}");
}

#[track_caller]
fn assert_length_between_1_and(most: usize, pointer: &str) {
    // One character, four bytes, two units of UTF-16.
    let text = |length: usize| with(pointer, "🔎".repeat(length));
    assert_accepted(&text(1));
    assert_accepted(&text(most));
    assert_rejected(pointer, &text(0));
    assert_rejected(pointer, &text(most + 1));
    assert_rejected(pointer, &with(pointer, 1));
    assert_rejected(pointer, &with(pointer, Value::Null));
}

#[test]
fn keys_and_actions_are_checked() {
    assert_accepted(&trigger());
    for wrong in [json!([]), json!("trigger"), Value::Null] {
        assert_rejected("the body", &wrong);
    }
    assert_rejected("/routing_key", &without("/routing_key"));
    for wrong in
        [&KEY[1..], &format!("{KEY}0"), "", "0123456789abcdefABCDEF01234567-9", "0123456789abcdefABCDEF012345678é"]
    {
        assert_rejected("/routing_key", &with("/routing_key", wrong));
    }
    assert_rejected("/event_action", &without("/event_action"));
    assert_rejected("/event_action", &with("/event_action", "close"));
    assert_length_between_1_and(255, "/dedup_key");
    assert_accepted(&without("/dedup_key"));
}

#[test]
fn only_trigger_needs_a_payload() {
    for action in ["acknowledge", "resolve"] {
        let event = |dedup_key: Value| json!({"routing_key": KEY, "event_action": action, "dedup_key": dedup_key});
        assert_accepted(&event(json!("case-1")));
        assert_accepted(&event(json!("é".repeat(255))));
        assert_rejected("/dedup_key", &event(json!("é".repeat(256))));
        assert_rejected("/dedup_key", &event(json!("")));
        assert_rejected("/dedup_key", &json!({"routing_key": KEY, "event_action": action}));
    }
}

#[test]
fn payloads_are_checked() {
    assert_eq!(problems(&without("/payload")).len(), 4);
    assert_length_between_1_and(1024, "/payload/summary");
    assert_rejected("/payload/summary", &without("/payload/summary"));
    assert_accepted(&with("/payload/source", "a"));
    assert_rejected("/payload/source", &with("/payload/source", ""));
    assert_rejected("/payload/source", &without("/payload/source"));
    for severity in ["critical", "error", "warning", "info"] {
        assert_accepted(&with("/payload/severity", severity));
    }
    assert_rejected("/payload/severity", &with("/payload/severity", "high"));
    assert_rejected("/payload/severity", &with("/payload/severity", "Critical"));
    assert_rejected("/payload/severity", &without("/payload/severity"));
    for name in ["/payload/component", "/payload/group", "/payload/class"] {
        assert_accepted(&with(name, "a"));
        assert_rejected(name, &with(name, 1));
        assert_rejected(name, &with(name, Value::Null));
    }
    assert_accepted(&with("/payload/custom_details", json!({"load": 0.75, "more": {"a": [1]}})));
    for wrong in [json!("text"), json!([]), Value::Null] {
        assert_rejected("/payload/custom_details", &with("/payload/custom_details", wrong));
    }
}

#[test]
fn timestamps_are_checked() {
    // The first is PagerDuty's example.
    for time in ["2015-07-17T08:42:58.315+0000", "2015-07-17T08:42:58Z", "2015-07-17T08:42:58.315+02:00"] {
        assert_accepted(&with("/payload/timestamp", time));
    }
    for wrong in [
        "",
        "yesterday",
        "2015-07-17",
        "2015-07-17 08:42:58Z",
        "2015-07-17T08:42:58",
        "2015-13-17T08:42:58Z",
        "1437122578",
    ] {
        assert_rejected("/payload/timestamp", &with("/payload/timestamp", wrong));
    }
    assert_rejected("/payload/timestamp", &with("/payload/timestamp", "2015-07-17T08:42:58+00:00[UTC]"));
    assert_rejected("/payload/timestamp", &with("/payload/timestamp", 1_437_122_578));
}

#[test]
fn links_images_and_client_are_checked() {
    assert_accepted(&with("/links", json!([])));
    assert_accepted(&with(
        "/links",
        json!([{"href": "https://example.com/", "text": "a"}, {"href": "http://example.com"}]),
    ));
    assert_rejected("/links", &with("/links", json!({"href": "https://example.com/"})));
    for wrong in
        [json!({"text": "a"}), json!({"href": "ftp://example.com"}), json!({"href": ""}), json!({"href": "/a"})]
    {
        assert_rejected("/links/0/href", &with("/links", json!([wrong])));
    }
    assert_rejected("/links/0/text", &with("/links", json!([{"href": "https://example.com/", "text": 1}])));
    assert_accepted(&with(
        "/images",
        json!([{"src": "https://example.com/a.png", "href": "http://example.com", "alt": "a"}]),
    ));
    for wrong in [json!({}), json!({"src": "http://example.com/a.png"})] {
        assert_rejected("/images/0/src", &with("/images", json!([wrong])));
    }
    let image = |member: &str| json!([{"src": "https://example.com/a.png", member: 1}]);
    assert_rejected("/images/0/href", &with("/images", image("href")));
    assert_rejected("/images/0/alt", &with("/images", image("alt")));
    assert_accepted(&with("/client", "Gumshoe"));
    assert_rejected("/client", &with("/client", 1));
    assert_accepted(&with("/client_url", "https://example.com"));
    assert_rejected("/client_url", &with("/client_url", "example.com"));
}

#[test]
fn incidents_are_opened_acknowledged_and_resolved() {
    let mut incidents = Incidents::default();
    let incident = |dedup_key: &str, state, triggers| Incident {
        routing_key: KEY.to_owned(),
        dedup_key: dedup_key.to_owned(),
        state,
        triggers,
    };
    // What concerns no open incident is dropped.
    incidents.apply(KEY, "resolve", Some("a"));
    incidents.apply(KEY, "acknowledge", Some("a"));
    assert_eq!(incidents.all(), []);

    assert_eq!(incidents.apply(KEY, "trigger", Some("a")), "a");
    incidents.apply(KEY, "trigger", Some("a"));
    assert_eq!(incidents.all(), [incident("a", IncidentState::Triggered, 2)]);
    incidents.apply("another integration", "resolve", Some("a"));
    incidents.apply(KEY, "acknowledge", Some("a"));
    incidents.apply(KEY, "trigger", Some("a"));
    assert_eq!(incidents.all(), [incident("a", IncidentState::Acknowledged, 3)]);

    incidents.apply(KEY, "resolve", Some("a"));
    incidents.apply(KEY, "acknowledge", Some("a"));
    incidents.apply(KEY, "trigger", Some("a"));
    let both = [incident("a", IncidentState::Resolved, 3), incident("a", IncidentState::Triggered, 1)];
    assert_eq!(incidents.all(), both);

    let generated = [incidents.apply(KEY, "trigger", None), incidents.apply(KEY, "trigger", None)];
    assert_ne!(generated[0], generated[1]);
    assert_eq!(incidents.all()[2..], generated.map(|key| incident(&key, IncidentState::Triggered, 1)));
}
