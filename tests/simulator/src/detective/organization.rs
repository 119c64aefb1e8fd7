//! Organizations as Detective sees them: administrator accounts and organization behavior graphs.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::constraints::MEMBERS_MAX;
use super::graph::Graph;
use super::member::{InvitationType, Member};
use crate::organization::Organization;
use crate::protocol::Call;
use crate::protocol::error::AwsError;
use crate::world::{AccountRegion, World};

/// Who administers Detective for an organization in a Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Delegation {
    pub(crate) account: String,
    pub(crate) since: Timestamp,
}

impl World {
    /// The organization that the place's account manages.
    ///
    /// # Errors
    /// AccessDeniedException when it manages none.
    pub(super) fn managed_organization(&mut self, place: &AccountRegion) -> Result<&mut Organization, AwsError> {
        self.organizations
            .of_mut(&place.account)
            .filter(|organization| organization.management_account == place.account)
            .ok_or_else(|| {
                AwsError::access_denied(format!(
                    "Only the management account of an organization can do this; {} manages none.",
                    place.account
                ))
            })
    }

    /// The organization's graph in the Region, which the caller administers.
    ///
    /// # Errors
    /// AccessDeniedException when it does not administer Detective for an organization, ValidationException when the
    /// ARN is another's.
    // assumed: which of the two errors when.
    pub(super) fn organization_graph(&mut self, call: &Call<'_>, arn: &str) -> Result<&mut Graph, AwsError> {
        let place = call.place;
        let administers = self.organizations.of(&place.account).is_some_and(|organization| {
            let at = place.of(&organization.management_account);
            self.detective.delegations.get(&at).is_some_and(|delegation| delegation.account == place.account)
        });
        if !administers {
            return Err(AwsError::access_denied(format!(
                "Only the Detective administrator account of an organization can do this; {} is not one in {}.",
                place.account, place.region
            )));
        }
        self.detective
            .graph_of(place)
            .filter(|graph| graph.arn == arn)
            .ok_or_else(|| call.invalid_member("GraphArn", "must be the ARN of the organization's behavior graph."))
    }

    /// Defines or replaces an organization, and updates its graphs: accounts that joined become members if AutoEnable is on,
    /// accounts that left are removed from the members.
    ///
    /// # Errors
    /// When the organization is not in order.
    pub(crate) fn change_organization(&mut self, organization: Organization) -> Result<(), String> {
        let before = self.organizations.of(&organization.management_account).cloned();
        let organization = self.organizations.set(organization)?;
        let delegated = before.as_ref().and_then(|before| before.detective_administrator.as_ref());
        if let Some(delegated) =
            delegated.filter(|delegated| organization.detective_administrator.as_ref() != Some(delegated))
        {
            self.remove_administrator(&organization.management_account, delegated);
        }
        let now = self.clock.now();
        let places: Vec<(AccountRegion, Delegation)> = self
            .detective
            .delegations
            .iter()
            .filter(|(place, _)| place.account == organization.management_account)
            .map(|(place, delegation)| (place.clone(), delegation.clone()))
            .collect();
        for (place, delegation) in places {
            let administrator = place.of(&delegation.account);
            let joined: Vec<(String, String, Option<u64>)> = organization
                .accounts
                .iter()
                .filter(|(id, _)| {
                    **id != delegation.account && !before.as_ref().is_some_and(|before| before.contains(id))
                })
                .map(|(id, email)| {
                    (id.clone(), email.clone(), self.scenarios.of_account(&administrator, id).volume_bytes)
                })
                .collect();
            let Some(graph) = self.detective.graph_of(&administrator) else { continue };
            graph
                .members
                .retain(|id, member| member.invitation == InvitationType::Invitation || organization.contains(id));
            if graph.auto_enable != Some(true) {
                continue;
            }
            for (id, email, volume) in joined {
                // assumed: an account that does not fit any more stays outside, and one that was invited stays so.
                if graph.members.len() < MEMBERS_MAX && !graph.members.contains_key(&id) {
                    graph.members.insert(id.clone(), Member::of_organization(&id, &email, now));
                    graph.enable(&id, volume, now);
                }
            }
        }
        Ok(())
    }

    /// The account is not the organization's delegated administrator any more, and so administers Detective for it in no
    /// Region. Source: DisableOrganizationAdminAccount.
    fn remove_administrator(&mut self, management: &str, delegated: &str) {
        let of_organization = |place: &AccountRegion, delegation: &Delegation| {
            place.account == management && delegation.account == delegated
        };
        let delegations = &mut self.detective.delegations;
        let places = delegations.iter().filter(|(place, delegation)| of_organization(place, delegation));
        let administrators: Vec<AccountRegion> = places.map(|(place, _)| place.of(delegated)).collect();
        delegations.retain(|place, delegation| !of_organization(place, delegation));
        for place in administrators {
            self.detective.delete_graph(&place);
        }
    }
}
