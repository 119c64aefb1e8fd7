//! ListIndicators: what an investigation found, in pages.

use serde_json::json;

use super::{Answer, Call};
use crate::constraints::{AI_PAGINATION_TOKEN, INDICATOR_TYPE, INVESTIGATION_ID, MAX_RESULTS};
use crate::pages::Key;
use crate::state::World;

/// The size of a page when MaxResults is left out.
// assumed: the reference gives none.
const PAGE: usize = 100;

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> Answer {
    let graph_arn = call.graph_arn()?;
    let id = call.input.required_text("InvestigationId", &INVESTIGATION_ID)?;
    let kind = call.input.optional_word("IndicatorType", &INDICATOR_TYPE)?;
    let token = call.input.optional_text("NextToken", &AI_PAGINATION_TOKEN)?;
    let size = call.input.optional_integer("MaxResults", &MAX_RESULTS)?.unwrap_or(PAGE);
    let listing = call.listing(&[graph_arn, id, kind.unwrap_or_default()]);
    let after = token.map(|token| listing.read(token, call.now)).transpose()?;
    world.check_graph(call.place, graph_arn)?;
    let investigation = world.investigation(call.place, id)?;

    let indicators = (0_u128..).map(|item| Key { rank: 0, item }).zip(investigation.indicators(call.now)).filter(
        |(key, indicator)| {
            after.is_none_or(|after| *key > after) && kind.is_none_or(|kind| kind == indicator.indicator_type)
        },
    );
    let (page, next) = listing.page(indicators, size, call.now);
    let mut body = json!({ "GraphArn": graph_arn, "InvestigationId": id, "Indicators": page });
    if let Some(next) = next {
        body["NextToken"] = next.into();
    }
    Ok(Some(body))
}
