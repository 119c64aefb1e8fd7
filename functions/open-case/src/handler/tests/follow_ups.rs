//! The sweep of follow-up investigations that are due.

use super::*;
use aws_sdk_dynamodb::operation::update_item::UpdateItemOutput;
use aws_sdk_dynamodb::types::AttributeValue;
use gumshoe_domain::principal::{NotInvestigableReason, Principal};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

const SWEEP: &str = r#"{"second_looks":"due"}"#;

type Item = HashMap<String, AttributeValue>;

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn number(value: u32) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn key_of(subject: &str) -> CaseKey {
    CaseKey::new(subject, CaseNumber { sequence: 1, opened_at: Timestamp::UNIX_EPOCH })
}

/// A case in that status whose follow-up investigation is due.
fn due_case(subject: &str, status: &str) -> Item {
    Item::from([
        ("subject".to_owned(), text(subject)),
        ("item".to_owned(), text("case#0000000001")),
        ("case_id".to_owned(), text(key_of(subject).case_id)),
        ("case_sequence".to_owned(), number(1)),
        ("opened_at".to_owned(), text(Timestamp::UNIX_EPOCH.to_string())),
        ("status".to_owned(), text(status)),
        ("principal".to_owned(), text(serde_json::to_string(&Principal::none(NotInvestigableReason::NoName)).unwrap())),
        ("joined".to_owned(), number(1)),
        ("renewed".to_owned(), number(0)),
        ("execution_attempt".to_owned(), number(if status == "WATCHING" { 1 } else { 2 })),
        ("assessments".to_owned(), number(1)),
        ("claimed_revision".to_owned(), number(0)),
        ("published_revision".to_owned(), number(0)),
        ("watch_until".to_owned(), text(Timestamp::UNIX_EPOCH.to_string())),
        ("listed".to_owned(), text("SECOND_LOOK")),
    ])
}

/// The index has these cases. The rules record the writes; after them the table has the cases in their follow-up investigation.
fn table(subjects: &'static [(&'static str, &'static str)]) -> ([Rule; 3], Arc<Mutex<Vec<String>>>) {
    let written = Arc::new(Mutex::new(Vec::new()));
    let due =
        mock!(DynamoDb::query).match_requests(|request| request.index_name() == Some("second-looks")).then_output(
            || QueryOutput::builder().set_items(Some(subjects.iter().map(|(s, it)| due_case(s, it)).collect())).build(),
        );
    let begun = written.clone();
    let read = mock!(DynamoDb::get_item).then_compute_output(move |request| {
        let subject = request.key().and_then(|key| key["subject"].as_s().ok().cloned()).unwrap_or_default();
        let (_, status) = subjects.iter().find(|(it, _)| *it == subject).unwrap();
        let is_begun = begun.lock().unwrap().iter().any(|it: &String| it.starts_with(&subject));
        GetItemOutput::builder().set_item(Some(due_case(&subject, if is_begun { "SEALED" } else { status }))).build()
    });
    let writes = written.clone();
    let write = mock!(DynamoDb::update_item).then_compute_output(move |request| {
        let subject = request.key().and_then(|key| key["subject"].as_s().ok().cloned()).unwrap_or_default();
        writes.lock().unwrap().push(format!("{subject}: {}", request.update_expression().unwrap_or_default()));
        UpdateItemOutput::builder().build()
    });
    ([due, read, write], written)
}

#[tokio::test]
async fn a_due_follow_up_is_started_and_then_removed_from_the_index() {
    let ([due, read, write], written) = table(&[("a", "WATCHING")]);
    let sent = send_message_rule();
    let app = app(&[&due, &read, &write], &sent);
    assert!(failed_message_ids(&app, vec![message("sweep", SWEEP)]).await.is_empty());
    let written = written.lock().unwrap().clone();
    assert_eq!(written.len(), 2, "{written:?}");
    assert!(written[0].contains("second_look_at") && !written[0].contains("REMOVE"), "{written:?}");
    assert!(written[1].ends_with("REMOVE watch_until, listed"), "{written:?}");
    assert_eq!(sent.num_calls(), 0);
}

#[tokio::test]
async fn a_follow_up_whose_starter_crashed_is_started_and_removed_from_the_index() {
    let ([due, read, write], written) = table(&[("a", "SEALED")]);
    let sent = send_message_rule();
    let app = app(&[&due, &read, &write], &sent);
    assert!(failed_message_ids(&app, vec![message("sweep", SWEEP)]).await.is_empty());
    let written = written.lock().unwrap().clone();
    assert!(matches!(written.as_slice(), [one] if one.ends_with("REMOVE watch_until, listed")), "{written:?}");
}

#[tokio::test]
async fn one_failed_case_does_not_delay_the_others_and_the_message_is_delivered_again() {
    let ([due, read, write], written) = table(&[("broken", "INVALID"), ("a", "WATCHING")]);
    let sent = send_message_rule();
    let app = app(&[&due, &read, &write], &sent);
    assert_eq!(failed_message_ids(&app, vec![message("sweep", SWEEP)]).await, ["sweep"]);
    assert_eq!(written.lock().unwrap().len(), 2, "the other began");
}
