//! `resource.instanceDetails`: an EC2 instance, and the role of its instance profile.

use super::iam_names::candidate_by_profile;
use super::{Candidates, FindingOwner, uninvestigable};
use crate::finding::json_node::JsonNode;
use crate::principal::{NotInvestigableReason, RoleSource, UninvestigableKind};

/// Adds the instance's role. If the finding also names a container, this is the fallback candidate: only a container without a role
/// of its own acts with the instance's.
pub(super) fn add(instance: JsonNode<'_>, owner: &FindingOwner<'_>, candidates: &mut Candidates) {
    let id = instance.get("instanceId").text();
    match instance.at("iamInstanceProfile.arn").text() {
        Some(profile) => candidates.push_fallback(candidate_by_profile(profile, id, owner)),
        None if id.is_some() && candidates.is_empty() => {
            let reason = match id {
                Some(id) if owner.is_sample_name(id) => NotInvestigableReason::Placeholder,
                _ => NotInvestigableReason::Missing { part: RoleSource::InstanceProfile },
            };
            candidates.push(uninvestigable(UninvestigableKind::Instance, owner.account_id, id, reason));
        }
        None => {}
    }
}
