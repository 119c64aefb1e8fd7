//! ListOrganizationAdminAccounts: an organization's Detective administrator in the Region, for its management account.

use serde::Deserialize;
use serde_json::{Value, json};

use super::page;
use crate::protocol::pages::{Key, Order};
use crate::protocol::{Answer, Call, iso};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// The size of a page when MaxResults is left out.
// assumed: the most that can be asked for.
const PAGE: usize = 200;

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> Answer {
    let Request { next_token, max_results } = call.request()?;
    world.managed_organization(call.place)?;
    let administrator = world.detective.delegations.get(call.place).cloned().map(|delegation| {
        let mut told = json!({ "AccountId": delegation.account, "DelegationTime": iso(delegation.since) });
        if let Some(graph) = world.detective.graph(&call.place.of(&delegation.account)) {
            told["GraphArn"] = graph.arn.as_str().into();
        }
        (Key { rank: 0, item: 0 }, told)
    });
    let size = max_results.unwrap_or(PAGE);
    let (items, next) = call.listing().page(administrator, Order::Ascending, next_token.as_deref(), size, call.now)?;
    page("Administrators", Value::Array(items), next)
}
