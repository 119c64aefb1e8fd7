//! ListGraphs: the graph that the account administers in the Region, if it exists.

use serde_json::json;

use super::{Answer, Call};
use crate::constraints::{MEMBER_RESULTS_LIMIT, PAGINATION_TOKEN};
use crate::state::World;

/// When every graph says it was created.
// assumed: a graph that control removes and restores is the same graph as before.
const CREATED: &str = "2026-01-01T00:00:00.000Z";

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> Answer {
    let token = call.input.optional_text("NextToken", &PAGINATION_TOKEN)?;
    call.input.optional_integer("MaxResults", &MEMBER_RESULTS_LIMIT)?;
    if let Some(token) = token {
        // There is never more than one graph, so no token was ever given out.
        call.listing(&[]).read(token, call.now)?;
    }
    let graphs: Vec<_> =
        world.graph(call.place).map(|arn| json!({ "Arn": arn, "CreatedTime": CREATED })).into_iter().collect();
    Ok(Some(json!({ "GraphList": graphs })))
}
