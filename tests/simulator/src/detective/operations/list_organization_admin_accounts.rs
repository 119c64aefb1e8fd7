//! ListOrganizationAdminAccounts: an organization's Detective administrator in the Region, for its management account.

use serde_json::{Value, json};

use super::{PAGE, page};
use crate::protocol::pages::{Key, Order};
use crate::protocol::{Answer, Call, Paging, iso};
use crate::world::World;

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> Answer {
    let paging: Paging = call.request()?;
    world.managed_organization(call.place)?;
    let administrator = world.detective.delegations.get(call.place).cloned().map(|delegation| {
        let mut told = json!({ "AccountId": delegation.account, "DelegationTime": iso(delegation.since) });
        if let Some(graph) = world.detective.graph(&call.place.of(&delegation.account)) {
            told["GraphArn"] = graph.arn.as_str().into();
        }
        (Key { rank: 0, item: 0 }, told)
    });
    let (items, next) = call.page(administrator, Order::Ascending, &paging, PAGE)?;
    page("Administrators", Value::Array(items), next)
}
