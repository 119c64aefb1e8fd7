//! Messages that somebody forged: none silences what send-alert publishes.

use super::*;
use aws_sdk_dynamodb::operation::get_item::GetItemError;
use gumshoe_aws::case_table::CaseTable;
use gumshoe_domain::verdict::AlertCause;

/// The alert of that case under that revision, which resolves it.
fn resolving(case: &fixtures::Case, revision: u32) -> String {
    let mut taken_back = case.clone();
    taken_back.assessment.alert_cause = Some(AlertCause::Resolved);
    alert(&taken_back, revision)
}

impl Scene {
    fn claim(&self, revision: u32) {
        self.claimed.store(revision, Ordering::SeqCst);
    }

    /// The attribute `error` of each dead letter.
    fn errors(&self) -> Vec<String> {
        self.letters.lock().unwrap().iter().map(|(error, _)| error.clone()).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn a_forged_revision_is_dead_lettered_and_the_real_ones_after_it_are_delivered() {
    let (scene, case) = (scene(), fixtures::high_risk());
    scene.claim(1);
    assert!(scene.relayed(&alert(&case, 1)).await);
    for forged in [alert(&case, u32::MAX), resolving(&case, u32::MAX), alert(&case, 0)] {
        assert!(scene.relayed(&forged).await, "it is no failure: the queue must not deliver it again");
    }
    assert_eq!(scene.taken(), [1, 1, 1], "no channel received it");
    assert_eq!(scene.errors(), ["RevisionNotClaimed"; 3]);
    let (_, cause) = scene.letters.lock().unwrap()[0].clone();
    assert!(cause.contains("revision 4294967295 was never claimed; the last revision that was is 1"), "{cause}");
    scene.claim(2);
    assert!(scene.relayed(&alert(&case, 2)).await);
    assert_eq!(scene.taken(), [2, 2, 2]);
    assert!(matches!(scene.services.incidents()[0].state, IncidentState::Triggered));
}

#[tokio::test(start_paused = true)]
async fn what_was_never_alerted_is_not_resolved() {
    let (scene, case) = (scene(), fixtures::high_risk());
    scene.claim(1);
    assert!(scene.relayed(&resolving(&case, 1)).await);
    scene.claim(0);
    assert!(scene.relayed(&resolving(&case, 2)).await);
    let mut elsewhere = case.alert();
    elsewhere.case_id = "nothing".to_owned();
    assert!(scene.relayed(&json::body(&elsewhere).unwrap()).await);
    assert_eq!(
        (scene.taken(), scene.errors()),
        ([0; 3], ["NothingToResolve", "UnknownCase", "UnknownCase"].map(String::from).to_vec())
    );
}

#[tokio::test(start_paused = true)]
async fn a_noted_revision_that_was_never_claimed_holds_nothing_back() {
    let (scene, case) = (scene(), fixtures::high_risk());
    scene.claim(1);
    scene.item.send_modify(|item| {
        item.insert("delivered_slack".to_owned(), AttributeValue::N(u32::MAX.to_string()));
    });
    assert!(scene.relayed(&alert(&case, 1)).await && scene.relayed(&alert(&case, 1)).await);
    assert_eq!(scene.taken(), [1, 1, 1], "and it is noted anew");
}

#[tokio::test(start_paused = true)]
async fn a_case_that_cannot_be_read_refuses_nothing() {
    let (mut scene, case) = (scene(), fixtures::high_risk());
    let held = mock!(DynamoDb::update_item).then_output(|| UpdateItemOutput::builder().build());
    let failing = mock!(DynamoDb::get_item)
        .then_error(|| GetItemError::generic(ErrorMetadata::builder().code("InternalServerError").build()));
    let client = mock_client!(aws_sdk_dynamodb, RuleMode::MatchAny, [&held, &failing]);
    scene.app.table = CaseTable::new(client, "Cases".to_owned());
    assert!(!scene.relayed(&alert(&case, 1)).await, "the queue delivers it again");
    assert_eq!((scene.taken(), scene.errors()), ([0; 3], Vec::new()));
    assert!(held.num_calls() == 2, "it is held, and let go of");
}

/// Only alerts count revisions of a case.
#[tokio::test(start_paused = true)]
async fn an_alarm_needs_no_case() {
    let scene = scene();
    scene.claim(0);
    let alarm =
        json!({"AlarmName": "DeadLetters", "NewStateValue": "ALARM", "StateChangeTime": "2026-01-15T12:50:00Z"});
    assert!(scene.relayed(&alarm.to_string()).await);
    assert_eq!(scene.taken(), [1, 1, 1]);
}
