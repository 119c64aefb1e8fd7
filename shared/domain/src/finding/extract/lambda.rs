//! `resource.lambdaDetails`: a function, with the full ARN of its role.

use super::named::by_arn;
use super::{Candidates, Owner, other};
use crate::finding::document::Node;
use crate::principal::{NotInvestigableReason, RoleSource, UninvestigableKind};

pub(super) fn add(resource: Node<'_>, owner: &Owner<'_>, candidates: &mut Candidates) {
    let function = resource.get("lambdaDetails");
    let name = function.get("functionName").text().or_else(|| function.get("functionArn").text());
    let role = function.get("role").text();
    if role.or(name).is_none() {
        return;
    }
    let because = |reason| other(UninvestigableKind::Unknown, owner.account_id, name, reason);
    candidates.push(match role {
        None => because(NotInvestigableReason::Missing { part: RoleSource::FunctionRole }),
        Some(role) if owner.made_up(role) => because(NotInvestigableReason::Placeholder),
        Some(role) => by_arn(role, None, owner)
            .unwrap_or_else(|| because(NotInvestigableReason::Malformed { part: RoleSource::FunctionRole })),
    });
}
