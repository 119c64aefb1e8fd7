use super::*;
use crate::intake::Intake;
use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_lambda_events::event::sqs::SqsMessage;
use aws_sdk_dynamodb::Client as DynamoDb;
use aws_sdk_dynamodb::operation::get_item::GetItemOutput;
use aws_sdk_dynamodb::operation::query::{QueryError, QueryOutput};
use aws_sdk_dynamodb::operation::transact_write_items::{TransactWriteItemsError, TransactWriteItemsOutput};
use aws_sdk_dynamodb::types::CancellationReason;
use aws_sdk_dynamodb::types::error::TransactionCanceledException;
use aws_sdk_s3::Client as S3;
use aws_sdk_s3::operation::put_object::{PutObjectError, PutObjectOutput};
use aws_sdk_sfn::Client as StepFunctions;
use aws_sdk_sfn::operation::start_execution::StartExecutionOutput;
use aws_sdk_sqs::Client as Sqs;
use aws_sdk_sqs::operation::change_message_visibility::ChangeMessageVisibilityOutput;
use aws_sdk_sqs::operation::send_message::{SendMessageError, SendMessageInput, SendMessageOutput};
use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
use aws_smithy_types::error::ErrorMetadata;
use findings::ACCOUNT;
use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::dead_letters::DeadLetters;
use gumshoe_aws::evidence::EvidenceBucket;
use gumshoe_aws::executions::Executions;
use gumshoe_aws::principals::Principals;
use gumshoe_aws::queue::FindingsQueue;
use gumshoe_domain::Severity;
use gumshoe_domain::case::{CaseNumber, FollowUpRule, IntakeDecision, IntakeRules, SuppressReason};
use jiff::SignedDuration;
use serde_json::json;

mod follow_ups;
mod implausible_findings;

const RULES: IntakeRules = IntakeRules {
    realert_after: SignedDuration::from_hours(24),
    follow_up: FollowUpRule::after(SignedDuration::from_hours(6)),
};

fn message(id: &str, body: &str) -> SqsMessage {
    let mut message = SqsMessage::default();
    message.message_id = Some(id.to_owned());
    message.body = Some(body.to_owned());
    message
}

fn finding(user: &str, severity: f64) -> String {
    findings::event(&findings::with_severity(findings::user_finding(user, &format!("f-{user}")), severity)).to_string()
}

/// An app without principal lookups: the findings are of another account, and there is no member role.
fn app(table: &[&Rule], queue: &Rule) -> App {
    app_with(table, queue, Principals::new(&SdkConfig::builder().build(), "000000000000".to_owned(), None))
}

fn app_with(table: &[&Rule], queue: &Rule, principals: Principals) -> App {
    let started = mock!(StepFunctions::start_execution).then_output(|| {
        let now = aws_smithy_types::DateTime::from_secs(0);
        StartExecutionOutput::builder().execution_arn("arn").start_date(now).build().unwrap()
    });
    let executions = mock_client!(aws_sdk_sfn, RuleMode::MatchAny, [&started]);
    App {
        intake: Intake {
            table: CaseTable::new(mock_client!(aws_sdk_dynamodb, RuleMode::MatchAny, table), "Cases".to_owned()),
            executions: Executions::new(executions, "arn:aws:states:us-east-1:1:stateMachine:m".to_owned()),
            rules: RULES,
        },
        queue: FindingsQueue::new(
            mock_client!(aws_sdk_sqs, RuleMode::MatchAny, [&change_visibility_rule()]),
            "queue".to_owned(),
        ),
        dead_letters: DeadLetters::new(mock_client!(aws_sdk_sqs, RuleMode::MatchAny, [queue]), "queue".to_owned(), 5),
        principals,
        evidence: evidence(&put_object_rule()),
        admission: AdmissionRules { minimum_severity: Severity::new(4.0).unwrap(), ..AdmissionRules::default() },
        metrics: Metrics::for_stack("test".to_owned()),
    }
}

