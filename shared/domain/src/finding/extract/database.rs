//! `resource.rdsDbUserDetails`: a user of a database.

use super::{Leads, Owner, other};
use crate::finding::document::Node;
use crate::principal::{NotInvestigable, OtherKind};

pub(super) fn add(detail: Node<'_>, owner: &Owner<'_>, leads: &mut Leads) {
    let details = detail.at("resource.rdsDbUserDetails");
    let attempts = detail.at("service.action.rdsLoginAttemptAction.loginAttributes");
    let tried = || attempts.items().find_map(|attempt| attempt.get("user").text());
    let Some(user) = details.get("user").text().or_else(tried) else { return };
    let through_iam = details.get("authMethod").text().is_some_and(|method| method.eq_ignore_ascii_case("iam"));
    let reason =
        if owner.made_up(user) { NotInvestigable::Placeholder } else { NotInvestigable::DatabaseUser { through_iam } };
    leads.push(other(OtherKind::DatabaseUser, owner.account_id, Some(user), reason));
}
