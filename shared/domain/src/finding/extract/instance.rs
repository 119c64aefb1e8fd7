//! `resource.instanceDetails`: an EC2 instance, and the role behind its profile.

use super::named::by_profile;
use super::{Leads, Owner, other};
use crate::finding::document::Node;
use crate::principal::{NotInvestigable, OtherKind, Part};

/// Adds the instance's role. Beside a container that may have a role of its own, it is on standby: a container without
/// one acts with its instance's.
pub(super) fn add(instance: Node<'_>, owner: &Owner<'_>, leads: &mut Leads) {
    let id = instance.get("instanceId").text();
    match instance.at("iamInstanceProfile.arn").text() {
        Some(profile) => leads.push_standby(by_profile(profile, id, owner)),
        None if id.is_some() && leads.is_empty() => {
            let reason = match id {
                Some(id) if owner.made_up(id) => NotInvestigable::Placeholder,
                _ => NotInvestigable::Missing { part: Part::InstanceProfile },
            };
            leads.push(other(OtherKind::Instance, owner.account_id, id, reason));
        }
        None => {}
    }
}
