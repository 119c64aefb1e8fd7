//! Each rule at its edge, and one past it.

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
fn taken(event: &Value) {
    assert_eq!(problems(event), Vec::<String>::new());
}

/// For one reason, which names the place.
#[track_caller]
fn refused(pointer: &str, event: &Value) {
    let problems = problems(event);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].starts_with(&format!("{pointer}: ")), "{problems:?}");
}

#[track_caller]
fn one_to(most: usize, pointer: &str) {
    // One character, four bytes, two units of UTF-16.
    let text = |length: usize| with(pointer, "🔎".repeat(length));
    taken(&text(1));
    taken(&text(most));
    refused(pointer, &text(0));
    refused(pointer, &text(most + 1));
    refused(pointer, &with(pointer, 1));
    refused(pointer, &with(pointer, Value::Null));
}

#[test]
fn keys_and_actions() {
    taken(&trigger());
    for wrong in [json!([]), json!("trigger"), Value::Null] {
        refused("the body", &wrong);
    }
    refused("/routing_key", &without("/routing_key"));
    for wrong in
        [&KEY[1..], &format!("{KEY}0"), "", "0123456789abcdefABCDEF01234567-9", "0123456789abcdefABCDEF012345678é"]
    {
        refused("/routing_key", &with("/routing_key", wrong));
    }
    refused("/event_action", &without("/event_action"));
    refused("/event_action", &with("/event_action", "close"));
    one_to(255, "/dedup_key");
    taken(&without("/dedup_key"));
}

#[test]
fn what_follows_a_trigger() {
    for action in ["acknowledge", "resolve"] {
        let event = |dedup_key: Value| json!({"routing_key": KEY, "event_action": action, "dedup_key": dedup_key});
        taken(&event(json!("case-1")));
        taken(&event(json!("é".repeat(255))));
        refused("/dedup_key", &event(json!("é".repeat(256))));
        refused("/dedup_key", &event(json!("")));
        refused("/dedup_key", &json!({"routing_key": KEY, "event_action": action}));
    }
}

#[test]
fn payloads() {
    assert_eq!(problems(&without("/payload")).len(), 4);
    one_to(1024, "/payload/summary");
    refused("/payload/summary", &without("/payload/summary"));
    taken(&with("/payload/source", "a"));
    refused("/payload/source", &with("/payload/source", ""));
    refused("/payload/source", &without("/payload/source"));
    for severity in ["critical", "error", "warning", "info"] {
        taken(&with("/payload/severity", severity));
    }
    refused("/payload/severity", &with("/payload/severity", "high"));
    refused("/payload/severity", &with("/payload/severity", "Critical"));
    refused("/payload/severity", &without("/payload/severity"));
    for name in ["/payload/component", "/payload/group", "/payload/class"] {
        taken(&with(name, "a"));
        refused(name, &with(name, 1));
        refused(name, &with(name, Value::Null));
    }
    taken(&with("/payload/custom_details", json!({"load": 0.75, "more": {"a": [1]}})));
    for wrong in [json!("text"), json!([]), Value::Null] {
        refused("/payload/custom_details", &with("/payload/custom_details", wrong));
    }
}

#[test]
fn timestamps() {
    // The first is PagerDuty's example.
    for time in ["2015-07-17T08:42:58.315+0000", "2015-07-17T08:42:58Z", "2015-07-17T08:42:58.315+02:00"] {
        taken(&with("/payload/timestamp", time));
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
        refused("/payload/timestamp", &with("/payload/timestamp", wrong));
    }
    refused("/payload/timestamp", &with("/payload/timestamp", "2015-07-17T08:42:58+00:00[UTC]"));
    refused("/payload/timestamp", &with("/payload/timestamp", 1_437_122_578));
}

#[test]
fn links_images_and_the_client() {
    taken(&with("/links", json!([])));
    taken(&with("/links", json!([{"href": "https://example.com/", "text": "a"}, {"href": "http://example.com"}])));
    refused("/links", &with("/links", json!({"href": "https://example.com/"})));
    for wrong in
        [json!({"text": "a"}), json!({"href": "ftp://example.com"}), json!({"href": ""}), json!({"href": "/a"})]
    {
        refused("/links/0/href", &with("/links", json!([wrong])));
    }
    refused("/links/0/text", &with("/links", json!([{"href": "https://example.com/", "text": 1}])));
    taken(&with("/images", json!([{"src": "https://example.com/a.png", "href": "http://example.com", "alt": "a"}])));
    for wrong in [json!({}), json!({"src": "http://example.com/a.png"})] {
        refused("/images/0/src", &with("/images", json!([wrong])));
    }
    let image = |member: &str| json!([{"src": "https://example.com/a.png", member: 1}]);
    refused("/images/0/href", &with("/images", image("href")));
    refused("/images/0/alt", &with("/images", image("alt")));
    taken(&with("/client", "Gumshoe"));
    refused("/client", &with("/client", 1));
    taken(&with("/client_url", "https://example.com"));
    refused("/client_url", &with("/client_url", "example.com"));
}

#[test]
fn incidents() {
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

    let made_up = [incidents.apply(KEY, "trigger", None), incidents.apply(KEY, "trigger", None)];
    assert_ne!(made_up[0], made_up[1]);
    assert_eq!(incidents.all()[2..], made_up.map(|key| incident(&key, IncidentState::Triggered, 1)));
}
