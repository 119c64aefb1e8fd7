//! The receivers, tested through an HTTP client.

#![allow(clippy::unwrap_used, reason = "tests say what they expect by unwrapping")]

mod faults;
mod rejections;

use receivers::{Channel, Delivery, IncidentState, Receivers};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use std::time::Duration;

const ROUTING_KEY: &str = "0123456789abcdef0123456789abcdef";
/// How long a test waits for something that happens immediately.
const TIMEOUT: Duration = Duration::from_secs(30);

fn start() -> Receivers {
    Receivers::start(std::net::TcpListener::bind("127.0.0.1:0").unwrap()).unwrap()
}

fn client() -> Client {
    // Built together with relay-alert, reqwest requires a TLS provider even for plain HTTP.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().redirect(Policy::none()).build().unwrap()
}

fn post(url: &str, body: &Value) -> RequestBuilder {
    client().post(url).json(body)
}

fn event(action: &str, dedup_key: &str) -> Value {
    json!({"routing_key": ROUTING_KEY, "event_action": action, "dedup_key": dedup_key,
        "payload": {"summary": "An alert", "source": "aws", "severity": "critical"}})
}

async fn status_and_body(request: RequestBuilder) -> (u16, String) {
    let answer: Response = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

fn only(deliveries: Vec<Delivery>) -> Delivery {
    let [delivery] = <[Delivery; 1]>::try_from(deliveries).unwrap();
    delivery
}

#[tokio::test]
async fn slack_accepts_and_records_a_message() {
    let receivers = start();
    assert_eq!(receivers.slack_url(), receivers.url() + "/services/T000/B000/XXXX");
    let message = json!({"text": "An alert"});
    assert_eq!(status_and_body(post(&receivers.slack_url(), &message)).await, (200, "ok".to_owned()));
    let delivery = only(receivers.accepted(Channel::Slack));
    assert_eq!(delivery.channel, Channel::Slack);
    assert_eq!(delivery.path, "/services/T000/B000/XXXX");
    assert_eq!(delivery.headers["content-type"], "application/json");
    assert_eq!(delivery.body, message.to_string());
    assert_eq!(delivery.status, Some(200));
    assert!(delivery.problems.is_empty());
    assert!(receivers.accepted(Channel::PagerDuty).is_empty());
}

#[tokio::test]
async fn pagerduty_opens_and_resolves_an_incident() {
    let receivers = start();
    assert_eq!(receivers.pagerduty_url(), receivers.url() + "/v2/enqueue");
    for action in ["trigger", "trigger", "resolve"] {
        let answer = post(&receivers.pagerduty_url(), &event(action, "case-1")).send().await.unwrap();
        assert_eq!(answer.status(), 202);
        let expected = json!({"status": "success", "message": "Event processed", "dedup_key": "case-1"});
        assert_eq!(answer.json::<Value>().await.unwrap(), expected);
    }
    assert_eq!(receivers.accepted(Channel::PagerDuty).len(), 3);
    let incidents = receivers.incidents();
    assert_eq!(incidents.len(), 1);
    assert_eq!((incidents[0].dedup_key.as_str(), incidents[0].triggers), ("case-1", 2));
    assert_eq!(incidents[0].state, IncidentState::Resolved);
}

#[tokio::test]
async fn webhook_accepts_and_records_json() {
    let receivers = start();
    assert_eq!(receivers.webhook_url(), receivers.url() + "/hook");
    let request = post(&format!("{}?a=b", receivers.webhook_url()), &json!([1]));
    let request = request.header("X-Signature", "one").header("x-signature", "two");
    assert_eq!(status_and_body(request).await, (204, String::new()));
    let delivery = only(receivers.accepted(Channel::Webhook));
    assert_eq!((delivery.path.as_str(), delivery.body.as_str()), ("/hook?a=b", "[1]"));
    assert_eq!(delivery.headers["x-signature"], "one, two");
}

/// Signatures computed by Python's hmac; see docs/CHANNELS.md, "The webhook".
#[tokio::test]
async fn signature_must_match_delivery_and_body() {
    let receivers = start();
    let v1 = "v1=6f20cbde600302708a9ca4741e39f1af6e53d6d0bff772781fe26640a048e34d";
    let v2 = "v2=c8a9d1be0687e62416abcb78e656ae8829f108120ebe8ce431a4e36c8fc28185";
    let both = format!("t=1768481100,{v1},{v2}");
    for (signature, delivery, body, expected) in [
        (both.as_str(), "case-1/2", r#"{"a":1}"#, 204),
        (&both, "case-1/3", r#"{"a":1}"#, 401),
        (&both, "case-1/2", r#"{"a":2}"#, 401),
        (&format!("t=1768481101,{v1},{v2}"), "case-1/2", r#"{"a":1}"#, 401),
        (&format!("t=1768481100,{v1}"), "case-1/2", r#"{"a":1}"#, 401),
        ("t=1768481100,v1=xy,v2=", "case-1/2", r#"{"a":1}"#, 401),
    ] {
        let request = client().post(receivers.webhook_url()).body(body);
        let request = request.header("x-gumshoe-signature", signature).header("x-gumshoe-delivery", delivery);
        assert_eq!(status_and_body(request).await.0, expected, "{signature} {delivery} {body}");
    }
    assert_eq!(receivers.accepted(Channel::Webhook).len(), 1);
}

#[tokio::test]
async fn wait_until_returns_when_enough_requests_arrived() {
    let receivers = start();
    let url = receivers.webhook_url();
    let (deliveries, _) = tokio::join!(receivers.wait_until(|all| all.len() == 2), async {
        status_and_body(post(&url, &json!(1))).await;
        status_and_body(post(&url, &json!(2))).await;
    });
    assert_eq!(deliveries, receivers.received());
    // Requests that are there already count.
    assert_eq!(receivers.wait_until(|all| all.len() == 2).await.len(), 2);
}

#[tokio::test]
async fn dropped_receivers_answer_no_one() {
    let receivers = start();
    let url = receivers.webhook_url();
    let client = client();
    // The client keeps its connection.
    assert_eq!(client.post(&url).json(&json!(1)).send().await.unwrap().status(), 204);
    drop(receivers);
    let answered = async {
        while client.post(&url).json(&json!(1)).send().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    assert!(tokio::time::timeout(TIMEOUT, answered).await.is_ok(), "it still answers after {TIMEOUT:?}");
    let error = client.post(&url).json(&json!(1)).send().await.unwrap_err();
    assert!(error.is_connect() || error.is_request(), "{error:?}");
}

#[test]
fn start_fails_without_a_runtime() {
    assert!(Receivers::start(std::net::TcpListener::bind("127.0.0.1:0").unwrap()).is_err());
}
