//! ListIndicators: what an investigation found, in pages.

use serde::Deserialize;
use serde_json::json;

use crate::protocol::pages::{Key, Order};
use crate::protocol::{Call, OperationResult, Paging};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    graph_arn: String,
    investigation_id: String,
    indicator_type: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

/// The size of a page when MaxResults is left out.
// assumed: the reference gives none.
const DEFAULT_PAGE_SIZE: usize = 100;

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { graph_arn, investigation_id, indicator_type, paging } = call.request()?;
    let investigation =
        world.detective.administered_graph(call.place, &graph_arn, call.now)?.investigation(&investigation_id)?;
    let wanted = (0_u128..)
        .map(|item| Key { rank: 0, item })
        .zip(investigation.indicators(call.now))
        .filter(|(_, indicator)| indicator_type.as_ref().is_none_or(|kind| *kind == indicator.indicator_type));
    let (indicators, next) = call.page(wanted, Order::Ascending, &paging, DEFAULT_PAGE_SIZE)?;
    let mut body = json!({ "GraphArn": graph_arn, "InvestigationId": investigation_id, "Indicators": indicators });
    if let Some(next) = next {
        body["NextToken"] = next.into();
    }
    Ok(Some(body))
}
