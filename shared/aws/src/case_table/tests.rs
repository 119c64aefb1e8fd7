use super::*;
use aws_sdk_dynamodb::operation::get_item::GetItemOutput;
use aws_sdk_dynamodb::operation::transact_write_items::{TransactWriteItemsError, TransactWriteItemsOutput};
use aws_sdk_dynamodb::types::error::TransactionCanceledException;
use aws_smithy_mocks::{RuleMode, mock, mock_client};
use aws_smithy_types::error::ErrorMetadata;
use serde_json::json;

fn finding() -> Finding {
    Finding::from_json(&json!({
        "id": "f1", "accountId": "123456789012", "region": "us-east-1", "partition": "aws", "type": "T", "severity": 5,
        "resource": {"accessKeyDetails": {"userType": "IAMUser", "userName": "alice"}}
    }))
    .unwrap()
}

#[test]
fn records_survive_the_table() {
    let finding = finding();
    let key = CaseKey::new(&subject_of(&finding), 7, Timestamp::UNIX_EPOCH);
    let case = items::case(&items::new_case(&key, &finding.principal, Timestamp::UNIX_EPOCH).unwrap()).unwrap();
    assert_eq!((case.key, case.status, case.joined), (key, CaseStatus::Open, 1));
    assert_eq!(case.principal, finding.principal);
    let record = FindingRecord { finding, case_sequence: 7, suppressed: 2, version: 3 };
    let item = items::finding_item("s", &record, Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(items::finding(&item).unwrap(), record);
    assert_eq!(item.get("expires_at"), Some(&number(100 * 24 * 3600)));
}

#[test]
fn an_unreadable_item_is_named_with_its_attribute() {
    let error = items::case(&items::key("s", case_sort_key(1))).unwrap_err();
    assert_eq!(error.to_string(), "item case#0000000001 of s has no readable attribute case_sequence");
}

#[tokio::test]
async fn opening_writes_the_case_and_the_finding_at_once_and_only_if_neither_is_there() {
    let both = mock!(Client::transact_write_items)
        .match_requests(|request| {
            let puts: Vec<_> = request.transact_items().iter().filter_map(|write| write.put()).collect();
            puts.len() == 2
                && puts.iter().all(|put| put.condition_expression() == Some("attribute_not_exists(subject)"))
        })
        .then_output(|| TransactWriteItemsOutput::builder().build());
    let table = CaseTable::new(mock_client!(aws_sdk_dynamodb, [&both]), "Cases".to_owned());
    table.carry_out(Intake::Open { sequence: 1 }, &finding(), None, Timestamp::UNIX_EPOCH).await.unwrap();
    assert_eq!(both.num_calls(), 1);
}

#[tokio::test]
async fn a_condition_that_fails_means_that_somebody_else_was_faster() {
    let cancelled = mock!(Client::transact_write_items).then_error(|| {
        let meta = ErrorMetadata::builder().code("TransactionCanceledException").build();
        let error = TransactionCanceledException::builder().meta(meta).build();
        TransactWriteItemsError::TransactionCanceledException(error)
    });
    let client = mock_client!(aws_sdk_dynamodb, RuleMode::MatchAny, [&cancelled]);
    let table = CaseTable::new(client, "Cases".to_owned());
    let joined = table.carry_out(Intake::Join { sequence: 1 }, &finding(), None, Timestamp::UNIX_EPOCH).await;
    assert!(matches!(joined, Err(TableError::Changed(_))));
}

#[tokio::test]
async fn a_later_case_under_the_same_number_is_not_taken_for_this_one() {
    let stored = finding();
    let subject = subject_of(&stored);
    let later = CaseKey::new(&subject, 1, Timestamp::from_second(1).unwrap());
    let item = items::new_case(&later, &stored.principal, Timestamp::UNIX_EPOCH).unwrap();
    let found =
        mock!(Client::get_item).then_output(move || GetItemOutput::builder().set_item(Some(item.clone())).build());
    let client = mock_client!(aws_sdk_dynamodb, RuleMode::MatchAny, [&found]);
    let table = CaseTable::new(client, "Cases".to_owned());
    let key = CaseKey::new(&subject, 1, Timestamp::UNIX_EPOCH);
    assert!(matches!(table.case(&key).await, Err(TableError::NoSuchCase { sequence: 1, .. })));
    assert!(table.case(&later).await.is_ok());
}
