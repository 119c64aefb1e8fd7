//! Each fault, and the request that it applies to.

use super::{client, event, only, post, start, status_and_body};
use receivers::{Channel, ReceiverFault};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn status_fault_answers_the_status() {
    let receivers = start();
    for (code, answered) in [(500, 500), (503, 503), (408, 408), (200, 200), (99, 500)] {
        receivers.fail_next(Channel::Slack, "", ReceiverFault::Status(code));
        let answer = status_and_body(post(&receivers.slack_url(), &json!({"text": "An alert"}))).await;
        assert_eq!(answer, (answered, String::new()));
        assert_eq!(receivers.received().pop().unwrap().status, Some(answered));
    }
}

#[tokio::test]
async fn rate_limited_fault_answers_429_with_retry_after() {
    let receivers = start();
    for retry_after in [None, Some("30"), Some("Fri, 31 Dec 2027 23:59:59 GMT"), Some("soon")] {
        receivers.fail_next(
            Channel::Slack,
            "",
            ReceiverFault::RateLimited { retry_after: retry_after.map(str::to_owned) },
        );
        let answer = post(&receivers.slack_url(), &json!({"text": "An alert"})).send().await.unwrap();
        assert_eq!(answer.status(), 429);
        assert_eq!(answer.headers().get("retry-after").map(|value| value.to_str().unwrap()), retry_after);
    }
}

#[tokio::test]
async fn redirect_fault_answers_302_with_location() {
    let receivers = start();
    let elsewhere = receivers.url() + "/elsewhere";
    receivers.fail_next(Channel::Webhook, "", ReceiverFault::Redirect(elsewhere.clone()));
    let answer = post(&receivers.webhook_url(), &json!({})).send().await.unwrap();
    assert_eq!(answer.status(), 302);
    assert_eq!(answer.headers()["location"], elsewhere);
    assert_eq!(only(receivers.received()).status, Some(302));
}

#[tokio::test]
async fn disconnect_fault_closes_the_connection() {
    let receivers = start();
    receivers.fail_next(Channel::PagerDuty, "", ReceiverFault::Disconnect);
    let error = post(&receivers.pagerduty_url(), &event("trigger", "case-1")).send().await.unwrap_err();
    assert!(error.is_request() && !error.is_connect(), "{error:?}");
    let delivery = only(receivers.received());
    assert_eq!((delivery.status, delivery.is_accepted()), (None, false));
    assert!(receivers.incidents().is_empty());
    // The next request succeeds.
    assert_eq!(status_and_body(post(&receivers.pagerduty_url(), &event("trigger", "case-1"))).await.0, 202);
}

#[tokio::test]
async fn stall_fault_sends_no_response() {
    let receivers = start();
    receivers.fail_next(Channel::PagerDuty, "", ReceiverFault::Stall);
    let hanging = tokio::spawn(post(&receivers.pagerduty_url(), &event("trigger", "case-1")).send());
    let delivery = only(receivers.wait_until(|all| all.len() == 1).await);
    assert_eq!(delivery.status, None);
    // Others are answered meanwhile.
    assert_eq!(status_and_body(post(&receivers.pagerduty_url(), &event("trigger", "case-2"))).await.0, 202);
    assert!(!hanging.is_finished());
    drop(receivers);
    assert!(hanging.await.unwrap().is_err());
}

#[tokio::test]
async fn client_can_time_out_on_a_stall_fault() {
    let receivers = start();
    receivers.fail_next(Channel::Slack, "", ReceiverFault::Stall);
    let request = post(&receivers.slack_url(), &json!({"text": "An alert"})).timeout(Duration::from_millis(50));
    assert!(request.send().await.unwrap_err().is_timeout());
}

#[tokio::test]
async fn partial_response_fault_sends_the_first_byte() {
    for (channel, status, first) in
        [(Channel::Slack, 200, "o"), (Channel::PagerDuty, 202, "{"), (Channel::Webhook, 200, ".")]
    {
        let receivers = start();
        let (url, body) = match channel {
            Channel::Slack => (receivers.slack_url(), json!({"text": "An alert"})),
            Channel::PagerDuty => (receivers.pagerduty_url(), event("trigger", "case-1")),
            Channel::Webhook => (receivers.webhook_url(), json!({})),
        };
        receivers.fail_next(channel, "", ReceiverFault::PartialResponse);
        let mut answer = post(&url, &body).send().await.unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!(answer.chunk().await.unwrap().unwrap(), first);
        // The service has processed the request.
        assert_eq!(only(receivers.accepted(channel)).status, Some(status));
        assert_eq!(receivers.incidents().len(), usize::from(channel == Channel::PagerDuty));
        let rest = tokio::spawn(async move { answer.chunk().await });
        tokio::task::yield_now().await;
        assert!(!rest.is_finished());
        drop(receivers);
        assert!(rest.await.unwrap().is_err());
    }
}

#[tokio::test]
async fn faults_apply_once_in_order_to_their_channel_and_text() {
    let receivers = start();
    receivers.fail_next(Channel::Slack, "case-1", ReceiverFault::Status(500));
    receivers.fail_next(Channel::Slack, "case-1", ReceiverFault::Status(502));
    receivers.fail_next(Channel::Slack, "case-2", ReceiverFault::Status(503));
    let slack = |text: &str| post(&receivers.slack_url(), &json!({"text": text}));
    assert_eq!(status_and_body(post(&receivers.webhook_url(), &json!("case-1"))).await.0, 204);
    let texts = ["case-3", "case-2", "case-1", "case-2", "case-1", "case-1"];
    for (text, expected) in texts.into_iter().zip([200, 503, 500, 200, 502, 200]) {
        assert_eq!(status_and_body(slack(text)).await.0, expected, "{text}");
    }
}

#[tokio::test]
async fn problems_are_recorded_and_nothing_is_processed_despite_a_fault() {
    let receivers = start();
    receivers.fail_next(Channel::Slack, "", ReceiverFault::Status(500));
    assert_eq!(status_and_body(post(&receivers.slack_url(), &json!({}))).await.0, 500);
    assert_eq!(receivers.received()[0].problems, ["the body: has neither text nor blocks"]);
    receivers.fail_next(Channel::PagerDuty, "", ReceiverFault::Status(500));
    assert_eq!(status_and_body(post(&receivers.pagerduty_url(), &event("trigger", "case-1"))).await.0, 500);
    assert!(receivers.incidents().is_empty());
}

#[tokio::test]
async fn headers_with_invalid_values_are_omitted() {
    let receivers = start();
    receivers.fail_next(Channel::Webhook, "", ReceiverFault::Redirect("a\nb".to_owned()));
    let answer = client().post(receivers.webhook_url()).json(&json!({})).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers().get("location")), (302, None));
}
