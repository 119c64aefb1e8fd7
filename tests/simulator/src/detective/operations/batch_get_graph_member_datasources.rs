//! BatchGetGraphMemberDatasources: what the accounts that are named send into a behavior graph, and since when.

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

// assumed: the administrator's own account has the history of the graph's packages.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { graph_arn, account_ids } = call.request()?;
    let graph = world.detective.administered_graph(call.place, &graph_arn, call.now)?;
    let (mut sources, mut not_members) = (Vec::new(), Vec::new());
    for id in &account_ids {
        let own = (*id == graph.administrator).then_some(&graph.packages);
        match own.or_else(|| graph.members.get(id).map(|member| member.packages())) {
            Some(packages) => sources.push(json!({
                "AccountId": id,
                "GraphArn": graph.arn,
                "DatasourcePackageIngestHistory": packages.history(),
            })),
            None => not_members.push(unprocessed(id, "The account is not a member of the behavior graph.")),
        }
    }
    Ok(Some(json!({ "MemberDatasources": sources, "UnprocessedAccounts": not_members })))
}
