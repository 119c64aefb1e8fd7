//! Implausible values of findings, the evidence of each state of a finding, and throttled lookups.

use super::*;
use aws_sdk_sqs::operation::change_message_visibility::ChangeMessageVisibilityInput;
use gumshoe_aws::evidence::finding_key;
use serde_json::Value;
use std::sync::{Arc, Mutex};

/// When SQS accepted the message: 2026-01-15T12:41:00Z.
const SENT: &str = "1768480860000";

fn with_sent_timestamp(mut message: SqsMessage) -> SqsMessage {
    message.attributes.insert("SentTimestamp".to_owned(), SENT.to_owned());
    message
}

/// A finding with that count and that time of its last update.
fn with_numbers(count: u64, updated_at: &str) -> String {
    let mut event: Value = serde_json::from_str(&finding("alice", 8.0)).unwrap();
    event["detail"]["service"]["count"] = json!(count);
    event["detail"]["updatedAt"] = json!(updated_at);
    event.to_string()
}

/// A rule that records the written findings, as JSON.
fn recorded() -> (Rule, Arc<Mutex<Vec<Value>>>) {
    let all = Arc::<Mutex<Vec<Value>>>::default();
    let written = Arc::clone(&all);
    let rule = mock!(DynamoDb::transact_write_items).match_requests(|_| true).then_compute_output(move |request| {
        let puts = request.transact_items().iter().filter_map(|it| it.put());
        let findings = puts.filter_map(|put| serde_json::from_str(put.item().get("finding")?.as_s().ok()?).ok());
        written.lock().unwrap().extend(findings);
        TransactWriteItemsOutput::builder().build()
    });
    (rule, all)
}

#[tokio::test]
async fn implausible_values_are_replaced_before_the_finding_is_written() {
    let ([query, get], (written, recorded), sent) = (empty_table(), recorded(), send_message_rule());
    let app = app(&[&query, &get, &written], &sent);
    let forged = with_numbers(u64::MAX, "9999-12-30T00:00:00Z");
    let ordinary = with_numbers(7, "2026-01-15T12:40:00Z");
    let messages =
        vec![with_sent_timestamp(message("forged", &forged)), with_sent_timestamp(message("ordinary", &ordinary))];
    assert!(failed_message_ids(&app, messages).await.is_empty());
    let recorded = recorded.lock().unwrap();
    let numbers = |it: &Value| (it["count"].clone(), it["updated_at"].clone());
    assert_eq!(numbers(&recorded[0]), (json!(1), json!("2026-01-15T12:41:00Z")), "when the queue took it");
    assert_eq!(numbers(&recorded[1]), (json!(7), json!("2026-01-15T12:40:00Z")));
    assert_eq!(sent.num_calls(), 0, "nothing is dead-lettered");
}

#[test]
fn each_state_of_a_finding_has_its_own_evidence_key() {
    let state = |count, updated_at: &str| Finding::from_text(&with_numbers(count, updated_at)).unwrap();
    let key = |finding: &Finding| finding_key("case", finding);
    let first = state(1, "2026-01-15T12:40:00.000Z");
    assert_eq!(key(&first), "cases/case/findings/f-alice/20260115T124000000Z-1.json");
    assert_eq!(key(&first), key(&state(1, "2026-01-15T13:40:00.000+01:00")), "the same state");
    for other in [state(2, "2026-01-15T12:40:00.000Z"), state(1, "2026-01-15T12:40:00.001Z")] {
        assert_ne!(key(&first), key(&other));
    }
    let without = Finding { updated_at: None, ..first };
    assert_eq!(key(&without), "cases/case/findings/f-alice/no-time-1.json");
}

/// The receipt handle and the new visibility timeout, in seconds, of each changed message.
type VisibilityChanges = Arc<Mutex<Vec<(String, i32)>>>;

fn visibility() -> (Rule, VisibilityChanges) {
    let all = VisibilityChanges::default();
    let kept = Arc::clone(&all);
    let of = |it: &ChangeMessageVisibilityInput| {
        (it.receipt_handle().unwrap_or_default().to_owned(), it.visibility_timeout().unwrap_or_default())
    };
    let rule = mock!(Sqs::change_message_visibility).match_requests(|_| true).then_compute_output(move |request| {
        kept.lock().unwrap().push(of(request));
        ChangeMessageVisibilityOutput::builder().build()
    });
    (rule, all)
}

/// IAM throttles every call.
fn throttled_principals() -> Principals {
    let throttled = infallible_client_fn(|_| {
        let body = "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error>\
                    </ErrorResponse>";
        http::Response::builder().status(400).body(body).unwrap()
    });
    let configuration = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("a", "b", None, None, "test")))
        .retry_config(RetryConfig::disabled())
        .http_client(throttled)
        .build();
    Principals::new(&configuration, ACCOUNT.to_owned(), None)
}

#[tokio::test]
async fn a_message_with_a_throttled_lookup_is_delivered_again_within_a_minute() {
    let ([query, get], written, sent) = (empty_table(), write_rule(), send_message_rule());
    let (rule, changed) = visibility();
    let queue = FindingsQueue::new(mock_client!(aws_sdk_sqs, RuleMode::MatchAny, [&rule]), "findings".to_owned());
    let app = App { queue, ..app_with(&[&query, &get, &written], &sent, throttled_principals()) };
    for (delivery, expected) in [("1", vec!["alice"]), ("2", vec!["alice"]), ("3", vec![])] {
        let mut message = message("alice", &finding("alice", 8.0));
        message.receipt_handle = Some(format!("handle-{delivery}"));
        message.attributes.insert("ApproximateReceiveCount".to_owned(), delivery.to_owned());
        assert_eq!(failed_message_ids(&app, vec![message]).await, expected, "delivery {delivery}");
    }
    assert_eq!(*changed.lock().unwrap(), [("handle-1".to_owned(), 30), ("handle-2".to_owned(), 60)]);
    assert_eq!(written.num_calls(), 1, "the case opens a minute and a half after the finding came");
}

#[tokio::test]
async fn other_failures_wait_for_the_visibility_timeout_also_if_it_cannot_be_changed() {
    let refused = mock!(DynamoDb::query)
        .then_error(|| QueryError::generic(ErrorMetadata::builder().code("InternalServerError").message("no").build()));
    let (rule, changed) = visibility();
    let queue = FindingsQueue::new(mock_client!(aws_sdk_sqs, RuleMode::MatchAny, [&rule]), "findings".to_owned());
    let sent = send_message_rule();
    let app = App { queue, ..app(&[&refused], &sent) };
    assert_eq!(failed_message_ids(&app, vec![message("alice", &finding("alice", 8.0))]).await, ["alice"]);
    assert!(changed.lock().unwrap().is_empty(), "an outage of the table may last longer than a minute");

    let [query, get] = empty_table();
    let denied = mock!(Sqs::change_message_visibility).then_error(|| {
        aws_sdk_sqs::operation::change_message_visibility::ChangeMessageVisibilityError::generic(
            ErrorMetadata::builder().code("AccessDenied").message("no").build(),
        )
    });
    let queue = FindingsQueue::new(mock_client!(aws_sdk_sqs, RuleMode::MatchAny, [&denied]), "findings".to_owned());
    let app = App { queue, ..app_with(&[&query, &get], &sent, throttled_principals()) };
    assert_eq!(failed_message_ids(&app, vec![message("alice", &finding("alice", 8.0))]).await, ["alice"]);
    assert_eq!(denied.num_calls(), 1);
}