fn change_visibility_rule() -> Rule {
    mock!(Sqs::change_message_visibility).then_output(|| ChangeMessageVisibilityOutput::builder().build())
}

fn put_object_rule() -> Rule {
    mock!(S3::put_object).then_output(|| PutObjectOutput::builder().build())
}

fn evidence(rule: &Rule) -> EvidenceBucket {
    EvidenceBucket::new(
        mock_client!(aws_sdk_s3, RuleMode::MatchAny, [rule]),
        "evidence".to_owned(),
        "us-east-1".to_owned(),
    )
}

async fn failed_message_ids(app: &App, messages: Vec<SqsMessage>) -> Vec<String> {
    let mut event = SqsEvent::default();
    event.records = messages;
    let response = handle(app, event, Timestamp::MAX, || Timestamp::UNIX_EPOCH).await;
    response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}

fn empty_table() -> [Rule; 2] {
    [
        mock!(DynamoDb::query).then_output(|| QueryOutput::builder().build()),
        mock!(DynamoDb::get_item).then_output(|| GetItemOutput::builder().build()),
    ]
}

fn cancelled() -> TransactWriteItemsError {
    let meta = ErrorMetadata::builder().code("TransactionCanceledException").build();
    let reason = CancellationReason::builder().code("ConditionalCheckFailed").build();
    let error = TransactionCanceledException::builder().cancellation_reasons(reason).meta(meta).build();
    TransactWriteItemsError::TransactionCanceledException(error)
}

#[tokio::test]
async fn one_failed_message_neither_delays_nor_repeats_the_others() {
    let [query, get] = empty_table();
    // Every write for "unlucky" fails.
    let refused = mock!(DynamoDb::transact_write_items)
        .match_requests(|request| format!("{request:?}").contains("f-unlucky"))
        .then_error(cancelled);
    let written = mock!(DynamoDb::transact_write_items)
        .match_requests(|request| !format!("{request:?}").contains("f-unlucky"))
        .then_output(|| TransactWriteItemsOutput::builder().build());
    let sent = send_message_rule();
    let app = app(&[&query, &get, &refused, &written], &sent);
    let messages = vec![
        message("first", &finding("alice", 8.0)),
        message("invalid", "{"),
        message("unlucky", &finding("unlucky", 8.0)),
        message("below", &finding("carol", 3.9)),
        message("last", &finding("bob", 8.0)),
    ];
    assert_eq!(failed_message_ids(&app, messages).await, ["unlucky"]);
    assert_eq!(written.num_calls(), 2, "alice and bob");
    assert_eq!(sent.num_calls(), 1, "the invalid message is in the dead-letter queue");
}

#[tokio::test]
async fn a_message_that_cannot_be_dead_lettered_is_delivered_again() {
    let [query, get] = empty_table();
    let refused = mock!(Sqs::send_message)
        .then_error(|| SendMessageError::generic(ErrorMetadata::builder().code("AccessDenied").message("no").build()));
    let app = app(&[&query, &get], &refused);
    assert_eq!(
        failed_message_ids(&app, vec![message("invalid", "{"), message("empty", "")]).await,
        ["invalid", "empty"]
    );
}

#[tokio::test]
async fn without_enough_time_the_rest_of_a_batch_is_delivered_again() {
    let [query, get] = empty_table();
    let sent = send_message_rule();
    let app = app(&[&query, &get], &sent);
    let mut event = SqsEvent::default();
    event.records = vec![message("invalid", "{"), message("late", "{")];
    let deadline = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(100);
    let clock = std::cell::Cell::new(Timestamp::UNIX_EPOCH);
    let response = handle(&app, event, deadline, || clock.replace(clock.get() + SignedDuration::from_secs(25)));
    let failures = response.await.batch_item_failures;
    assert_eq!(failures.iter().map(|it| it.item_identifier.as_str()).collect::<Vec<_>>(), ["late"]);
    assert_eq!(sent.num_calls(), 1);
}

