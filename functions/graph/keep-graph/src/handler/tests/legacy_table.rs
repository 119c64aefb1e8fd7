//! The notified state of a case stack that managed the graph before there was a graph stack.

use super::*;
use gumshoe_graph::aws::notified_state_table::NotifiedStateTable;
use testkit::{Cases, FakeAws};

/// A case stack has notified people once, of accounts that are not members; then a graph stack with an empty table is deployed.
async fn scene_with_legacy_table() -> Scene {
    let mut scene = Scene::new(&document_with(&listed_accounts(1..=2)));
    scene.plan().await;
    assert_eq!(scene.published().len(), 1);
    let own = NotifiedStateTable::new(Cases::of(&FakeAws::default()).table());
    scene.app.earlier_table = Some(std::mem::replace(&mut scene.app.notified_table, own));
    scene
}

#[tokio::test]
async fn first_run_copies_the_state_without_notification() {
    let mut scene = scene_with_legacy_table().await;
    let earlier = scene.app.earlier_table.as_ref().unwrap().read_notified().await.unwrap();
    assert_eq!(scene.app.notified_table.read_notified().await.unwrap().0, None);
    scene.plan().await;
    assert_eq!(scene.published().len(), 1, "the issues are the same");
    let (version, own) = scene.app.notified_table.read_notified().await.unwrap();
    assert_eq!((version, &own), (Some(1), &earlier.1));
    assert_eq!(
        scene.app.earlier_table.take().unwrap().read_notified().await.unwrap(),
        earlier,
        "the earlier table is not written"
    );
    scene.plan().await;
    assert_eq!(scene.published().len(), 1, "the earlier table is not needed any more");
}

#[tokio::test]
async fn new_issue_is_notified_with_the_next_revision() {
    let scene = scene_with_legacy_table().await;
    scene.set_document(&document_with(&listed_accounts(1..=3)));
    scene.plan().await;
    let published = scene.published();
    assert!(published.len() == 2 && published[1].contains(&id(3)) && !published[1].contains(&id(1)), "{published:?}");
    assert_eq!(scene.app.notified_table.read_notified().await.unwrap().1.revision, 2);
}

#[tokio::test]
async fn earlier_table_is_ignored_once_the_stack_has_its_own_state() {
    let scene = scene_with_legacy_table().await;
    scene.set_document(&document_with(""));
    scene.plan().await;
    scene.set_document(&document_with(&listed_accounts(1..=2)));
    scene.plan().await;
    assert_eq!(
        scene.published().len(),
        2,
        "the issues were resolved in between, which the earlier table does not have"
    );
}

#[tokio::test]
async fn earlier_table_without_state_is_ignored() {
    let mut scene = Scene::new(&document_with(""));
    scene.app.earlier_table = Some(NotifiedStateTable::new(Cases::of(&FakeAws::default()).table()));
    scene.plan().await;
    assert!(scene.published().is_empty());
    assert_eq!(
        scene.app.notified_table.read_notified().await.unwrap().0,
        None,
        "there is no issue, so nothing is written"
    );
}
