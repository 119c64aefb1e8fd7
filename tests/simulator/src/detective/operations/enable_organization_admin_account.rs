//! EnableOrganizationAdminAccount: an organization's management account names the Detective administrator of the Region.

use serde::Deserialize;

use crate::detective::organization::Delegation;
use crate::protocol::{Call, OperationResult};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    account_id: String,
}

// assumed: another account than the Region's administrator of now, or than Organizations' delegated administrator, is a
// ValidationException; naming the same again changes nothing; members by invitation stay so; a graph that is there
// becomes the organization's.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { account_id } = call.request()?;
    let current = world.detective.delegations.get(call.place).map(|delegation| delegation.account.clone());
    let organization = world.managed_organization(call.place)?;
    if !organization.contains(&account_id) {
        return Err(call.invalid_member("AccountId", "must be an account of the organization."));
    }
    let of_management = account_id == organization.management_account;
    match &organization.detective_administrator {
        Some(delegated) if *delegated != account_id && !of_management => {
            return Err(call.invalid_member(
                "AccountId",
                &format!("must be the delegated administrator {delegated} or the management account."),
            ));
        }
        _ => {}
    }
    match current {
        Some(current) if current != account_id => {
            let what = format!("must be {current}, the administrator account of this Region; disable that first.");
            return Err(call.invalid_member("AccountId", &what));
        }
        Some(_) => return Ok(None),
        None => {}
    }
    if !of_management {
        organization.detective_administrator = Some(account_id.clone());
    }
    let graph = world.detective.create_graph(&call.place.of(&account_id), call.now);
    graph.auto_enable = Some(false);
    let delegation = Delegation { account: account_id, since: call.now };
    world.detective.delegations.insert(call.place.clone(), delegation);
    Ok(None)
}
