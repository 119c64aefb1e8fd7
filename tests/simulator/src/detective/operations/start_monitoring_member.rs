//! StartMonitoringMember: tries again to enable a member that was accepted but disabled.

use serde::Deserialize;

use crate::detective::MemberStatus;
use crate::protocol::error::AwsError;
use crate::protocol::{Call, OperationResult};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    graph_arn: String,
    account_id: String,
}

// assumed: a member in any other status is a ConflictException; a graph that already ingests too much is a
// ServiceQuotaExceededException, while a member whose data would exceed the limit stays disabled.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { graph_arn, account_id } = call.request()?;
    let volume = world.scenarios.of_account(call.place, &account_id).volume_bytes;
    let graph = world.detective.administered_graph(call.place, &graph_arn, call.now)?;
    let member = graph
        .members
        .get(&account_id)
        .ok_or_else(|| AwsError::not_found(format!("{account_id} is not a member of the behavior graph.")))?;
    if member.status(call.now) != MemberStatus::AcceptedButDisabled {
        return Err(AwsError::conflict(format!("The status of {account_id} is not ACCEPTED_BUT_DISABLED.")));
    }
    graph.check_volume_limit()?;
    graph.enable(&account_id, volume, call.now);
    Ok(None)
}
