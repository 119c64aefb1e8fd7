//! What both sides of Detective read: the graph that an account administers, and members by their ids.

use super::members::member;
use crate::error::CallFailed;
use aws_sdk_detective::Client;
use gumshoe_graph::Member;

/// GetMembers, CreateMembers and DeleteMembers take at most 50 accounts.
pub const ACCOUNTS_A_CALL: usize = 50;

/// The ARN of the graph that the account administers in the client's Region (ListGraphs: there is one at most).
pub(super) async fn graph_arn(client: &Client) -> Result<Option<String>, CallFailed> {
    let answer = client.list_graphs().send().await.map_err(|error| CallFailed::new("ListGraphs", error))?;
    Ok(answer.graph_list().iter().find_map(|graph| graph.arn()).map(str::to_owned))
}

/// What GetMembers says of accounts.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Those that are members.
    pub(super) members: Vec<Member>,
    /// Those that it did not process.
    pub(super) unprocessed: Vec<String>,
}

/// Which of these accounts are members of the graph, asked for 50 at a time (GetMembers).
pub(super) async fn members_of(client: &Client, graph_arn: &str, account_ids: &[String]) -> Result<Found, CallFailed> {
    let mut found = Found::default();
    for ids in account_ids.chunks(ACCOUNTS_A_CALL) {
        let call = client.get_members().graph_arn(graph_arn).set_account_ids(Some(ids.to_vec()));
        let answer = call.send().await.map_err(|error| CallFailed::new("GetMembers", error))?;
        found.members.extend(answer.member_details().iter().filter_map(member));
        found
            .unprocessed
            .extend(answer.unprocessed_accounts().iter().filter_map(|it| it.account_id().map(str::to_owned)));
    }
    Ok(found)
}
