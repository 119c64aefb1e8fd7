//! Whole runs against the simulator.

mod concurrent;
mod failures;
mod legacy_table;
mod scale;
mod scene;

use super::*;
use gumshoe_domain::ErrorName;
use gumshoe_domain::coverage::MemberStatus;
use gumshoe_graph::aws::behavior_graph::BehaviorGraph;
use scene::{MANAGEMENT_ACCOUNT, OWN_ACCOUNT, Scene, email, id};
use serde_json::json;
use simulator::{AccountRegionFilter, DisabledReason, MemberStatus as SimulatedStatus};

fn document_with(more: &str) -> String {
    format!(r#"{{"graph": {{"enabled": true}}{more}}}"#)
}

fn listed_accounts(numbers: std::ops::RangeInclusive<usize>) -> String {
    let accounts = numbers.map(|number| json!({"account_id": id(number), "email": email(number)}));
    format!(r#", "members": {{"accounts": {}}}"#, serde_json::Value::from_iter(accounts))
}

async fn members(scene: &Scene) -> std::collections::BTreeMap<String, MemberStatus> {
    let members = scene.app.graph.members(&scene.graph_arn()).await.unwrap();
    members.into_iter().map(|(id, member)| (id, member.status)).collect()
}

fn own_graph() -> AccountRegionFilter {
    AccountRegionFilter { account: Some(OWN_ACCOUNT.to_owned()), region: None }
}

#[tokio::test]
async fn graph_is_created_with_tags_and_packages_and_the_next_plan_is_empty() {
    let scene = Scene::new(r#"{"graph": {"enabled": true, "tags": {"team": "security"}}, "packages": ["EKS_AUDIT"]}"#);
    scene.simulator.set_graph_exists_in(own_graph(), false);
    let planned = scene.plan().await;
    assert_eq!(planned.plan.changes.len(), 2);
    assert!(planned.applied.completed.is_empty() && planned.graph_arn.is_none());
    assert!(!scene.call_counts().contains_key("CreateGraph"), "a plan changes nothing");
    assert!(scene.published()[0].contains("There is no behavior graph"));

    let done = scene.apply().await;
    assert_eq!(done.applied.completed, ["CreateGraph", "UpdateDatasourcePackages EKS_AUDIT"]);
    let arn = done.graph_arn.unwrap();
    assert!(done.health.issues.is_empty(), "{:?}", done.health);
    assert!(scene.apply().await.plan.is_empty());
    assert_eq!(scene.published().len(), 1, "no new issue");
    assert_eq!(scene.app.graph.tags(&arn).await.unwrap()["team"], "security");
}

#[tokio::test]
async fn listed_accounts_are_invited_once_and_become_members() {
    let scene = Scene::new(&document_with(&listed_accounts(1..=3)));
    let done = scene.apply().await;
    assert_eq!(done.applied.completed, [format!("CreateMembers 3 accounts, {} to {}", id(1), id(3))]);
    assert!(scene.apply().await.plan.is_empty(), "an invited account is not invited again");
    for number in 1..=3 {
        scene.client(&id(number)).accept_invitation().graph_arn(scene.graph_arn()).send().await.unwrap();
    }
    let accepted = scene.apply().await;
    assert!(accepted.plan.is_empty() && accepted.health.issues.is_empty(), "{:?}", accepted.health);
    assert_eq!((accepted.health.members, accepted.health.members_enabled), (3, 3));
    assert!(scene.published().iter().all(|it| !it.contains("members disabled")));
}

#[tokio::test]
async fn each_member_status_is_planned_and_reported() {
    let scene = Scene::new(&document_with(&listed_accounts(1..=6)));
    scene.apply().await;
    for (number, status, reason) in [
        (1, SimulatedStatus::Invited, None),
        (2, SimulatedStatus::VerificationInProgress, None),
        (3, SimulatedStatus::VerificationFailed, None),
        (4, SimulatedStatus::Enabled, None),
        (5, SimulatedStatus::AcceptedButDisabled, Some(DisabledReason::VolumeUnknown)),
        (6, SimulatedStatus::AcceptedButDisabled, Some(DisabledReason::VolumeTooHigh)),
    ] {
        scene.simulator.set_member(own_graph(), &id(number), status, reason).unwrap();
    }
    let planned = scene.plan().await;
    assert_eq!(planned.plan.changes, [Change::StartMonitoring { account_ids: [id(5), id(6)].into() }]);
    let text = planned.issues.join("\n");
    for expected in [
        "000000000003 cannot be invited",
        "Member 000000000005 sends no data (VOLUME_UNKNOWN",
        "Member 000000000006 sends no data (VOLUME_TOO_HIGH",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(scene.published().last().unwrap().contains("VOLUME_UNKNOWN"));
    // Disabled members are retried; their volume is known by now.
    let done = scene.apply().await;
    assert_eq!(members(&scene).await[&id(5)], MemberStatus::Enabled);
    assert_eq!(
        done.applied.completed,
        [format!("StartMonitoringMember {}", id(5)), format!("StartMonitoringMember {}", id(6))]
    );
    // An invitation is not accepted for 15 days.
    scene.simulator.set_member(own_graph(), &id(2), SimulatedStatus::Invited, None).unwrap();
    scene.simulator.advance_clock(std::time::Duration::from_secs(15 * 86_400));
    let later =
        handle(&scene.app, json!({}), Timestamp::MAX, || scene::now() + jiff::SignedDuration::from_hours(15 * 24));
    let text = later.await.unwrap().issues.join("\n");
    assert!(text.contains("000000000001 has not accepted") && text.contains("000000000002 has not accepted"), "{text}");
}

#[tokio::test]
async fn members_are_removed_only_if_the_document_allows_it() {
    let scene = Scene::new(&document_with(&listed_accounts(1..=3)));
    scene.apply().await;
    scene.set_document(&document_with(&listed_accounts(1..=1)));
    let unchanged = scene.apply().await;
    assert!(unchanged.plan.is_empty() && unchanged.plan.skipped[0].reason.contains("add-only"), "{:?}", unchanged.plan);
    assert_eq!(members(&scene).await.len(), 3);
    scene
        .set_document(&document_with(&format!(r#"{}, "changes": "full", "most_removals": 1"#, listed_accounts(1..=1))));
    assert!(scene.apply().await.plan.skipped[0].reason.contains("most_removals"));
    scene.set_document(&document_with(&format!(r#"{}, "changes": "full""#, listed_accounts(1..=1))));
    let done = scene.apply().await;
    assert_eq!(done.applied.completed, [format!("DeleteMembers 2 accounts, {} to {}", id(2), id(3))]);
    assert_eq!(members(&scene).await.into_keys().collect::<Vec<_>>(), [id(1)]);
    assert_eq!(done.health.members, 1);
}

#[tokio::test]
async fn changed_tags_are_corrected() {
    let tags = |tags: &str, more: &str| format!(r#"{{"graph": {{"enabled": true, "tags": {tags}}}{more}}}"#);
    let scene = Scene::new(&tags(r#"{"a": "1", "b": "1"}"#, ""));
    scene.apply().await;
    scene.set_document(&tags(r#"{"a": "2"}"#, ""));
    let done = scene.apply().await;
    assert_eq!(done.applied.completed, ["TagResource 1 tags"]);
    assert!(done.plan.skipped[0].change.contains("remove the tags b"));
    scene.set_document(&tags(r#"{"a": "2"}"#, r#", "changes": "full""#));
    assert_eq!(scene.apply().await.applied.completed, ["UntagResource 1 tags"]);
    assert_eq!(scene.app.graph.tags(&scene.graph_arn()).await.unwrap(), [("a".to_owned(), "2".to_owned())].into());
}

#[tokio::test]
async fn graph_is_deleted_only_in_mode_destroy_with_its_arn_and_a_disabled_document() {
    let scene = Scene::new(&document_with(""));
    let arn = scene.graph_arn();
    let destroy = |confirm: &str| scene.run(json!({"mode": "destroy", "confirm": confirm}));
    assert!(
        destroy(&arn).await.unwrap_err().to_string().contains("graph.enabled"),
        "the document has the graph enabled"
    );
    scene.set_document(r#"{"graph": {"enabled": false}, "changes": "full"}"#);
    let unchanged = scene.apply().await;
    assert!(unchanged.plan.is_empty() && unchanged.plan.skipped[0].reason.contains("mode destroy"));
    let error =
        destroy("arn:aws:detective:us-east-1:999999999999:graph:00000000000000000000000000000000").await.unwrap_err();
    assert!(error.error_name() == "GraphNotConfirmed" && error.to_string().contains(&arn), "{error}");
    assert!(!scene.call_counts().contains_key("DeleteGraph"));
    assert_eq!(destroy(&arn).await.unwrap().applied.completed, [format!("DeleteGraph {arn}")]);
    assert!(scene.apply().await.plan.is_empty());
}

#[tokio::test]
async fn organization_gets_administrator_auto_enable_and_members() {
    let organization = |more: &str| {
        document_with(&format!(
            r#", "organization": {{"administrator": "{OWN_ACCOUNT}", "auto_enable": true}}, "members": {{"organization": true, "exclude": ["{}"]}}{more}"#,
            id(3)
        ))
    };
    let scene = Scene::new(&organization(""));
    scene.set_organization(1..=3);
    let done = scene.apply().await;
    let expected = [
        format!("EnableOrganizationAdminAccount {OWN_ACCOUNT}"),
        "UpdateOrganizationConfiguration true".to_owned(),
        format!("CreateMembers 3 accounts, {} to {MANAGEMENT_ACCOUNT}", id(1)),
    ];
    // The management account is an account of the organization as well, where Organizations lists it; here it does not.
    assert_eq!(done.applied.completed[..2], expected[..2]);
    assert_eq!(done.applied.completed[2], format!("CreateMembers 2 accounts, {} to {}", id(1), id(2)));
    assert!(done.health.issues.is_empty(), "{:?}", done.health);
    assert_eq!(members(&scene).await, [(id(1), MemberStatus::Enabled), (id(2), MemberStatus::Enabled)].into());
    assert!(scene.apply().await.plan.is_empty());
    // An operator disabled auto-enable.
    scene
        .client(OWN_ACCOUNT)
        .update_organization_configuration()
        .graph_arn(scene.graph_arn())
        .auto_enable(false)
        .send()
        .await
        .unwrap();
    assert_eq!(scene.apply().await.applied.completed, ["UpdateOrganizationConfiguration true"]);
    // An account joins: Detective enables it automatically.
    scene.set_organization(1..=4);
    assert!(scene.apply().await.plan.is_empty());
    assert_eq!(members(&scene).await[&id(4)], MemberStatus::Enabled);
}

#[tokio::test]
async fn administrator_is_replaced_only_if_the_document_names_it() {
    let organization = |more: &str, changes: &str| {
        document_with(&format!(
            r#", "organization": {{"administrator": "{OWN_ACCOUNT}"{more}}}, "changes": "{changes}""#
        ))
    };
    let scene = Scene::new(&organization("", "full"));
    scene.set_organization(1..=2);
    scene
        .client(MANAGEMENT_ACCOUNT)
        .enable_organization_admin_account()
        .account_id(MANAGEMENT_ACCOUNT)
        .send()
        .await
        .unwrap();
    let planned = scene.apply().await;
    assert!(
        planned.plan.is_empty() && planned.plan.skipped[0].reason.contains("organization.replaces"),
        "{:?}",
        planned.plan
    );
    assert!(planned.issues.iter().any(|it| it.contains("another account should be")));
    scene.set_document(&organization(&format!(r#", "replaces": "{MANAGEMENT_ACCOUNT}""#), "add-only"));
    assert!(scene.apply().await.plan.skipped[0].reason.contains("add-only"));
    scene.set_document(&organization(&format!(r#", "replaces": "{MANAGEMENT_ACCOUNT}""#), "full"));
    // Organizations has another delegated administrator of Detective, so Detective would reject the next one: no administrator is removed.
    *scene.delegated.lock().unwrap() = Some(id(1));
    let unchanged = scene.apply().await;
    assert!(
        unchanged.plan.is_empty() && unchanged.plan.skipped[0].reason.contains("deregister it there first"),
        "{:?}",
        unchanged.plan
    );
    assert!(!scene.call_counts().contains_key("DisableOrganizationAdminAccount"));
    *scene.delegated.lock().unwrap() = None;
    let done = scene.apply().await.applied.completed;
    assert_eq!(
        done,
        [
            format!("DisableOrganizationAdminAccount {MANAGEMENT_ACCOUNT}"),
            format!("EnableOrganizationAdminAccount {OWN_ACCOUNT}")
        ]
    );
    assert!(scene.apply().await.plan.is_empty());
}

#[tokio::test]
async fn change_that_needs_the_management_role_is_skipped_without_it() {
    let mut scene = Scene::new(&document_with(&format!(r#", "organization": {{"administrator": "{OWN_ACCOUNT}"}}"#)));
    scene.set_organization(1..=1);
    scene.app.management_graph = None;
    let planned = scene.apply().await;
    assert!(planned.plan.skipped[0].reason.contains("ManagementRoleArn"), "{:?}", planned.plan);
    scene.app.management_graph = Some(BehaviorGraph::new(scene.client(&id(1))));
    let planned = scene.apply().await;
    assert!(planned.plan.skipped[0].reason.contains("management account"), "{:?}", planned.plan);
}
