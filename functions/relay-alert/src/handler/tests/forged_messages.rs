//! Forged messages do not suppress what send-alert publishes.

use super::*;
use aws_sdk_dynamodb::operation::get_item::GetItemError;
use gumshoe_aws::case_table::CaseTable;
use gumshoe_domain::verdict::AlertCause;

/// The alert of that case under that revision, which resolves it.
fn resolving(case: &fixtures::Case, revision: u32) -> String {
    let mut resolved = case.clone();
    resolved.assessment.alert_cause = Some(AlertCause::Resolved);
    alert(&resolved, revision)
}

impl Scene {
    fn claim(&self, revision: u32) {
        self.claimed.store(revision, Ordering::SeqCst);
    }

    /// The attribute `error` of each dead-letter message.
    fn errors(&self) -> Vec<String> {
        self.dead_letters.lock().unwrap().iter().map(|(error, _)| error.clone()).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn forged_revision_is_dead_lettered_and_real_ones_are_delivered() {
    let (scene, case) = (scene(), fixtures::high_risk());
    scene.claim(1);
    assert!(scene.relay(&alert(&case, 1)).await);
    for forged in [alert(&case, u32::MAX), resolving(&case, u32::MAX), alert(&case, 0)] {
        assert!(scene.relay(&forged).await, "it is not a failure: SQS must not redeliver it");
    }
    assert_eq!(scene.accepted_counts(), [1, 1, 1], "no channel received it");
    assert_eq!(scene.errors(), ["RevisionNotClaimed"; 3]);
    let (_, cause) = scene.dead_letters.lock().unwrap()[0].clone();
    assert!(cause.contains("revision 4294967295 was never claimed (last claimed: 1)"), "{cause}");
    scene.claim(2);
    assert!(scene.relay(&alert(&case, 2)).await);
    assert_eq!(scene.accepted_counts(), [2, 2, 2]);
    assert!(matches!(scene.services.incidents()[0].state, IncidentState::Triggered));
}

#[tokio::test(start_paused = true)]
async fn resolution_without_an_alert_is_rejected() {
    let (scene, case) = (scene(), fixtures::high_risk());
    scene.claim(1);
    assert!(scene.relay(&resolving(&case, 1)).await);
    scene.claim(0);
    assert!(scene.relay(&resolving(&case, 2)).await);
    let mut unknown = case.alert();
    unknown.case_id = "nothing".to_owned();
    assert!(scene.relay(&json::body(&unknown).unwrap()).await);
    assert_eq!(
        (scene.accepted_counts(), scene.errors()),
        ([0; 3], ["NothingToResolve", "UnknownCase", "UnknownCase"].map(String::from).to_vec())
    );
}

#[tokio::test(start_paused = true)]
async fn recorded_revision_without_a_claim_blocks_nothing() {
    let (scene, case) = (scene(), fixtures::high_risk());
    scene.claim(1);
    scene.item.send_modify(|item| {
        item.insert("delivered_slack".to_owned(), AttributeValue::N(u32::MAX.to_string()));
    });
    assert!(scene.relay(&alert(&case, 1)).await && scene.relay(&alert(&case, 1)).await);
    assert_eq!(scene.accepted_counts(), [1, 1, 1], "and it is recorded again");
}

#[tokio::test(start_paused = true)]
async fn unreadable_case_rejects_nothing() {
    let (mut scene, case) = (scene(), fixtures::high_risk());
    let held = mock!(DynamoDb::update_item).then_output(|| UpdateItemOutput::builder().build());
    let failing = mock!(DynamoDb::get_item)
        .then_error(|| GetItemError::generic(ErrorMetadata::builder().code("InternalServerError").build()));
    let client = mock_client!(aws_sdk_dynamodb, RuleMode::MatchAny, [&held, &failing]);
    scene.app.table = CaseTable::new(client, "Cases".to_owned());
    assert!(!scene.relay(&alert(&case, 1)).await, "SQS redelivers it");
    assert_eq!((scene.accepted_counts(), scene.errors()), ([0; 3], Vec::new()));
    assert!(held.num_calls() == 2, "the lease is acquired and released");
}

/// Only alerts count revisions of a case.
#[tokio::test(start_paused = true)]
async fn alarm_needs_no_case() {
    let scene = scene();
    scene.claim(0);
    let alarm =
        json!({"AlarmName": "DeadLetters", "NewStateValue": "ALARM", "StateChangeTime": "2026-01-15T12:50:00Z"});
    assert!(scene.relay(&alarm.to_string()).await);
    assert_eq!(scene.accepted_counts(), [1, 1, 1]);
}
