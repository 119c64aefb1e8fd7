//! GetMembers: the members of a behavior graph that are named.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use super::unprocessed;
use crate::protocol::{Call, OperationResult};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    graph_arn: String,
    account_ids: BTreeSet<String>,
}

// assumed: an account that is named twice is returned once.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { graph_arn, account_ids } = call.request()?;
    let graph = world.detective.administered_graph(call.place, &graph_arn, call.now)?;
    let (mut details, mut not_members) = (Vec::new(), Vec::new());
    for id in &account_ids {
        match graph.members.get_mut(id) {
            Some(member) => {
                details.push(member.detail(&graph.arn, &graph.administrator, call.now));
                member.count_check(call.now);
            }
            None => not_members.push(unprocessed(id, "The account is not a member of the behavior graph.")),
        }
    }
    Ok(Some(json!({ "MemberDetails": details, "UnprocessedAccounts": not_members })))
}
