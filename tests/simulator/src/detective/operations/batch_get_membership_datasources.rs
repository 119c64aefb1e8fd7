//! BatchGetMembershipDatasources: what the account sends into the behavior graphs that are named, and since when.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use crate::protocol::{Call, OperationResult};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    graph_arns: BTreeSet<String>,
}

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { graph_arns } = call.request()?;
    let (mut sources, mut unprocessed) = (Vec::new(), Vec::new());
    for arn in &graph_arns {
        let graph = world.detective.graphs_with_member(call.place, call.now).find(|graph| graph.arn == *arn);
        match graph.and_then(|graph| graph.members.get(&call.place.account)) {
            Some(member) => sources.push(json!({
                "AccountId": call.place.account,
                "GraphArn": arn,
                "DatasourcePackageIngestHistory": member.packages().history(),
            })),
            None => {
                let reason = "The account is not a member of the behavior graph.";
                unprocessed.push(json!({ "GraphArn": arn, "Reason": reason }));
            }
        }
    }
    Ok(Some(json!({ "MembershipDatasources": sources, "UnprocessedGraphs": unprocessed })))
}
