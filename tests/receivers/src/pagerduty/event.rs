//! What an event has to look like: <https://developer.pagerduty.com/docs/events-api-v2/trigger-events/>.

use crate::part::Part;
use jiff::Timestamp;
use serde_json::Value;

/// "This is the 32 character Integration Key".
const ROUTING_KEY: usize = 32;
const DEDUP_KEY_MAX: usize = 255;
const SUMMARY_MAX: usize = 1024;
/// No limit but the body's is documented for the others.
const ANY: usize = usize::MAX;

/// Everything that is wrong with an event.
pub(super) fn problems(event: &Value) -> Vec<String> {
    let event = Part::whole(event);
    let mut problems = Vec::new();
    event.object(&mut problems);
    if !problems.is_empty() {
        return problems;
    }
    let routing_key = event.member("routing_key");
    if let Some(key) = routing_key.string(ROUTING_KEY..=ROUTING_KEY, &mut problems)
        && !key.chars().all(|character| character.is_ascii_alphanumeric())
    {
        // assumed: no other key was seen.
        routing_key.wrong("must be letters and digits", &mut problems);
    }
    let action = event.member("event_action").one_of(&["trigger", "acknowledge", "resolve"], &mut problems);
    let dedup_key = event.member("dedup_key");
    if event.given("dedup_key").is_some() || matches!(action, Some("acknowledge" | "resolve")) {
        dedup_key.string(1..=DEDUP_KEY_MAX, &mut problems);
    }
    if action == Some("trigger") {
        payload(&event.member("payload"), &mut problems);
        context(&event, &mut problems);
    }
    problems
}

fn payload(payload: &Part<'_>, problems: &mut Vec<String>) {
    payload.object(problems);
    payload.member("summary").string(1..=SUMMARY_MAX, problems);
    payload.member("source").string(1..=ANY, problems);
    payload.member("severity").one_of(&["critical", "error", "warning", "info"], problems);
    if let Some(timestamp) = payload.given("timestamp")
        && timestamp.string(1..=ANY, problems).is_some_and(|text| !is_iso_8601(text))
    {
        timestamp.wrong("must be a time in ISO 8601, with its offset", problems);
    }
    for name in ["component", "group", "class"] {
        if let Some(text) = payload.given(name) {
            text.string(0..=ANY, problems);
        }
    }
    if let Some(details) = payload.given("custom_details") {
        details.object(problems);
    }
}

/// What is shown with an incident: links, images, and the client that reports it.
fn context(event: &Part<'_>, problems: &mut Vec<String>) {
    let web = ["http", "https"];
    for link in event.given("links").map(|links| links.items(0..=ANY, problems)).unwrap_or_default() {
        // assumed: the schemes, for the reference only says that it is a URL.
        link.member("href").url(&web, ANY, problems);
        if let Some(text) = link.given("text") {
            text.string(0..=ANY, problems);
        }
    }
    for image in event.given("images").map(|images| images.items(0..=ANY, problems)).unwrap_or_default() {
        // "This image must be served via HTTPS."
        image.member("src").url(&["https"], ANY, problems);
        if let Some(href) = image.given("href") {
            href.url(&web, ANY, problems);
        }
        if let Some(text) = image.given("alt") {
            text.string(0..=ANY, problems);
        }
    }
    if let Some(client) = event.given("client") {
        client.string(0..=ANY, problems);
    }
    if let Some(url) = event.given("client_url") {
        url.url(&web, ANY, problems);
    }
}

/// Whether it is such as `2015-07-17T08:42:58.315+0000`, PagerDuty's example. The parser also takes a space for the T, and
/// a time zone in brackets, which ISO 8601 does not.
fn is_iso_8601(text: &str) -> bool {
    text.as_bytes().get(10) == Some(&b'T') && !text.contains('[') && text.parse::<Timestamp>().is_ok()
}
