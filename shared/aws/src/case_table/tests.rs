use super::items::{self, case_sort_key};
use super::*;
use aws_sdk_dynamodb::operation::get_item::GetItemOutput;
use aws_sdk_dynamodb::operation::transact_write_items::{TransactWriteItemsError, TransactWriteItemsOutput};
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::CancellationReason;
use aws_sdk_dynamodb::types::error::TransactionCanceledException;
use aws_sdk_dynamodb::types::error::TransactionConflictException;
use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
use aws_smithy_types::error::ErrorMetadata;
use gumshoe_domain::case::{
    CaseNumber, CaseProgress, CaseWrite, Change, Condition, FindingRecord, IntakeDecision, case_subject,
};
use gumshoe_domain::{CaseKey, Finding};
use jiff::Timestamp;
use testkit::findings;

fn finding() -> Finding {
    testkit::finding(&findings::user_finding("alice", "f1"))
}

fn number(sequence: u32, second: i64) -> CaseNumber {
    CaseNumber { sequence, opened_at: Timestamp::from_second(second).unwrap() }
}

#[test]
fn records_are_unchanged_after_a_write_and_a_read() {
    let finding = finding();
    let subject = case_subject(&finding);
    let progress = CaseProgress::opened(number(7, 0));
    let case = items::case(&items::new_case(&subject, &finding.principal, &progress).unwrap()).unwrap();
    assert_eq!((case.key, case.progress), (CaseKey::new(&subject, number(7, 0)), progress));
    assert_eq!(case.principal, finding.principal);
    let record = FindingRecord { finding, case: number(7, 0), suppressed_count: 2, version: 3 };
    let item = items::finding_item("s", &record, Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(items::finding(&item).unwrap(), record);
    assert_eq!(item.get("expires_at"), Some(&items::number(100 * 24 * 3600)));
}

#[test]
fn a_case_from_before_follow_ups_is_readable() {
    let finding = finding();
    let progress = CaseProgress::opened(number(1, 0));
    let item = items::new_case(&case_subject(&finding), &finding.principal, &progress).unwrap();
    for later in ["first_attempt", "watch_until", "second_look_at", "notified_before", "listed"] {
        assert!(!item.contains_key(later), "{later}");
    }
    assert_eq!(items::case(&item).unwrap().progress, progress);
}

#[tokio::test]
async fn due_cases_are_read_from_the_index_page_by_page() {
    let services = testkit::FakeAws::default();
    let table = CaseTable::new(crate::clients::DynamoDb::new(&services.configuration()), "Cases".to_owned());
    for (subject, until) in [("b", Some(5)), ("a", Some(6)), ("late", Some(9)), ("unlisted", None)] {
        let case = CaseProgress::opened(number(7, 0));
        let mut item = items::new_case(subject, &finding().principal, &case).unwrap();
        if let Some(second) = until {
            let until = Timestamp::from_second(second).unwrap();
            item.insert("watch_until".to_owned(), items::text(until.to_string()));
            item.insert("listed".to_owned(), items::text(items::FOLLOW_UP_PARTITION));
        }
        let json = |value: &AttributeValue| match value {
            AttributeValue::S(text) => serde_json::json!({ "S": text }),
            AttributeValue::N(number) => serde_json::json!({ "N": number }),
            other => panic!("{other:?}"),
        };
        services.put_item(item.iter().map(|(name, value)| (name.clone(), json(value))).collect());
    }
    services.set_page_size(1);
    let due = async |most| {
        let listed = table.due_follow_ups(Timestamp::from_second(6).unwrap(), most).await.unwrap();
        listed.into_iter().map(|it| (it.subject, it.sequence)).collect::<Vec<_>>()
    };
    assert_eq!(due(9).await, [("b".to_owned(), 7), ("a".to_owned(), 7)]);
    assert_eq!(due(1).await, [("b".to_owned(), 7)]);
}

#[test]
fn the_error_for_an_invalid_item_names_the_attribute() {
    let error = items::case(&items::key("s", case_sort_key(1))).unwrap_err();
    assert_eq!(error.to_string(), "attribute case_sequence of item case#0000000001 of s is missing or invalid");
}

#[tokio::test]
async fn opening_a_case_writes_case_and_finding_in_one_transaction_if_neither_exists() {
    let both = mock!(Client::transact_write_items)
        .match_requests(|request| {
            let puts: Vec<_> = request.transact_items().iter().filter_map(|write| write.put()).collect();
            puts.len() == 2
                && puts.iter().all(|put| put.condition_expression() == Some("attribute_not_exists(subject)"))
        })
        .then_output(|| TransactWriteItemsOutput::builder().build());
    let table = CaseTable::new(mock_client!(aws_sdk_dynamodb, [&both]), "Cases".to_owned());
    write_finding(&table, IntakeDecision::Open(number(1, 0))).await.unwrap();
    assert_eq!(both.num_calls(), 1);
}

fn cancelled(code: &'static str) -> Rule {
    mock!(Client::transact_write_items).then_error(move || {
        let meta = ErrorMetadata::builder().code("TransactionCanceledException").build();
        let reasons = [CancellationReason::builder().code("None"), CancellationReason::builder().code(code)];
        let reasons = reasons.map(|reason| reason.build()).to_vec();
        let error = TransactionCanceledException::builder().set_cancellation_reasons(Some(reasons)).meta(meta).build();
        TransactWriteItemsError::TransactionCanceledException(error)
    })
}

async fn joined(rule: &Rule) -> Result<(), TableError> {
    let table = CaseTable::new(mock_client!(aws_sdk_dynamodb, RuleMode::MatchAny, [rule]), "Cases".to_owned());
    write_finding(&table, IntakeDecision::Join(number(1, 0))).await
}

async fn write_finding(table: &CaseTable, intake: IntakeDecision) -> Result<(), TableError> {
    let write = intake.write(finding().state(), None).unwrap();
    table.write_finding(&finding(), &write, Timestamp::UNIX_EPOCH).await
}

#[tokio::test]
async fn only_a_failed_condition_is_reported_as_a_concurrent_change() {
    let rule = cancelled("ConditionalCheckFailed");
    assert!(matches!(joined(&rule).await, Err(TableError::ConditionFailed(_))));
    assert_eq!(rule.num_calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_transaction_conflict_is_retried_and_is_no_concurrent_change() {
    let rule = cancelled("TransactionConflict");
    assert_eq!(joined(&rule).await.unwrap_err().error_name(), "TableUnavailable");
    assert_eq!(rule.num_calls(), 6);
    let rule = cancelled("ThrottlingError");
    assert_eq!(joined(&rule).await.unwrap_err().error_name(), "TableUnavailable");
    assert_eq!(rule.num_calls(), 1);
    let rule = cancelled("ValidationError");
    assert_eq!(joined(&rule).await.unwrap_err().error_name(), "TableRefused");
}

#[tokio::test(start_paused = true)]
async fn a_transaction_conflict_is_never_taken_for_a_recorded_publication() {
    let conflict = mock!(Client::update_item).then_error(|| {
        let meta = ErrorMetadata::builder().code("TransactionConflictException").build();
        UpdateItemError::TransactionConflictException(TransactionConflictException::builder().meta(meta).build())
    });
    let client = mock_client!(aws_sdk_dynamodb, RuleMode::MatchAny, [&conflict]);
    let table = CaseTable::new(client, "Cases".to_owned());
    let key = CaseKey::new("s", number(1, 0));
    let write = CaseWrite::new([Condition::PublishedBelow(1)], [Change::Publish(1, Timestamp::UNIX_EPOCH)]);
    assert!(table.write(&key, &write, None).await.is_err());
}

#[tokio::test]
async fn a_later_case_with_the_same_number_is_not_returned() {
    let stored = finding();
    let subject = case_subject(&stored);
    let later = CaseKey::new(&subject, number(1, 1));
    let item = items::new_case(&subject, &stored.principal, &CaseProgress::opened(number(1, 1))).unwrap();
    let found =
        mock!(Client::get_item).then_output(move || GetItemOutput::builder().set_item(Some(item.clone())).build());
    let client = mock_client!(aws_sdk_dynamodb, RuleMode::MatchAny, [&found]);
    let table = CaseTable::new(client, "Cases".to_owned());
    let key = CaseKey::new(&subject, number(1, 0));
    assert!(matches!(table.case(&key).await, Err(TableError::NoSuchCase { sequence: 1, .. })));
    assert!(table.case(&later).await.is_ok());
}
