use super::*;
use aws_lambda_events::event::sqs::SqsMessage;
use aws_sdk_dynamodb::Client as DynamoDb;
use aws_sdk_dynamodb::operation::get_item::GetItemOutput;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::operation::transact_write_items::{TransactWriteItemsError, TransactWriteItemsOutput};
use aws_sdk_dynamodb::types::CancellationReason;
use aws_sdk_dynamodb::types::error::TransactionCanceledException;
use aws_sdk_sfn::Client as StepFunctions;
use aws_sdk_sfn::operation::start_execution::StartExecutionOutput;
use aws_sdk_sqs::Client as Sqs;
use aws_sdk_sqs::operation::send_message::{SendMessageError, SendMessageOutput};
use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
use aws_smithy_types::error::ErrorMetadata;
use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::executions::Executions;
use gumshoe_domain::Severity;
use serde_json::json;

fn message(id: &str, body: &str) -> SqsMessage {
    let mut message = SqsMessage::default();
    message.message_id = Some(id.to_owned());
    message.body = Some(body.to_owned());
    message
}

fn finding(user: &str, severity: f64) -> String {
    json!({"detail-type": "GuardDuty Finding", "detail": {
        "id": format!("f-{user}"), "accountId": "123456789012", "region": "us-east-1", "partition": "aws", "type": "T",
        "severity": severity, "resource": {"accessKeyDetails": {"userType": "IAMUser", "userName": user}}}})
    .to_string()
}

fn app(table: &[&Rule], queue: &Rule) -> OpenCase {
    let started = mock!(StepFunctions::start_execution).then_output(|| {
        let now = aws_smithy_types::DateTime::from_secs(0);
        StartExecutionOutput::builder().execution_arn("arn").start_date(now).build().unwrap()
    });
    let executions = mock_client!(aws_sdk_sfn, RuleMode::MatchAny, [&started]);
    OpenCase {
        intake: Intake {
            table: CaseTable::new(mock_client!(aws_sdk_dynamodb, RuleMode::MatchAny, table), "Cases".to_owned()),
            executions: Executions::new(executions, "arn:aws:states:us-east-1:1:stateMachine:m".to_owned()),
            realert_after: SignedDuration::from_hours(24),
        },
        dead_letters: DeadLetters::new(mock_client!(aws_sdk_sqs, RuleMode::MatchAny, [queue]), "queue".to_owned()),
        admission: Admission { minimum_severity: Severity::new(4.0).unwrap(), rehearsal: false },
    }
}

async fn failed(app: &OpenCase, messages: Vec<SqsMessage>) -> Vec<String> {
    let mut event = SqsEvent::default();
    event.records = messages;
    let response = handle(app, event, Timestamp::MAX, || Timestamp::UNIX_EPOCH).await.unwrap();
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
async fn one_bad_message_neither_holds_back_nor_repeats_the_others() {
    let [query, get] = empty_table();
    // What is written about "unlucky" never goes through.
    let refused = mock!(DynamoDb::transact_write_items)
        .match_requests(|request| format!("{request:?}").contains("f-unlucky"))
        .then_error(cancelled);
    let written = mock!(DynamoDb::transact_write_items)
        .match_requests(|request| !format!("{request:?}").contains("f-unlucky"))
        .then_output(|| TransactWriteItemsOutput::builder().build());
    let sent = mock!(Sqs::send_message).then_output(|| SendMessageOutput::builder().build());
    let app = app(&[&query, &get, &refused, &written], &sent);
    let messages = vec![
        message("first", &finding("alice", 8.0)),
        message("nonsense", "{"),
        message("unlucky", &finding("unlucky", 8.0)),
        message("below", &finding("carol", 3.9)),
        message("last", &finding("bob", 8.0)),
    ];
    assert_eq!(failed(&app, messages).await, ["unlucky"]);
    assert_eq!(written.num_calls(), 2, "alice and bob");
    assert_eq!(sent.num_calls(), 1, "the nonsense is dead-lettered");
}

#[tokio::test]
async fn what_cannot_even_be_dead_lettered_goes_back_to_the_queue() {
    let [query, get] = empty_table();
    let refused = mock!(Sqs::send_message)
        .then_error(|| SendMessageError::generic(ErrorMetadata::builder().code("AccessDenied").message("no").build()));
    let app = app(&[&query, &get], &refused);
    assert_eq!(failed(&app, vec![message("nonsense", "{"), message("empty", "")]).await, ["nonsense", "empty"]);
}

#[tokio::test]
async fn without_time_the_rest_of_a_batch_goes_back_to_the_queue() {
    let [query, get] = empty_table();
    let sent = mock!(Sqs::send_message).then_output(|| SendMessageOutput::builder().build());
    let app = app(&[&query, &get], &sent);
    let mut event = SqsEvent::default();
    event.records = vec![message("nonsense", "{"), message("late", "{")];
    let deadline = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(100);
    let clock = std::cell::Cell::new(Timestamp::UNIX_EPOCH);
    let response = handle(&app, event, deadline, || clock.replace(clock.get() + SignedDuration::from_secs(25)));
    let failures = response.await.unwrap().batch_item_failures;
    assert_eq!(failures.iter().map(|it| it.item_identifier.as_str()).collect::<Vec<_>>(), ["late"]);
    assert_eq!(sent.num_calls(), 1);
}