fn write_rule() -> Rule {
    mock!(DynamoDb::transact_write_items).then_output(|| TransactWriteItemsOutput::builder().build())
}

fn send_message_rule() -> Rule {
    mock!(Sqs::send_message).then_output(|| SendMessageOutput::builder().build())
}

#[tokio::test]
async fn a_finding_is_added_to_the_case_of_each_of_its_principals() {
    let ([query, get], written, sent) = (empty_table(), write_rule(), send_message_rule());
    let app = app(&[&query, &get, &written], &sent);
    let actor = |name: &str| json!({"user": {"name": name, "type": "AssumedRole", "account": {"uid": ACCOUNT}}});
    let mut sequence: serde_json::Value = serde_json::from_str(&finding("unnamed", 9.0)).unwrap();
    sequence["detail"]["resource"] = json!({"resourceType": "AttackSequence"});
    let mut service = actor("AWSServiceRoleForSupport");
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport");
    service["session"] = json!({ "issuer": arn });
    let actors = [actor("one"), actor("other"), service];
    sequence["detail"]["service"] = json!({"detection": {"sequence": {"actors": actors}}});
    assert!(failed_message_ids(&app, vec![message("sequence", &sequence.to_string())]).await.is_empty());
    assert_eq!(written.num_calls(), 3, "a case for each: at that severity also for a role under the path of AWS's own");
}

#[tokio::test]
async fn a_transient_lookup_failure_is_retried_and_then_skipped() {
    let ([query, get], written, sent) = (empty_table(), write_rule(), send_message_rule());
    let broken = infallible_client_fn(|_| http::Response::builder().status(503).body("").unwrap());
    let configuration = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("a", "b", None, None, "test")))
        .retry_config(RetryConfig::disabled())
        .http_client(broken)
        .build();
    let principals = Principals::new(&configuration, ACCOUNT.to_owned(), None);
    let app = app_with(&[&query, &get, &written], &sent, principals);
    for (delivery, expected) in [("1", vec!["alice"]), ("2", vec!["alice"]), ("3", vec![])] {
        let mut message = message("alice", &finding("alice", 8.0));
        message.attributes.insert("ApproximateReceiveCount".to_owned(), delivery.to_owned());
        assert_eq!(failed_message_ids(&app, vec![message]).await, expected, "delivery {delivery}");
    }
    assert_eq!(written.num_calls(), 1);
}

#[tokio::test]
async fn a_finding_that_cannot_be_stored_is_retried_and_then_skipped() {
    let ([query, get], sent) = (empty_table(), send_message_rule());
    let refused = mock!(S3::put_object)
        .then_error(|| PutObjectError::generic(ErrorMetadata::builder().code("AccessDenied").message("no").build()));
    let app = App { evidence: evidence(&refused), ..app(&[&query, &get], &sent) };
    let known = Finding::from_text(&finding("alice", 8.0)).unwrap();
    let number = CaseNumber { sequence: 1, opened_at: Timestamp::UNIX_EPOCH };
    let (joined, present) = (IntakeDecision::Join(number), IntakeDecision::Unchanged(number));
    let store_at = async |count, intake| {
        let case = matches!(intake, IntakeDecision::Join(_) | IntakeDecision::Unchanged(_)).then_some(number);
        let received = IntakeResult { intake, case, execution: None };
        let message = QueueMessage { id: "m", body: "{}", receipt_handle: "", receive_count: count, sent_at: None };
        store_finding(&app, &known, received, message, Timestamp::UNIX_EPOCH).await.is_ok()
    };
    assert!(!store_at(1, joined).await && !store_at(2, joined).await);
    assert!(store_at(3, joined).await, "the case continues without it");
    assert_eq!(refused.num_calls(), 3);
    let suppressed = IntakeDecision::Suppress(SuppressReason::DuplicateDelivery);
    assert!(store_at(1, suppressed).await && store_at(1, present).await, "a repeat is not stored again");
    assert_eq!(refused.num_calls(), 3);
    assert!(!store_at(2, present).await, "an earlier delivery may have failed to store it");
}

