//! Graphs and their tags.

use std::collections::HashMap;
use std::net::TcpListener;

use aws_sdk_detective::types::Account;
use simulator::{Options, Simulator};

use super::{MEMBER, client_of};
use crate::support::{ACCOUNT, ROLE, TestServer};

fn tags(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn create_graph_makes_one_graph_and_no_second() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let start = Options { without_graphs: true, ..Options::default() };
    let simulator = Simulator::start_with_options(listener, start).unwrap();
    let client = client_of(&simulator, ACCOUNT);
    assert!(client.list_graphs().send().await.unwrap().graph_list().is_empty());

    let created = client.create_graph().tags("team", "blue").send().await.unwrap();
    let arn = created.graph_arn().unwrap();
    let again = client.create_graph().tags("team", "red").send().await.unwrap();
    assert_eq!(again.graph_arn(), Some(arn));
    let listed = client.list_graphs().send().await.unwrap();
    assert_eq!(listed.graph_list().iter().map(|graph| graph.arn().unwrap()).collect::<Vec<_>>(), [arn]);
    let listed = client.list_tags_for_resource().resource_arn(arn).send().await.unwrap();
    assert_eq!(listed.tags(), Some(&tags(&[("team", "blue")])));

    simulator.reset();
    assert!(client.list_graphs().send().await.unwrap().graph_list().is_empty());
    let second = client.create_graph().send().await.unwrap();
    assert_ne!(second.graph_arn(), Some(arn), "an ARN from before the reset is not used again");
}

#[tokio::test]
async fn deleted_graph_loses_all_its_data() {
    let server = TestServer::new();
    let member = server.join(MEMBER).await;
    let id = server.start(ROLE).await;
    server.client.delete_graph().graph_arn(&server.graph).send().await.unwrap();
    assert!(server.client.list_graphs().send().await.unwrap().graph_list().is_empty());
    assert!(member.list_invitations().send().await.unwrap().invitations().is_empty());
    let error = server.client.delete_graph().graph_arn(&server.graph).send().await.unwrap_err();
    assert!(error.into_service_error().is_resource_not_found_exception());

    let created = server.client.create_graph().send().await.unwrap();
    let arn = created.graph_arn().unwrap();
    assert_ne!(arn, server.graph);
    let members = server.client.list_members().graph_arn(arn).send().await.unwrap();
    assert!(members.member_details().is_empty());
    let get = server.client.get_investigation().graph_arn(arn).investigation_id(id);
    assert!(get.send().await.unwrap_err().into_service_error().is_resource_not_found_exception());
}

#[tokio::test]
async fn tags_are_added_changed_and_removed() {
    let server = TestServer::new();
    let list_tags = || async {
        let listed = server.client.list_tags_for_resource().resource_arn(&server.graph).send().await.unwrap();
        listed.tags.unwrap_or_default()
    };
    assert!(list_tags().await.is_empty());
    let tag = || server.client.tag_resource().resource_arn(&server.graph);
    tag().tags("team", "blue").tags("a:b/c=d+e-f_g.h", "").send().await.unwrap();
    tag().tags("team", "red").send().await.unwrap();
    assert_eq!(list_tags().await, tags(&[("team", "red"), ("a:b/c=d+e-f_g.h", "")]));
    let untag = || server.client.untag_resource().resource_arn(&server.graph);
    untag().tag_keys("a:b/c=d+e-f_g.h").tag_keys("team").tag_keys("never").send().await.unwrap();
    assert!(list_tags().await.is_empty());
}

#[tokio::test]
async fn graph_has_at_most_fifty_tags() {
    let server = TestServer::new();
    let letters = |number: usize| -> String {
        number
            .to_string()
            .chars()
            .map(|digit| char::from(b'a' + u8::try_from(digit.to_digit(10).unwrap()).unwrap()))
            .collect()
    };
    let fifty = (0..50).map(|number| (letters(number), "x".repeat(256))).collect();
    let tag = || server.client.tag_resource().resource_arn(&server.graph);
    tag().set_tags(Some(fifty)).send().await.unwrap();
    tag().tags("a", "other value").send().await.unwrap();
    let error = tag().tags("one-more", "").send().await.unwrap_err().into_service_error();
    assert!(error.is_validation_exception());
    let listed = server.client.list_tags_for_resource().resource_arn(&server.graph).send().await.unwrap();
    assert_eq!(listed.tags().unwrap().len(), 50);
}

#[tokio::test]
async fn only_the_administrator_reaches_a_graph() {
    let server = TestServer::new();
    let member = server.join(MEMBER).await;
    let account = Account::builder().account_id(MEMBER).email_address("a@example.com").build().unwrap();
    let error = member.create_members().graph_arn(&server.graph).accounts(account).send().await.unwrap_err();
    assert!(error.into_service_error().is_access_denied_exception());
    let error = member.delete_graph().graph_arn(&server.graph).send().await.unwrap_err();
    assert!(error.into_service_error().is_access_denied_exception());
    let error = member.list_tags_for_resource().resource_arn(&server.graph).send().await.unwrap_err();
    assert!(error.into_service_error().is_access_denied_exception());
    let error = member.list_investigations().graph_arn(&server.graph).send().await.unwrap_err();
    assert!(error.into_service_error().is_access_denied_exception());
    let other = client_of(&server.simulator, super::OTHER);
    let error = other.delete_graph().graph_arn(&server.graph).send().await.unwrap_err();
    assert!(error.into_service_error().is_resource_not_found_exception());
}
