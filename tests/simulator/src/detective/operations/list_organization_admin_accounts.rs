//! ListOrganizationAdminAccounts: an organization's Detective administrator in the Region, for its management account.

use serde_json::{Value, json};

use super::{DEFAULT_PAGE_SIZE, page};
use crate::protocol::pages::{Key, Order};
use crate::protocol::{Call, OperationResult, Paging, iso};
use crate::world::World;

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let paging: Paging = call.request()?;
    world.managed_organization(call.place)?;
    let administrator = world.detective.delegations.get(call.place).cloned().map(|delegation| {
        let mut body = json!({ "AccountId": delegation.account, "DelegationTime": iso(delegation.since) });
        if let Some(graph) = world.detective.graph_of(&call.place.of(&delegation.account)) {
            body["GraphArn"] = graph.arn.as_str().into();
        }
        (Key { rank: 0, item: 0 }, body)
    });
    let (items, next) = call.page(administrator, Order::Ascending, &paging, DEFAULT_PAGE_SIZE)?;
    page("Administrators", Value::Array(items), next)
}
