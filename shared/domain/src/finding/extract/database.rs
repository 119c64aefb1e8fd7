//! `resource.rdsDbUserDetails`: a user of a database.

use super::{Candidates, FindingOwner, uninvestigable};
use crate::finding::json_node::JsonNode;
use crate::principal::{NotInvestigableReason, UninvestigableKind};

pub(super) fn add(detail: JsonNode<'_>, owner: &FindingOwner<'_>, candidates: &mut Candidates) {
    let details = detail.at("resource.rdsDbUserDetails");
    let attempts = detail.at("service.action.rdsLoginAttemptAction.loginAttributes");
    let tried = || attempts.items().find_map(|attempt| attempt.get("user").text());
    let Some(user) = details.get("user").text().or_else(tried) else { return };
    let through_iam = details.get("authMethod").text().is_some_and(|method| method.eq_ignore_ascii_case("iam"));
    let reason = if owner.is_sample_name(user) {
        NotInvestigableReason::Placeholder
    } else {
        NotInvestigableReason::DatabaseUser { through_iam }
    };
    candidates.push(uninvestigable(UninvestigableKind::DatabaseUser, owner.account_id, Some(user), reason));
}
