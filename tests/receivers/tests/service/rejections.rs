//! Requests that are rejected before the message is read, and the form of error responses.

use super::{ROUTING_KEY, client, event, only, post, start, status_and_body};
use receivers::Channel;
use serde_json::{Value, json};

#[tokio::test]
async fn unknown_paths_are_rejected() {
    let receivers = start();
    let base = receivers.url();
    let message = json!({"text": "An alert"});
    for (path, channel, expected) in [
        ("/services/T000/B000/YYYY", Channel::Slack, (403, "invalid_token")),
        ("/services/T001/B000/XXXX", Channel::Slack, (403, "invalid_token")),
        ("/services/T000/B000", Channel::Slack, (404, "no_service")),
        ("/services/T000/B000/XXXX/", Channel::Slack, (404, "no_service")),
        ("/services", Channel::Slack, (404, "no_service")),
        ("/v2/enqueue/", Channel::PagerDuty, (404, "")),
        ("/v2/change/enqueue", Channel::PagerDuty, (404, "")),
        ("/hook/", Channel::Webhook, (404, "")),
        ("/servicesT000", Channel::Webhook, (404, "")),
        ("/", Channel::Webhook, (404, "")),
    ] {
        let (status, body) = status_and_body(post(&format!("{base}{path}"), &message)).await;
        assert_eq!((status, body.as_str()), expected, "{path}");
        let last = receivers.received().pop().unwrap();
        assert_eq!((last.channel, last.path.as_str(), last.status), (channel, path, Some(status)));
        assert_eq!(last.problems.len(), 1);
    }
    let channels = [Channel::Slack, Channel::PagerDuty, Channel::Webhook];
    assert!(channels.into_iter().all(|channel| receivers.accepted(channel).is_empty()));
}

#[tokio::test]
async fn methods_other_than_post_are_rejected() {
    let receivers = start();
    for url in [receivers.slack_url(), receivers.pagerduty_url(), receivers.webhook_url()] {
        assert_eq!(client().get(&url).send().await.unwrap().status(), 405);
        assert_eq!(client().put(&url).json(&json!({"text": "a"})).send().await.unwrap().status(), 405);
    }
    assert_eq!(receivers.received().len(), 6);
}

#[tokio::test]
async fn bodies_that_are_not_json_are_rejected() {
    let receivers = start();
    for (url, expected) in [(receivers.slack_url(), "invalid_payload"), (receivers.webhook_url(), "")] {
        let request = client().post(url).header("Content-Type", "application/json").body("{");
        assert_eq!(status_and_body(request).await, (400, expected.to_owned()));
    }
    let request = client().post(receivers.pagerduty_url()).header("Content-Type", "application/json").body("{");
    let (status, body) = status_and_body(request).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, body["status"].as_str()), (400, Some("invalid event")));
    assert!(receivers.received().iter().all(|delivery| delivery.problems.len() == 1 && delivery.body == "{"));
}

#[tokio::test]
async fn content_type_must_be_json() {
    let receivers = start();
    let slack = json!({"text": "An alert"}).to_string();
    let pagerduty = event("trigger", "case-1").to_string();
    for (url, body, success) in [(receivers.slack_url(), slack, 200), (receivers.pagerduty_url(), pagerduty, 202)] {
        let send = |kind: &'static str| {
            let request = client().post(&url).body(body.clone());
            if kind.is_empty() { request } else { request.header("Content-Type", kind) }
        };
        for kind in ["application/json", "application/json; charset=utf-8", "Application/JSON"] {
            assert_eq!(status_and_body(send(kind)).await.0, success, "{kind}");
        }
        for kind in ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonl"] {
            assert_eq!(status_and_body(send(kind)).await.0, 400, "{kind}");
        }
    }
    // The webhook takes any.
    assert_eq!(status_and_body(client().post(receivers.webhook_url()).body("{}")).await.0, 204);
}

#[tokio::test]
async fn slack_rejects_with_its_error_code() {
    let receivers = start();
    for (message, code) in [(json!({}), "no_text"), (json!({"blocks": [{"type": "image"}]}), "invalid_blocks")] {
        assert_eq!(status_and_body(post(&receivers.slack_url(), &message)).await, (400, code.to_owned()));
    }
    let last = receivers.received().pop().unwrap();
    assert_eq!(last.problems, ["/blocks/0/type: must be one of header, section, context, divider, actions"]);
    assert_eq!(last.status, Some(400));
}

#[tokio::test]
async fn pagerduty_rejects_with_its_error_body() {
    let receivers = start();
    let mut wrong = event("trigger", "case-1");
    wrong["routing_key"] = json!(ROUTING_KEY[1..]);
    let answer = post(&receivers.pagerduty_url(), &wrong).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    let problem = "/routing_key: has 31 characters, not 32 to 32";
    let expected = json!({"status": "invalid event", "message": "Event object is invalid", "errors": [problem]});
    assert_eq!(answer.json::<Value>().await.unwrap(), expected);
    assert_eq!(only(receivers.received()).problems, [problem]);
    assert!(receivers.incidents().is_empty());
}

/// A message with spaces behind it, up to a length in bytes.
fn padded(message: &Value, length: usize) -> String {
    let mut body = message.to_string();
    body.extend(std::iter::repeat_n(' ', length - body.len()));
    body
}

#[tokio::test]
async fn bodies_above_the_limit_are_rejected() {
    let receivers = start();
    let (slack, pagerduty) = (json!({"text": "An alert"}), event("trigger", "case-1"));
    for (url, message, most, success) in
        [(receivers.slack_url(), slack, 1024 * 1024, 200), (receivers.pagerduty_url(), pagerduty, 512_000, 202)]
    {
        for (length, expected) in [(most, success), (most + 1, 413)] {
            let request = client().post(&url).header("Content-Type", "application/json");
            assert_eq!(status_and_body(request.body(padded(&message, length))).await.0, expected);
            assert_eq!(receivers.received().pop().unwrap().body.len(), length);
        }
    }
}
