//! As many accounts as a graph may have, and more.

use super::*;
use simulator::{IngestState, Package};
use std::time::{Duration, Instant};

#[tokio::test]
async fn an_organization_of_a_thousand_with_auto_enable_becomes_members_in_twenty_calls() {
    let scene = Scene::new(&with(&format!(
        r#", "organization": {{"administrator": "{OWN}", "auto_enable": true}}, "members": {{"organization": true}}"#
    )));
    scene.organize(1..=1_000);
    let done = scene.apply().await;
    assert_eq!(done.applied.completed.iter().filter(|it| it.starts_with("CreateMembers 50 accounts")).count(), 20);
    assert_eq!((done.health.members, done.health.members_enabled), (1_000, 1_000));
    assert_eq!(scene.calls()["CreateMembers"], 20);
    assert!(scene.apply().await.plan.is_empty());
}

#[tokio::test]
async fn of_1201_accounts_1200_become_members_and_the_last_is_told_of() {
    let scene = Scene::new(&with(&format!(
        r#", "organization": {{"administrator": "{OWN}"}}, "members": {{"organization": true}}"#
    )));
    scene.organize(1..=1_201);
    let done = scene.apply().await;
    assert_eq!(done.health.members, 1_200);
    assert_eq!(done.plan.skipped.len(), 1);
    assert!(done.plan.skipped[0].reason.contains("at most 1200"), "{:?}", done.plan.skipped);
    let text = done.issues.join("\n");
    assert!(text.contains("000000001201 should be a member"), "{text}");
    assert!(text.contains("100 % or more"), "{text}");
    assert!(done.applied.failed.is_empty());
}

#[tokio::test]
async fn a_plan_for_1200_members_takes_the_fewest_calls_there_can_be() {
    let scene = full().await;
    let before = scene.calls();
    let planned = scene.plan().await;
    assert!(planned.plan.is_empty() && planned.health.members_enabled == 1_200, "{:?}", planned.plan);
    let after = scene.calls();
    let calls: std::collections::BTreeMap<&str, usize> = after
        .iter()
        .map(|(name, count)| (name.as_str(), count - before.get(name).copied().unwrap_or_default()))
        .filter(|(_, count)| *count > 0)
        .collect();
    let expected = [
        ("DescribeOrganizationConfiguration", 1),
        ("ListDatasourcePackages", 1),
        ("ListGraphs", 1),
        ("ListMembers", 6), // pages of 200, the most that Detective gives
        ("ListOrganizationAdminAccounts", 1),
        ("ListTagsForResource", 1),
    ];
    assert_eq!(calls, expected.into());
}

#[tokio::test]
#[ignore = "a timing: make bench"]
async fn a_plan_for_1200_members_takes_no_time() {
    let scene = full().await;
    let mut took = Vec::new();
    for _ in 0..9 {
        let started = Instant::now();
        assert!(scene.plan().await.plan.is_empty());
        took.push(started.elapsed());
    }
    took.sort();
    assert!(took[8] < Duration::from_secs(2), "{took:?}");
    // Last: who reads only this line may not take a run for good that was too slow.
    println!(
        "A plan for 1,200 members, all of a run, not optimized: {:?} ({:?} to {:?}, n = 9), at most 2 s",
        took[4], took[0], took[8]
    );
}

/// A graph as full as it can be, as it should be.
async fn full() -> Scene {
    let scene = Scene::new(&format!(
        r#"{{"graph": {{"enabled": true, "tags": {{"a": "1"}}}}, "organization": {{"administrator": "{OWN}", "auto_enable": true}},
            "members": {{"organization": true}}, "packages": ["EKS_AUDIT"]}}"#
    ));
    scene.organize(1..=1_200);
    scene.apply().await;
    scene
}

#[tokio::test]
async fn since_when_members_send_nothing_is_asked_for_in_batches_of_200() {
    let scene = Scene::new(&with(&format!(
        r#", "organization": {{"administrator": "{OWN}"}}, "members": {{"organization": true}}, "packages": ["EKS_AUDIT"]"#
    )));
    scene.organize(1..=450);
    assert!(scene.apply().await.health.issues.is_empty());
    assert!(!scene.calls().contains_key("BatchGetGraphMemberDatasources"), "nothing is asked that is known");
    for number in 1..=401 {
        scene.simulator.set_member_package(&places(), &id(number), Package::EksAudit, IngestState::Stopped).unwrap();
    }
    let planned = scene.plan().await;
    assert!(planned.plan.is_empty(), "no call starts a member's package");
    assert_eq!(planned.issues.len(), 401);
    assert_eq!(planned.issues[0], format!("{} does not send EKS_AUDIT (STOPPED)", id(1)));
    assert_eq!(scene.calls()["BatchGetGraphMemberDatasources"], 3);
    let told = scene.told().pop().unwrap();
    assert!(told.contains("does not send EKS_AUDIT (STOPPED), since 20") && told.contains("and 351 more"), "{told}");
}
