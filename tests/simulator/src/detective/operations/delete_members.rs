//! DeleteMembers: removes accounts from a behavior graph.

use serde::Deserialize;
use serde_json::{Value, json};

use super::unprocessed;
use crate::protocol::{Call, OperationResult};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    graph_arn: String,
    account_ids: Vec<String>,
}

// assumed: the administrator's own account, and one that is not a member, are reported as unprocessed; AccountIds is
// omitted when it would be empty, because it must have at least one item.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { graph_arn, account_ids } = call.request()?;
    let graph = world.detective.administered_graph(call.place, &graph_arn, call.now)?;
    let (mut removed, mut rejected): (Vec<String>, Vec<Value>) = (Vec::new(), Vec::new());
    for id in account_ids {
        if graph.members.remove(&id).is_some() {
            removed.push(id);
        } else if id == graph.administrator {
            rejected.push(unprocessed(&id, "The administrator account cannot be removed from its own behavior graph."));
        } else if !removed.contains(&id) {
            rejected.push(unprocessed(&id, "The account is not a member of the behavior graph."));
        }
    }
    let mut body = json!({ "UnprocessedAccounts": rejected });
    if !removed.is_empty() {
        body["AccountIds"] = json!(removed);
    }
    Ok(Some(body))
}
