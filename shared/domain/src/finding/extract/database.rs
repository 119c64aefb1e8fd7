//! `resource.rdsDbUserDetails`: a user of a database.

use super::{Candidates, Owner, other};
use crate::finding::document::Node;
use crate::principal::{NotInvestigableReason, UninvestigableKind};

pub(super) fn add(detail: Node<'_>, owner: &Owner<'_>, candidates: &mut Candidates) {
    let details = detail.at("resource.rdsDbUserDetails");
    let attempts = detail.at("service.action.rdsLoginAttemptAction.loginAttributes");
    let tried = || attempts.items().find_map(|attempt| attempt.get("user").text());
    let Some(user) = details.get("user").text().or_else(tried) else { return };
    let through_iam = details.get("authMethod").text().is_some_and(|method| method.eq_ignore_ascii_case("iam"));
    let reason = if owner.made_up(user) {
        NotInvestigableReason::Placeholder
    } else {
        NotInvestigableReason::DatabaseUser { through_iam }
    };
    candidates.push(other(UninvestigableKind::DatabaseUser, owner.account_id, Some(user), reason));
}
