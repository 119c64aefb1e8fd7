//! UpdateInvestigationState: archives an investigation, or takes it back.

use serde::Deserialize;

use crate::detective::investigation::State;
use crate::protocol::{Call, OperationResult};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    graph_arn: String,
    investigation_id: String,
    state: State,
}

// assumed: any investigation can be archived, a running one too, and the same state twice is no error.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { graph_arn, investigation_id, state } = call.request()?;
    world.detective.administered_graph(call.place, &graph_arn, call.now)?.investigation(&investigation_id)?.state =
        state;
    Ok(None)
}
