//! `resource.lambdaDetails`: a function, with the full ARN of its role.

use super::iam_names::candidate_by_arn;
use super::{Candidates, FindingOwner, uninvestigable};
use crate::finding::json_node::JsonNode;
use crate::principal::{NotInvestigableReason, RoleSource, UninvestigableKind};

pub(super) fn add(resource: JsonNode<'_>, owner: &FindingOwner<'_>, candidates: &mut Candidates) {
    let function = resource.get("lambdaDetails");
    let name = function.get("functionName").text().or_else(|| function.get("functionArn").text());
    let role = function.get("role").text();
    if role.or(name).is_none() {
        return;
    }
    let with_reason = |reason| uninvestigable(UninvestigableKind::Unknown, owner.account_id, name, reason);
    candidates.push(match role {
        None => with_reason(NotInvestigableReason::Missing { part: RoleSource::FunctionRole }),
        Some(role) if owner.is_sample_name(role) => with_reason(NotInvestigableReason::Placeholder),
        Some(role) => candidate_by_arn(role, None, owner)
            .unwrap_or_else(|| with_reason(NotInvestigableReason::Malformed { part: RoleSource::FunctionRole })),
    });
}
