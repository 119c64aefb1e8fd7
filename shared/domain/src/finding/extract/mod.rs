//! Extraction of the candidates for a finding's principals.
//!
//! It depends on the members that the document contains, never on the type of the finding or of its resource, because GuardDuty
//! adds types.

mod access_key;
mod candidates;
mod database;
mod ecs;
mod iam_names;
mod instance;
mod kubernetes;
mod lambda;
mod sequence;

pub(crate) use candidates::Candidates;

use crate::finding::json_node::JsonNode;
use crate::principal::names::is_sample_name;
use crate::principal::{
    NotInvestigableReason, Principal, PrincipalCandidate, UninvestigableKind, UninvestigablePrincipal,
};
use crate::text::one_line;

/// Partition, account and Region of the finding, if it contains them; there are no defaults.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FindingOwner<'a> {
    pub(crate) partition: Option<&'a str>,
    /// 12 digits.
    pub(crate) account_id: Option<&'a str>,
    pub(crate) region: &'a str,
    /// Whether the finding is a sample. Only then do sample names name no principal: in any other finding a user may have chosen
    /// such a name, and it is processed as usual.
    pub(crate) is_sample: bool,
}

impl FindingOwner<'_> {
    /// Whether the account is not the finding's; false if the finding's account is unknown.
    fn is_other_account(&self, account_id: &str) -> bool {
        self.account_id.is_some_and(|own| own != account_id)
    }

    /// Whether the text is a sample name in a sample finding, so that it names no principal.
    fn is_sample_name(&self, text: &str) -> bool {
        self.is_sample && is_sample_name(text)
    }
}

/// The candidates of a finding; at least one.
///
/// If there is an access key, its owner is the caller, even if the finding also contains an instance (samples contain a sample
/// instance). Without a key, the candidate is the role of the resource: the container's own role, or else the role of its instance.
pub(crate) fn extract_candidates(detail: JsonNode<'_>, owner: &FindingOwner<'_>) -> Candidates {
    let resource = detail.get("resource");
    let mut candidates = Candidates::default();
    let actors = sequence::add(detail.at("service.detection.sequence"), owner, &mut candidates);
    let key = access_key::add(detail, owner, &mut candidates);
    kubernetes::add_user(resource, owner, &mut candidates);
    if !key {
        lambda::add(resource, owner, &mut candidates);
        ecs::add(resource, owner, &mut candidates);
        kubernetes::add_workload(resource, owner, &mut candidates);
        instance::add(resource.get("instanceDetails"), owner, &mut candidates);
    }
    database::add(detail, owner, &mut candidates);
    if candidates.is_empty() {
        let resource_type = resource.get("resourceType").text();
        let is_sequence = actors.is_some() || resource_type == Some("AttackSequence");
        candidates.push(PrincipalCandidate::Resolved(Principal::none(if is_sequence {
            NotInvestigableReason::NoActors { processes: actors.unwrap_or(0) }
        } else {
            NotInvestigableReason::NoPrincipal { resource_type: resource_type.map(|kind| one_line(kind, 60)) }
        })));
    }
    candidates
}

/// A resolved candidate that Detective cannot investigate.
fn uninvestigable(
    kind: UninvestigableKind,
    account_id: Option<&str>,
    name: Option<&str>,
    reason: NotInvestigableReason,
) -> PrincipalCandidate {
    PrincipalCandidate::Resolved(uninvestigable_principal(kind, account_id, name, reason))
}

fn uninvestigable_principal(
    kind: UninvestigableKind,
    account_id: Option<&str>,
    name: Option<&str>,
    reason: NotInvestigableReason,
) -> Principal {
    let name = name.map(|name| one_line(name, 128)).filter(|name| !name.is_empty());
    Principal::NotInvestigable(UninvestigablePrincipal {
        kind,
        account_id: account_id.map(str::to_owned),
        name,
        reason,
    })
}
