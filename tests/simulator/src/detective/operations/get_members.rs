//! GetMembers: the members of a behavior graph that are named.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use super::unprocessed;
use crate::protocol::{Answer, Call};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    graph_arn: String,
    account_ids: BTreeSet<String>,
}

// assumed: an account that is named twice is told once.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> Answer {
    let Request { graph_arn, account_ids } = call.request()?;
    let graph = world.detective.administered(call.place, &graph_arn, call.now)?;
    let (mut details, mut strangers) = (Vec::new(), Vec::new());
    for id in &account_ids {
        match graph.members.get_mut(id) {
            Some(member) => {
                details.push(member.detail(&graph.arn, &graph.administrator, call.now));
                member.was_told(call.now);
            }
            None => strangers.push(unprocessed(id, "The account is not a member of the behavior graph.")),
        }
    }
    Ok(Some(json!({ "MemberDetails": details, "UnprocessedAccounts": strangers })))
}
