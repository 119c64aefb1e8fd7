//! Candidates from the names and ARNs of users, roles and instance profiles.

use super::{FindingOwner, uninvestigable, uninvestigable_principal};
use crate::principal::arn::{IamArn, IamKind};
use crate::principal::entity::{Credential, Entity};
use crate::principal::names::is_iam_name;
use crate::principal::{
    Certainty, Inference, Lookup, NotInvestigableReason, PathlessKind, Principal, PrincipalCandidate, RoleSource,
    Uncertainty, UninvestigableKind,
};

/// An IAM user or role that the finding names without its path.
#[derive(Debug, Clone, Copy)]
pub(super) struct NamedIamPrincipal<'a> {
    pub(super) is_role: bool,
    pub(super) name: Option<&'a str>,
    /// 12 digits.
    pub(super) account_id: Option<&'a str>,
    pub(super) principal_id: Option<&'a str>,
    pub(super) session_name: Option<&'a str>,
    /// Whether the name comes from a Kubernetes cluster without the unique id that EKS's authenticator adds.
    pub(super) is_unverified: bool,
}

/// A user or role by name. The fallback's ARN is built from the name; the lookup finds the path.
pub(super) fn candidate_by_name(named: &NamedIamPrincipal<'_>, owner: &FindingOwner<'_>) -> PrincipalCandidate {
    let with_reason = |reason| uninvestigable(UninvestigableKind::Unknown, named.account_id, named.name, reason);
    let Some(name) = named.name else { return with_reason(NotInvestigableReason::NoName) };
    if owner.is_sample_name(name) {
        return with_reason(NotInvestigableReason::Placeholder);
    }
    if !is_iam_name(name, 64) {
        return with_reason(NotInvestigableReason::InvalidName);
    }
    let Some(account_id) = named.account_id else {
        return with_reason(NotInvestigableReason::InvalidAccountId);
    };
    if owner.is_other_account(account_id) {
        return uninvestigable_of_other_account(account_id, name);
    }
    let Some(partition) = owner.partition else { return with_reason(NotInvestigableReason::NoPartition) };

    let credential = Credential::of(named.principal_id, named.is_role);
    let mut uncertainties = vec![Uncertainty::UnknownPath(PathlessKind::of(named.is_role, name))];
    if credential.has_other_kind_of_id {
        uncertainties.push(Uncertainty::UnexpectedIdKind);
    }
    let inference = if named.is_unverified {
        Inference::KubernetesName
    } else if credential.has_other_kind_of_id {
        Inference::IdKindMismatch
    } else {
        Inference::NotLookedUp
    };
    let kind = if named.is_role { "role" } else { "user" };
    let session_name = named.session_name.map(|session| crate::text::one_line(session, 64));
    let entity = Entity {
        arn: format!("arn:{partition}:iam::{account_id}:{kind}/{name}"),
        is_arn_certain: false,
        certainty: Certainty::Inferred(inference),
        uncertainties,
        account_id: account_id.to_owned(),
        name: name.to_owned(),
        unique_id: credential.unique_id,
        session_name: credential.session_name.or(session_name.filter(|session| named.is_role && !session.is_empty())),
        is_service_linked: false,
    };
    let (partition, account_id, name) = (partition.to_owned(), account_id.to_owned(), name.to_owned());
    if named.is_role {
        PrincipalCandidate::NeedsLookup {
            lookup: Lookup::Role { partition, account_id, name },
            fallback: Principal::IamRole(entity),
            session_name: None,
        }
    } else {
        PrincipalCandidate::NeedsLookup {
            lookup: Lookup::User { partition, account_id, name },
            fallback: Principal::IamUser(entity),
            session_name: None,
        }
    }
}