#[tokio::test]
async fn a_message_that_fails_in_its_last_delivery_is_dead_lettered_with_its_cause() {
    let refused = mock!(DynamoDb::query).then_error(|| {
        QueryError::generic(ErrorMetadata::builder().code("AccessDeniedException").message("no").build())
    });
    let dead_lettered = mock!(Sqs::send_message)
        .match_requests(|request| {
            let attribute = |name: &str| {
                let attributes = request.message_attributes();
                attributes.and_then(|all| all.get(name)?.string_value()).unwrap_or_default().to_owned()
            };
            attribute("error") == "TableRefused" && attribute("cause").contains("Query")
        })
        .then_output(|| SendMessageOutput::builder().build());
    let app = app(&[&refused], &dead_lettered);
    for (delivery, expected) in [("4", vec!["alice"]), ("5", vec![])] {
        let mut message = message("alice", &finding("alice", 8.0));
        message.attributes.insert("ApproximateReceiveCount".to_owned(), delivery.to_owned());
        assert_eq!(failed_message_ids(&app, vec![message]).await, expected, "delivery {delivery}");
    }
    assert_eq!(dead_lettered.num_calls(), 1);
}

#[tokio::test]
async fn a_message_without_exactly_one_finding_is_dead_lettered_with_the_cause() {
    let finding = finding("alice", 8.0);
    for (body, found) in [
        (format!("[{finding}]"), "found a list of 1 item"),
        ("[]".to_owned(), "found an empty list"),
        (format!("{finding}\n{finding}"), "found 2 JSON documents, one after the other"),
        (format!("{{\"Findings\": [{finding}]}}"), "found a GetFindings response with 1 finding"),
        (String::from("\"finding\""), "found a JSON string"),
    ] {
        let dead_lettered = mock!(Sqs::send_message)
            .match_requests(move |request| {
                let attributes = request.message_attributes();
                let attribute = |name| attributes.and_then(|all| all.get(name)?.string_value()).unwrap_or_default();
                attribute("error") == "NotOneFinding"
                    && attribute("cause").starts_with("could not parse the event: expected one finding, a JSON object")
                    && attribute("cause").ends_with(found)
            })
            .then_output(|| SendMessageOutput::builder().build());
        let app = app(&[], &dead_lettered);
        assert!(failed_message_ids(&app, vec![message("several", &body)]).await.is_empty(), "{body}");
        assert_eq!(dead_lettered.num_calls(), 1, "{body}");
    }
}

#[tokio::test]
async fn an_unpaired_surrogate_does_not_block_a_finding() {
    let ([query, get], written, sent) = (empty_table(), write_rule(), send_message_rule());
    let app = app(&[&query, &get, &written], &sent);
    let text = finding("alice", 8.0).replacen("a finding for tests", r"half \ud800 a pair", 1);
    assert!(text.contains(r"\ud800"));
    assert!(failed_message_ids(&app, vec![message("alice", &text)]).await.is_empty());
    assert_eq!((written.num_calls(), sent.num_calls()), (1, 0));
}

#[tokio::test]
async fn an_invalid_message_keeps_its_cause_after_a_failed_send() {
    let throttled = || SendMessageError::generic(ErrorMetadata::builder().code("ThrottlingException").build());
    let named = |request: &SendMessageInput| {
        request.message_attributes().and_then(|all| all.get("error")?.string_value()) == Some("NotJson")
    };
    let queue = mock!(Sqs::send_message)
        .match_requests(named)
        .sequence()
        .error(throttled)
        .output(|| SendMessageOutput::builder().build())
        .build();
    let app = app(&[], &queue);
    let mut message = message("bad", "{ not JSON");
    message.attributes.insert("ApproximateReceiveCount".to_owned(), "5".to_owned());
    assert!(failed_message_ids(&app, vec![message]).await.is_empty(), "sent at the second attempt, with its own name");
    assert_eq!(queue.num_calls(), 2);
}
