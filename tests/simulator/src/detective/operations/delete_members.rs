//! DeleteMembers: removes accounts from a behavior graph.

use serde::Deserialize;
use serde_json::{Value, json};

use super::unprocessed;
use crate::protocol::{Answer, Call};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    graph_arn: String,
    account_ids: Vec<String>,
}

// assumed: the administrator's own account, and one that is no member, are told as unprocessed; AccountIds is left out
// when it would be empty, for it must have one at least.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> Answer {
    let Request { graph_arn, account_ids } = call.request()?;
    let graph = world.detective.administered(call.place, &graph_arn, call.now)?;
    let (mut removed, mut refused): (Vec<String>, Vec<Value>) = (Vec::new(), Vec::new());
    for id in account_ids {
        if graph.members.remove(&id).is_some() {
            removed.push(id);
        } else if id == graph.administrator {
            refused.push(unprocessed(&id, "The administrator account cannot be removed from its own behavior graph."));
        } else if !removed.contains(&id) {
            refused.push(unprocessed(&id, "The account is not a member of the behavior graph."));
        }
    }
    let mut body = json!({ "UnprocessedAccounts": refused });
    if !removed.is_empty() {
        body["AccountIds"] = json!(removed);
    }
    Ok(Some(body))
}
