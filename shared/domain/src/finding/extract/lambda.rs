//! `resource.lambdaDetails`: a function, with the full ARN of its role.

use super::named::by_arn;
use super::{Leads, Owner, other};
use crate::finding::document::Node;
use crate::principal::{NotInvestigable, OtherKind, Part};

pub(super) fn add(resource: Node<'_>, owner: &Owner<'_>, leads: &mut Leads) {
    let function = resource.get("lambdaDetails");
    let name = function.get("functionName").text().or_else(|| function.get("functionArn").text());
    let role = function.get("role").text();
    if role.or(name).is_none() {
        return;
    }
    let because = |reason| other(OtherKind::Unknown, owner.account_id, name, reason);
    leads.push(match role {
        None => because(NotInvestigable::Missing { part: Part::FunctionRole }),
        Some(role) if owner.made_up(role) => because(NotInvestigable::Placeholder),
        Some(role) => by_arn(role, None, owner)
            .unwrap_or_else(|| because(NotInvestigable::Malformed { part: Part::FunctionRole })),
    });
}
