//! The required form of an event: <https://developer.pagerduty.com/docs/events-api-v2/trigger-events/>.

use crate::json_cursor::JsonCursor;
use jiff::Timestamp;
use serde_json::Value;

/// "This is the 32 character Integration Key".
const ROUTING_KEY_CHARS: usize = 32;
const DEDUP_KEY_MAX_CHARS: usize = 255;
const SUMMARY_MAX_CHARS: usize = 1024;
/// No limit but the body's is documented for the others.
const UNLIMITED: usize = usize::MAX;

/// All problems of an event.
pub(super) fn problems(event: &Value) -> Vec<String> {
    let event = JsonCursor::root(event);
    let mut problems = Vec::new();
    event.object(&mut problems);
    if !problems.is_empty() {
        return problems;
    }
    let routing_key = event.member("routing_key");
    if let Some(key) = routing_key.string(ROUTING_KEY_CHARS..=ROUTING_KEY_CHARS, &mut problems)
        && !key.chars().all(|character| character.is_ascii_alphanumeric())
    {
        // assumed: no other key was seen.
        routing_key.push_problem("must be letters and digits", &mut problems);
    }
    let action = event.member("event_action").one_of(&["trigger", "acknowledge", "resolve"], &mut problems);
    let dedup_key = event.member("dedup_key");
    if event.optional("dedup_key").is_some() || matches!(action, Some("acknowledge" | "resolve")) {
        dedup_key.string(1..=DEDUP_KEY_MAX_CHARS, &mut problems);
    }
    if action == Some("trigger") {
        payload(&event.member("payload"), &mut problems);
        context(&event, &mut problems);
    }
    problems
}

fn payload(payload: &JsonCursor<'_>, problems: &mut Vec<String>) {
    payload.object(problems);
    payload.member("summary").string(1..=SUMMARY_MAX_CHARS, problems);
    payload.member("source").string(1..=UNLIMITED, problems);
    payload.member("severity").one_of(&["critical", "error", "warning", "info"], problems);
    if let Some(timestamp) = payload.optional("timestamp")
        && timestamp.string(1..=UNLIMITED, problems).is_some_and(|text| !is_iso_8601(text))
    {
        timestamp.push_problem("must be a time in ISO 8601, with its offset", problems);
    }
    for name in ["component", "group", "class"] {
        if let Some(text) = payload.optional(name) {
            text.string(0..=UNLIMITED, problems);
        }
    }
    if let Some(details) = payload.optional("custom_details") {
        details.object(problems);
    }
}

/// Checks what is shown with an incident: links, images, and the client that reports it.
fn context(event: &JsonCursor<'_>, problems: &mut Vec<String>) {
    let web = ["http", "https"];
    for link in event.optional("links").map(|links| links.items(0..=UNLIMITED, problems)).unwrap_or_default() {
        // assumed: the schemes, because the reference only says that it is a URL.
        link.member("href").url(&web, UNLIMITED, problems);
        if let Some(text) = link.optional("text") {
            text.string(0..=UNLIMITED, problems);
        }
    }
    for image in event.optional("images").map(|images| images.items(0..=UNLIMITED, problems)).unwrap_or_default() {
        // "This image must be served via HTTPS."
        image.member("src").url(&["https"], UNLIMITED, problems);
        if let Some(href) = image.optional("href") {
            href.url(&web, UNLIMITED, problems);
        }
        if let Some(text) = image.optional("alt") {
            text.string(0..=UNLIMITED, problems);
        }
    }
    if let Some(client) = event.optional("client") {
        client.string(0..=UNLIMITED, problems);
    }
    if let Some(url) = event.optional("client_url") {
        url.url(&web, UNLIMITED, problems);
    }
}

/// Whether it is such as `2015-07-17T08:42:58.315+0000`, PagerDuty's example. The parser also takes a space for the T, and
/// a time zone in brackets, which ISO 8601 does not.
fn is_iso_8601(text: &str) -> bool {
    text.as_bytes().get(10) == Some(&b'T') && !text.contains('[') && text.parse::<Timestamp>().is_ok()
}