/// A user or role by the full ARN in the finding. It is confirmed; if the finding contains a unique id, a lookup checks that IAM
/// still has that id under the name. `None` if the text is not the ARN of a user or role.
pub(super) fn candidate_by_arn(
    text: &str,
    principal_id: Option<&str>,
    owner: &FindingOwner<'_>,
) -> Option<PrincipalCandidate> {
    let arn = IamArn::parse(text)?;
    if owner.is_sample_name(text) {
        return Some(uninvestigable(
            UninvestigableKind::Unknown,
            Some(arn.account_id),
            Some(arn.name),
            NotInvestigableReason::Placeholder,
        ));
    }
    if let Some(elsewhere) = other_account_or_partition(arn.partition, arn.account_id, arn.name, owner) {
        return Some(elsewhere);
    }
    let credential = Credential::of(principal_id, arn.kind == IamKind::Role);
    let has_unique_id = credential.unique_id.is_some();
    let fallback = Entity::certain(&arn, credential)?;
    if !has_unique_id {
        return Some(PrincipalCandidate::Resolved(fallback));
    }
    let (partition, account_id, name) = (arn.partition.to_owned(), arn.account_id.to_owned(), arn.name.to_owned());
    let lookup = match arn.kind {
        IamKind::User => Lookup::User { partition, account_id, name },
        _ => Lookup::Role { partition, account_id, name },
    };
    Some(PrincipalCandidate::NeedsLookup { lookup, fallback, session_name: None })
}

/// The role of an instance profile, by the profile's ARN. The session name of an instance's credentials is the instance id.
pub(super) fn candidate_by_profile(
    text: &str,
    instance_id: Option<&str>,
    owner: &FindingOwner<'_>,
) -> PrincipalCandidate {
    let with_reason = |reason| uninvestigable(UninvestigableKind::Instance, owner.account_id, instance_id, reason);
    if owner.is_sample_name(text) || instance_id.is_some_and(|id| owner.is_sample_name(id)) {
        return with_reason(NotInvestigableReason::Placeholder);
    }
    let Some(arn) = IamArn::parse(text).filter(|arn| arn.kind == IamKind::InstanceProfile) else {
        return with_reason(NotInvestigableReason::Malformed { part: RoleSource::InstanceProfile });
    };
    candidate_by_profile_name(arn.partition, arn.account_id, arn.name, instance_id, owner)
}

/// The role of an instance profile, by validated parts of its ARN.
pub(super) fn candidate_by_profile_name(
    partition: &str,
    account_id: &str,
    name: &str,
    instance_id: Option<&str>,
    owner: &FindingOwner<'_>,
) -> PrincipalCandidate {
    if let Some(elsewhere) = other_account_or_partition(partition, account_id, name, owner) {
        return elsewhere;
    }
    let lookup = Lookup::InstanceProfile {
        partition: partition.to_owned(),
        account_id: account_id.to_owned(),
        name: name.to_owned(),
    };
    candidate_with_lookup(
        lookup,
        UninvestigableKind::Instance,
        instance_id.unwrap_or(name),
        instance_id.filter(|id| id.starts_with("i-")),
    )
}

/// A candidate whose role is known only after the lookup.
pub(super) fn candidate_with_lookup(
    lookup: Lookup,
    kind: UninvestigableKind,
    name: &str,
    session_name: Option<&str>,
) -> PrincipalCandidate {
    let reason = NotInvestigableReason::NotLookedUp { lookup: lookup.to_string(), why: None };
    let fallback = uninvestigable_principal(kind, Some(lookup.account_id()), Some(name), reason);
    let session_name = session_name.map(|session| crate::text::one_line(session, 64));
    PrincipalCandidate::NeedsLookup { fallback, lookup, session_name }
}

/// A candidate with the reason, if account or partition are not the finding's; otherwise `None`.
pub(super) fn other_account_or_partition(
    partition: &str,
    account_id: &str,
    name: &str,
    owner: &FindingOwner<'_>,
) -> Option<PrincipalCandidate> {
    if owner.partition.is_some_and(|own| own != partition) {
        return Some(uninvestigable(
            UninvestigableKind::Unknown,
            Some(account_id),
            Some(name),
            NotInvestigableReason::OtherPartition,
        ));
    }
    owner.is_other_account(account_id).then(|| uninvestigable_of_other_account(account_id, name))
}

fn uninvestigable_of_other_account(account_id: &str, name: &str) -> PrincipalCandidate {
    uninvestigable(UninvestigableKind::AwsAccount, Some(account_id), Some(name), NotInvestigableReason::OtherAccount)
}
