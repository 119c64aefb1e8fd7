//! What people were notified of before the graph had a stack of its own: it stands in the table of the case stack.

use super::*;
use gumshoe_graph::aws::notified_state_table::NotifiedStateTable;
use testkit::{Cases, FakeAws};

/// A scene in which a stack that kept the graph itself has notified people once, of members that are outside; and then the
/// graph stack, with an empty table of its own.
async fn moved() -> Scene {
    let mut scene = Scene::new(&with(&listed(1..=2)));
    scene.plan().await;
    assert_eq!(scene.told().len(), 1);
    let own = NotifiedStateTable::new(Cases::of(&FakeAws::default()).table());
    scene.app.earlier_table = Some(std::mem::replace(&mut scene.app.table, own));
    scene
}

#[tokio::test]
async fn people_are_not_notified_again_and_the_first_run_copies_the_record() {
    let mut scene = moved().await;
    let earlier = scene.app.earlier_table.as_ref().unwrap().read_notified().await.unwrap();
    assert_eq!(scene.app.table.read_notified().await.unwrap().0, None);
    scene.plan().await;
    assert_eq!(scene.told().len(), 1, "the same is wrong");
    let (version, own) = scene.app.table.read_notified().await.unwrap();
    assert_eq!((version, &own), (Some(1), &earlier.1));
    assert_eq!(scene.app.earlier_table.take().unwrap().read_notified().await.unwrap(), earlier, "it is only read");
    scene.plan().await;
    assert_eq!(scene.told().len(), 1, "the earlier table is not needed any more");
}

#[tokio::test]
async fn what_got_worse_is_told_with_the_next_revision() {
    let scene = moved().await;
    scene.write(&with(&listed(1..=3)));
    scene.plan().await;
    let told = scene.told();
    assert!(told.len() == 2 && told[1].contains(&id(3)) && !told[1].contains(&id(1)), "{told:?}");
    assert_eq!(scene.app.table.read_notified().await.unwrap().1.revision, 2);
}

#[tokio::test]
async fn the_stacks_own_record_counts_once_it_is_there() {
    let scene = moved().await;
    scene.write(&with(""));
    scene.plan().await;
    scene.write(&with(&listed(1..=2)));
    scene.plan().await;
    assert_eq!(scene.told().len(), 2, "it was well in between, which the earlier table does not know");
}

#[tokio::test]
async fn a_table_without_a_record_is_none() {
    let mut scene = Scene::new(&with(""));
    scene.app.earlier_table = Some(NotifiedStateTable::new(Cases::of(&FakeAws::default()).table()));
    scene.plan().await;
    assert!(scene.told().is_empty());
    assert_eq!(scene.app.table.read_notified().await.unwrap().0, None, "nothing is wrong, and nothing is written");
}
