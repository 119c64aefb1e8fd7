//! Documents that are wrong, services that fail, runs that are cut off or meet each other.

use super::*;
use gumshoe_graph::NOTIFY_CLAIM_TTL;
use simulator::{Fault, FaultKind};
use std::time::Duration;
use tokio::time::timeout;

/// The longest that is waited for a call.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_wrong_document_is_named_with_its_path_told_once_and_changes_nothing() {
    let twice = r#"{"account_id": "000000000001", "email": "a@example.com"}"#;
    for (document, path) in [
        (with(r#", "member": {}"#), "member: unknown field"),
        (
            with(r#", "members": {"accounts": [{"account_id": "1", "email": "a@example.com"}]}"#),
            "members.accounts[0].account_id",
        ),
        (with(&format!(r#", "members": {{"accounts": [{twice}, {twice}]}}"#)), "members.accounts[1].account_id"),
        (
            with(r#", "members": {"accounts": [{"account_id": "000000000001"}]}"#),
            "members.accounts[0]: missing field `email`",
        ),
    ] {
        let scene = Scene::new(&document);
        let error = scene.run(json!({"mode": "apply"})).await.unwrap_err();
        assert_eq!(error.name(), "GraphDocumentWrong");
        let told = gumshoe_domain::error::with_causes(&error);
        assert!(told.contains(path), "{told}");
        let by_queue = scene.run(json!({"Records": [{"body": "{}"}]})).await.unwrap();
        assert!(by_queue.issues[0].contains(path), "{:?}", by_queue.issues);
        assert_eq!(scene.told().len(), 1, "told once");
        assert!(scene.calls().is_empty(), "Detective is not asked");
        // Mended, and wrong again: told again.
        scene.write(&with(""));
        scene.plan().await;
        scene.write(&document);
        scene.run(json!({"Records": []})).await.unwrap();
        assert_eq!(scene.told().len(), 2);
    }
}

#[tokio::test]
async fn what_another_run_did_in_between_is_no_failure() {
    let scene = Scene::new(&with(&listed(1..=2)));
    // Another run is faster with the second.
    let arn = scene.graph_arn();
    let account = gumshoe_graph::Account { account_id: id(2), email: email(2) };
    let slow = Fault::new("ListMembers", FaultKind::Latency).milliseconds(300);
    scene.simulator.add_fault(slow);
    let run = scene.run(json!({"mode": "apply"}));
    let other = async {
        // The run has read its members by the time that its answer is held back.
        let listed = async {
            while !scene.calls().contains_key("ListMembers") {
                tokio::task::yield_now().await;
            }
        };
        assert!(timeout(CALL_TIMEOUT, listed).await.is_ok(), "ListMembers was not called within {CALL_TIMEOUT:?}");
        scene.app.behavior.add_members(&arn, &[account], false).await.unwrap()
    };
    let (done, _) = futures_util::join!(run, other);
    let done = done.unwrap();
    assert!(done.applied.failed.is_empty(), "what another run did is no failure: {:?}", done.applied.failed);
    assert_eq!(members(&scene).await.len(), 2);
}

#[tokio::test]
async fn throttling_in_the_middle_leaves_the_rest_to_the_next_run() {
    let scene = Scene::new(&with(&listed(1..=120)));
    // The SDK tries three times: the first call of three batches fails for good.
    scene.simulator.add_fault(Fault::new("CreateMembers", FaultKind::Throttle).times(3));
    let error = scene.run(json!({"mode": "apply"})).await.unwrap_err();
    assert_eq!(error.name(), "GraphUnfinished");
    assert!(error.to_string().starts_with("2 changes are done, 1 are left"), "{error}");
    assert_eq!(members(&scene).await.len(), 70);
    let done = scene.apply().await;
    assert_eq!(done.applied.completed, [format!("CreateMembers 50 accounts, {} to {}", id(1), id(50))]);
    assert_eq!(members(&scene).await.len(), 120);
}

#[tokio::test]
async fn one_call_that_is_denied_stops_nothing_else_and_fails_the_run() {
    let scene = Scene::new(&format!(
        r#"{{"graph": {{"enabled": true, "tags": {{"a": "1"}}}}, "packages": ["EKS_AUDIT"]{}}}"#,
        listed(1..=1)
    ));
    scene.simulator.add_fault(Fault::new("TagResource", FaultKind::AccessDenied));
    let error = scene.run(json!({"mode": "apply"})).await.unwrap_err();
    assert_eq!(error.name(), "GraphAccessDenied");
    assert!(error.to_string().contains("TagResource"), "{error}");
    assert_eq!(members(&scene).await.len(), 1);
    assert_eq!(scene.apply().await.applied.completed, ["TagResource 1 tags"], "the rest was done");
    // What cannot be read fails at once.
    scene.simulator.add_fault(Fault::new("ListMembers", FaultKind::AccessDenied));
    assert_eq!(scene.run(json!({})).await.unwrap_err().name(), "GraphAccessDenied");
}

#[tokio::test]
async fn a_run_that_is_cut_off_is_taken_up_by_the_next() {
    let scene = Scene::new(&with(&listed(1..=120)));
    // Its answer is lost each time, although the work is done.
    scene.simulator.add_fault(Fault::new("CreateMembers", FaultKind::Drop).after_work().times(3));
    let first = scene.run(json!({"mode": "apply"})).await;
    assert_eq!(first.unwrap_err().name(), "GraphUnfinished");
    let done = scene.apply().await;
    assert!(done.plan.is_empty(), "it was all done: {:?}", done.plan);
    assert_eq!(members(&scene).await.len(), 120);

    // No time is left: nothing is begun, and the next run does it.
    let scene = Scene::new(&with(&listed(1..=1)));
    let error = handle(&scene.app, json!({"mode": "apply"}), scene::now(), scene::now).await.unwrap_err();
    assert!(error.name() == "GraphUnfinished" && error.to_string().contains("no time left"), "{error}");
    assert!(!scene.calls().contains_key("CreateMembers"));
    scene.apply().await;
    assert_eq!(members(&scene).await.len(), 1);
}

#[tokio::test]
async fn two_runs_at_once_come_to_the_same_as_one_and_tell_once() {
    let scene = Scene::new(&with(&listed(1..=60)));
    let (one, two) = futures_util::join!(scene.run(json!({"mode": "apply"})), scene.run(json!({"mode": "apply"})));
    for run in [one, two] {
        let run = run.unwrap();
        assert!(run.applied.failed.is_empty(), "{:?}", run.applied.failed);
    }
    assert_eq!(members(&scene).await.len(), 60);
    assert!(scene.apply().await.plan.is_empty());
    for number in 1..=2 {
        let reason = Some(DisabledReason::VolumeTooHigh);
        scene.simulator.set_member(places(), &id(number), SimulatedStatus::AcceptedButDisabled, reason).unwrap();
    }
    let before = scene.told().len();
    let (one, two) = futures_util::join!(scene.run(json!({})), scene.run(json!({})));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(scene.told().len(), before + 1);
}

#[tokio::test]
async fn a_notice_that_could_not_be_published_is_published_by_the_next_run_marked() {
    let scene = Scene::new(&with(&listed(1..=1)));
    scene.simulator.set_graph_exists_in(places(), false);
    scene.aws.fail_next("Publish", testkit::CallFault::Unavailable);
    assert_eq!(scene.run(json!({})).await.unwrap_err().name(), "TopicUnavailable");
    scene.plan().await;
    let told = scene.told();
    assert_eq!(told.len(), 1);
    assert!(told[0].contains(r#"\"repeated\":true"#), "{}", told[0]);
    // A run that died between its claim and its publication holds others back only for a while.
    let (version, known) = scene.app.table.read_notified().await.unwrap();
    let claim =
        Some(gumshoe_graph::Claim { expires_at: scene::now() + NOTIFY_CLAIM_TTL, revision: known.revision + 1 });
    let dead = gumshoe_graph::NotifiedState { fingerprints: std::collections::BTreeMap::new(), claim, ..known };
    assert!(scene.app.table.write_notified(version, &dead).await.unwrap());
    scene.plan().await;
    assert_eq!(scene.told().len(), 1, "the other may be publishing");
    handle(&scene.app, json!({}), Timestamp::MAX, || scene::now() + NOTIFY_CLAIM_TTL + NOTIFY_CLAIM_TTL).await.unwrap();
    assert_eq!(scene.told().len(), 2);
}

#[tokio::test]
async fn an_organization_that_cannot_be_read_adds_and_removes_nobody() {
    let scene = Scene::new(&with(r#", "members": {"organization": true}, "changes": "full""#));
    let account = gumshoe_graph::Account { account_id: id(1), email: email(1) };
    scene.app.behavior.add_members(&scene.graph_arn(), &[account], false).await.unwrap();
    let kept = scene.apply().await;
    assert!(kept.plan.is_empty());
    assert!(kept.plan.skipped[0].reason.contains("ListAccounts was denied"), "{:?}", kept.plan);
    assert!(kept.issues[0].contains("the organization's accounts"));
}

#[tokio::test]
async fn an_account_that_detective_refuses_is_told_with_its_reason_and_fails_no_run() {
    let scene = Scene::new(&with(&listed(1..=2)));
    let fault = Fault::new("StartMonitoringMember", FaultKind::Error).error("ServiceQuotaExceededException");
    scene.apply().await;
    let reason = Some(DisabledReason::VolumeTooHigh);
    scene.simulator.set_member(places(), &id(1), SimulatedStatus::AcceptedButDisabled, reason).unwrap();
    scene.simulator.add_fault(fault);
    let done = scene.apply().await;
    assert!(done.applied.failed[0].reason.contains("ServiceQuotaExceededException"), "{:?}", done.applied.failed);
    assert!(done.issues[0].contains("VOLUME_TOO_HIGH"));
}

#[tokio::test]
async fn an_account_that_was_not_worked_on_is_told_with_detectives_reason_unless_another_run_did_it() {
    let scene = Scene::new(&with(&listed(1..=1)));
    scene.apply().await;
    scene.simulator.set_member(places(), &id(1), SimulatedStatus::VerificationFailed, None).unwrap();
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
        assert!(result_of(&done).is_ok(), "the health tells of it");
        done.failed.len()
    };
    assert_eq!(of(&id(2), true), 1, "it is no member");
    assert_eq!(of(&id(1), true), 1, "it is as it was: its verification has failed");
    assert_eq!(of(&id(2), false), 0, "somebody removed it");
    scene.simulator.set_member(places(), &id(1), SimulatedStatus::Invited, None).unwrap();
    let actual = observe::current_state(&scene.app, &read_document(&scene.app).await.unwrap()).await.unwrap();
    let mut done = ApplyReport { failed: vec![failed(&id(1), true)], ..ApplyReport::default() };
    drop_failures_fixed_by_others(&mut done, &actual);
    assert!(done.failed.is_empty(), "another run has invited it");
}

#[tokio::test]
async fn what_detective_finds_wrong_fails_the_run_and_names_the_first_cause() {
    let scene = Scene::new(&with(r#", "packages": ["EKS_AUDIT"]"#));
    scene.simulator.add_fault(Fault::new("UpdateDatasourcePackages", FaultKind::Error).error("ValidationException"));
    let error = scene.run(json!({"mode": "apply"})).await.unwrap_err();
    assert!(error.name() == "GraphRejected" && error.to_string().contains("UpdateDatasourcePackages"), "{error}");
    let scene = Scene::new(&with(&listed(1..=1)));
    scene.simulator.set_graph_exists_in(places(), false);
    scene.simulator.add_fault(Fault::new("CreateGraph", FaultKind::Error).error("ServiceQuotaExceededException"));
    let error = scene.run(json!({"mode": "apply"})).await.unwrap_err();
    assert!(error.name() == "GraphRejected" && error.to_string().contains("first: CreateGraph"), "{error}");
}
