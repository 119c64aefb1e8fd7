//! UpdateInvestigationState: archives an investigation, or takes it back.

use super::{Answer, Call};
use crate::constraints::{INVESTIGATION_ID, STATE};
use crate::state::World;

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> Answer {
    let graph_arn = call.graph_arn()?;
    let id = call.input.required_text("InvestigationId", &INVESTIGATION_ID)?;
    let state = call.input.required_word("State", &STATE)?;
    world.check_graph(call.place, graph_arn)?;
    // assumed: any investigation can be archived, a running one too, and the same state twice is no error.
    world.investigation(call.place, id)?.state = state;
    Ok(None)
}
