//! ListDetectors: the id of the one detector that the account has in the Region, if it has one.

use serde::Deserialize;

use super::{DEFAULT_PAGE_SIZE, page};
use crate::guardduty::detector_id;
use crate::protocol::pages::{Key, Order};
use crate::protocol::{Call, OperationResult};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    max_results: Option<usize>,
    next_token: Option<String>,
}

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { max_results, next_token } = call.request()?;
    let detectors =
        world.guardduty.has_detector(call.place).then(|| (Key { rank: 0, item: 0 }, detector_id(call.place)));
    let size = max_results.unwrap_or(DEFAULT_PAGE_SIZE);
    let (ids, next) = call.listing().page(detectors, Order::Ascending, next_token.as_deref(), size, call.now)?;
    page("detectorIds", ids.into(), next)
}
