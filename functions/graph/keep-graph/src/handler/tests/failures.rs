//! Invalid documents, failing services, interrupted and concurrent runs.

use super::*;
use gumshoe_graph::NOTIFY_CLAIM_TTL;
use simulator::{ApiFault, FaultKind};
use std::time::Duration;
use tokio::time::timeout;

/// The longest wait for a call.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn invalid_document_is_notified_once_with_its_path_and_changes_nothing() {
    let twice = r#"{"account_id": "000000000001", "email": "a@example.com"}"#;
    for (document, path) in [
        (document_with(r#", "member": {}"#), "member: unknown field"),
        (
            document_with(r#", "members": {"accounts": [{"account_id": "1", "email": "a@example.com"}]}"#),
            "members.accounts[0].account_id",
        ),
        (
            document_with(&format!(r#", "members": {{"accounts": [{twice}, {twice}]}}"#)),
            "members.accounts[1].account_id",
        ),
        (
            document_with(r#", "members": {"accounts": [{"account_id": "000000000001"}]}"#),
            "members.accounts[0]: missing field `email`",
        ),
    ] {
        let scene = Scene::new(&document);
        let error = scene.run(json!({"mode": "apply"})).await.unwrap_err();
        assert_eq!(error.error_name(), "GraphDocumentWrong");
        let text = gumshoe_domain::error::with_causes(&error);
        assert!(text.contains(path), "{text}");
        let by_queue = scene.run(json!({"Records": [{"body": "{}"}]})).await.unwrap();
        assert!(by_queue.issues[0].contains(path), "{:?}", by_queue.issues);
        assert_eq!(scene.published().len(), 1, "notified once");
        assert!(scene.call_counts().is_empty(), "Detective is not called");
        // Corrected, and invalid again: notified again.
        scene.set_document(&document_with(""));
        scene.plan().await;
        scene.set_document(&document);
        scene.run(json!({"Records": []})).await.unwrap();
        assert_eq!(scene.published().len(), 2);
    }
}

#[tokio::test]
async fn change_made_by_another_run_is_not_a_failure() {
    let scene = Scene::new(&document_with(&listed_accounts(1..=2)));
    // Another run adds the second member first.
    let arn = scene.graph_arn();
    let account = gumshoe_graph::Account { account_id: id(2), email: email(2) };
    let slow = ApiFault::new("ListMembers", FaultKind::Latency).milliseconds(300);
    scene.simulator.add_fault(slow);
    let run = scene.run(json!({"mode": "apply"}));
    let other = async {
        // The run has read the members when ListMembers is in the journal; its response is delayed.
        let listed = async {
            while !scene.call_counts().contains_key("ListMembers") {
                tokio::task::yield_now().await;
            }
        };
        assert!(timeout(CALL_TIMEOUT, listed).await.is_ok(), "ListMembers was not called within {CALL_TIMEOUT:?}");
        scene.app.graph.add_members(&arn, &[account], false).await.unwrap()
    };
    let (done, _) = futures_util::join!(run, other);
    let done = done.unwrap();
    assert!(done.applied.failed.is_empty(), "{:?}", done.applied.failed);
    assert_eq!(members(&scene).await.len(), 2);
}

#[tokio::test]
async fn next_run_completes_throttled_changes() {
    let scene = Scene::new(&document_with(&listed_accounts(1..=120)));
    // The SDK tries three times, so the first of three batches fails.
    scene.simulator.add_fault(ApiFault::new("CreateMembers", FaultKind::Throttle).times(3));
    let error = scene.run(json!({"mode": "apply"})).await.unwrap_err();
    assert_eq!(error.error_name(), "GraphUnfinished");
    assert!(error.to_string().starts_with("2 changes were completed, 1 remain"), "{error}");
    assert_eq!(members(&scene).await.len(), 70);
    let done = scene.apply().await;
    assert_eq!(done.applied.completed, [format!("CreateMembers 50 accounts, {} to {}", id(1), id(50))]);
    assert_eq!(members(&scene).await.len(), 120);
}

#[tokio::test]
async fn denied_call_fails_the_run_but_no_other_change() {
    let scene = Scene::new(&format!(
        r#"{{"graph": {{"enabled": true, "tags": {{"a": "1"}}}}, "packages": ["EKS_AUDIT"]{}}}"#,
        listed_accounts(1..=1)
    ));
    scene.simulator.add_fault(ApiFault::new("TagResource", FaultKind::AccessDenied));
    let error = scene.run(json!({"mode": "apply"})).await.unwrap_err();
    assert_eq!(error.error_name(), "GraphAccessDenied");
    assert!(error.to_string().contains("TagResource"), "{error}");
    assert_eq!(members(&scene).await.len(), 1);
    assert_eq!(scene.apply().await.applied.completed, ["TagResource 1 tags"], "the other changes were completed");
    // A denied read fails the run immediately.
    scene.simulator.add_fault(ApiFault::new("ListMembers", FaultKind::AccessDenied));
    assert_eq!(scene.run(json!({})).await.unwrap_err().error_name(), "GraphAccessDenied");
}

#[tokio::test]
async fn next_run_completes_interrupted_run() {
    let scene = Scene::new(&document_with(&listed_accounts(1..=120)));
    // Each response is lost after the call was processed.
    scene.simulator.add_fault(ApiFault::new("CreateMembers", FaultKind::Drop).after_work().times(3));
    let first = scene.run(json!({"mode": "apply"})).await;
    assert_eq!(first.unwrap_err().error_name(), "GraphUnfinished");
    let done = scene.apply().await;
    assert!(done.plan.is_empty(), "all changes were made: {:?}", done.plan);
    assert_eq!(members(&scene).await.len(), 120);

    // Without time left, no call is made, and the next run makes it.
    let scene = Scene::new(&document_with(&listed_accounts(1..=1)));
    let error = handle(&scene.app, json!({"mode": "apply"}), scene::now(), scene::now).await.unwrap_err();
    assert!(error.error_name() == "GraphUnfinished" && error.to_string().contains("timeout was reached"), "{error}");
    assert!(!scene.call_counts().contains_key("CreateMembers"));
    scene.apply().await;
    assert_eq!(members(&scene).await.len(), 1);
}

#[tokio::test]
async fn concurrent_runs_have_the_same_result_and_notify_once() {
    let scene = Scene::new(&document_with(&listed_accounts(1..=60)));
    let (one, two) = futures_util::join!(scene.run(json!({"mode": "apply"})), scene.run(json!({"mode": "apply"})));
    for run in [one, two] {
        let run = run.unwrap();
        assert!(run.applied.failed.is_empty(), "{:?}", run.applied.failed);
    }
    assert_eq!(members(&scene).await.len(), 60);
    assert!(scene.apply().await.plan.is_empty());
    for number in 1..=2 {
        let reason = Some(DisabledReason::VolumeTooHigh);
        scene.simulator.set_member(own_graph(), &id(number), SimulatedStatus::AcceptedButDisabled, reason).unwrap();
    }
    let before = scene.published().len();
    let (one, two) = futures_util::join!(scene.run(json!({})), scene.run(json!({})));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(scene.published().len(), before + 1);
}

#[tokio::test]
async fn unpublished_notice_is_published_by_the_next_run_as_possible_repeat() {
    let scene = Scene::new(&document_with(&listed_accounts(1..=1)));
    scene.simulator.set_graph_exists_in(own_graph(), false);
    scene.aws.fail_next("Publish", testkit::CallFault::Unavailable);
    assert_eq!(scene.run(json!({})).await.unwrap_err().error_name(), "TopicUnavailable");
    scene.plan().await;
    let published = scene.published();
    assert_eq!(published.len(), 1);
    assert!(published[0].contains(r#"\"repeated\":true"#), "{}", published[0]);
    // The claim of a run that stopped before publishing prevents other notices only until it expires.
    let (version, known) = scene.app.notified_table.read_notified().await.unwrap();
    let claim =
        Some(gumshoe_graph::Claim { expires_at: scene::now() + NOTIFY_CLAIM_TTL, revision: known.revision + 1 });
    let interrupted = gumshoe_graph::NotifiedState { fingerprints: std::collections::BTreeMap::new(), claim, ..known };
    assert!(scene.app.notified_table.write_notified(version, &interrupted).await.unwrap());
    scene.plan().await;
    assert_eq!(scene.published().len(), 1, "the other run may be publishing");
    handle(&scene.app, json!({}), Timestamp::MAX, || scene::now() + NOTIFY_CLAIM_TTL + NOTIFY_CLAIM_TTL).await.unwrap();
    assert_eq!(scene.published().len(), 2);
}

#[tokio::test]
async fn unreadable_organization_adds_and_removes_no_member() {
    let scene = Scene::new(&document_with(r#", "members": {"organization": true}, "changes": "full""#));
    let account = gumshoe_graph::Account { account_id: id(1), email: email(1) };
    scene.app.graph.add_members(&scene.graph_arn(), &[account], false).await.unwrap();
    let unchanged = scene.apply().await;
    assert!(unchanged.plan.is_empty());
    assert!(unchanged.plan.skipped[0].reason.contains("ListAccounts was denied"), "{:?}", unchanged.plan);
    assert!(unchanged.issues[0].contains("the organization's accounts"));
}

#[tokio::test]
async fn rejected_account_is_reported_and_does_not_fail_the_run() {
    let scene = Scene::new(&document_with(&listed_accounts(1..=2)));
    let fault = ApiFault::new("StartMonitoringMember", FaultKind::Error).error("ServiceQuotaExceededException");
    scene.apply().await;
    let reason = Some(DisabledReason::VolumeTooHigh);
    scene.simulator.set_member(own_graph(), &id(1), SimulatedStatus::AcceptedButDisabled, reason).unwrap();
    scene.simulator.add_fault(fault);
    let done = scene.apply().await;
    assert!(done.applied.failed[0].reason.contains("ServiceQuotaExceededException"), "{:?}", done.applied.failed);
    assert!(done.issues[0].contains("VOLUME_TOO_HIGH"));
}

#[tokio::test]
async fn unprocessed_account_is_reported_unless_another_run_changed_it() {
    let scene = Scene::new(&document_with(&listed_accounts(1..=1)));
    scene.apply().await;
    scene.simulator.set_member(own_graph(), &id(1), SimulatedStatus::VerificationFailed, None).unwrap();
    let actual = observe::current_state(&scene.app, &read_document(&scene.app).await.unwrap()).await.unwrap();
    let failed = |account: &str, wanted| crate::apply::FailedChange {
        change: format!("CreateMembers {account}"),
        reason: "Detective's reason".to_owned(),
        is_transient: false,
        is_denied: false,
        unprocessed_account: Some((account.to_owned(), wanted)),
        is_reported_elsewhere: true,
    };
    let of = |account: &str, wanted| {
        let mut done = ApplyReport { failed: vec![failed(account, wanted)], ..ApplyReport::default() };
        drop_failures_fixed_by_others(&mut done, &actual);
        assert!(result_of(&done).is_ok(), "an issue of the health reports it");
        done.failed.len()
    };
    assert_eq!(of(&id(2), true), 1, "it is not a member");
    assert_eq!(of(&id(1), true), 1, "its verification still fails");
    assert_eq!(of(&id(2), false), 0, "another run removed it");
    scene.simulator.set_member(own_graph(), &id(1), SimulatedStatus::Invited, None).unwrap();
    let actual = observe::current_state(&scene.app, &read_document(&scene.app).await.unwrap()).await.unwrap();
    let mut done = ApplyReport { failed: vec![failed(&id(1), true)], ..ApplyReport::default() };
    drop_failures_fixed_by_others(&mut done, &actual);
    assert!(done.failed.is_empty(), "another run has invited it");
}

#[tokio::test]
async fn rejected_change_fails_the_run_and_is_named() {
    let scene = Scene::new(&document_with(r#", "packages": ["EKS_AUDIT"]"#));
    scene.simulator.add_fault(ApiFault::new("UpdateDatasourcePackages", FaultKind::Error).error("ValidationException"));
    let error = scene.run(json!({"mode": "apply"})).await.unwrap_err();
    assert!(error.error_name() == "GraphRejected" && error.to_string().contains("UpdateDatasourcePackages"), "{error}");
    let scene = Scene::new(&document_with(&listed_accounts(1..=1)));
    scene.simulator.set_graph_exists_in(own_graph(), false);
    scene.simulator.add_fault(ApiFault::new("CreateGraph", FaultKind::Error).error("ServiceQuotaExceededException"));
    let error = scene.run(json!({"mode": "apply"})).await.unwrap_err();
    assert!(error.error_name() == "GraphRejected" && error.to_string().contains("first: CreateGraph"), "{error}");
}
