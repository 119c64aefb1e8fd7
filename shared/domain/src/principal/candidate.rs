//! Resolving what a finding contains about an actor to a principal.

use super::arn::{IamArn, IamKind};
use super::entity::{Credential, Entity};
use super::{Certainty, Inference, Lookup, LookupAnswer, LookupError, NotInvestigableReason, Principal, Uncertainty};

/// The path of service-linked roles. Only AWS can create a role under it.
///
/// Source: IAM User Guide, "Create a service-linked role".
const SERVICE_LINKED_PATH: &str = "aws-service-role/";

/// One actor behind a finding, before lookups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrincipalCandidate {
    /// No lookup is needed, or none would find a user or role.
    Resolved(Principal),
    /// A lookup may find the user or role, or its full ARN.
    NeedsLookup {
        /// The lookup to make.
        lookup: Lookup,
        /// The principal if the lookup is not made or fails. Its uncertainties, or its reason, name what is missing.
        fallback: Principal,
        /// The name of the role's session, if the finding contains it and `fallback` is not a role.
        session_name: Option<String>,
    },
}

impl PrincipalCandidate {
    /// `None` if the candidate is resolved.
    #[must_use]
    pub fn lookup(&self) -> Option<&Lookup> {
        match self {
            Self::Resolved(_) => None,
            Self::NeedsLookup { lookup, .. } => Some(lookup),
        }
    }

    /// The principal as known before the lookup.
    #[must_use]
    pub fn current_principal(&self) -> &Principal {
        match self {
            Self::Resolved(principal) | Self::NeedsLookup { fallback: principal, .. } => principal,
        }
    }

    /// Whether it is an IAM user or role, or a lookup may find one.
    #[must_use]
    pub fn may_be_investigable(&self) -> bool {
        self.lookup().is_some() || self.current_principal().entity().is_some()
    }

    /// The principal after the lookup. A resolved candidate ignores the answer.
    ///
    /// An ARN is accepted only if it names an IAM user or role of the requested kind, account, partition and (for users and
    /// roles) name. The session name and the unique id in the finding are kept.
    #[must_use]
    pub fn resolve(self, answer: Result<LookupAnswer, LookupError>) -> Principal {
        let (lookup, fallback, session_name) = match self {
            Self::Resolved(principal) => return principal,
            Self::NeedsLookup { lookup, fallback, session_name } => (lookup, fallback, session_name),
        };
        match answer {
            Ok(LookupAnswer::Arn { arn, unique_id }) => match matching_arn(&lookup, &arn) {
                Some(arn) => apply_answer(&lookup, &arn, unique_id, fallback, session_name),
                None => apply_unexpected_answer(&lookup, fallback),
            },
            Ok(LookupAnswer::TaskRole { arn }) => match matching_arn(&lookup, &arn) {
                Some(arn) => {
                    let credential = Credential { session_name, ..Credential::default() };
                    Entity::certain(&arn, credential).unwrap_or(fallback)
                }
                None => apply_unexpected_answer(&lookup, fallback),
            },
            Ok(LookupAnswer::NoRole) => apply_no_role(&lookup, fallback),
            Err(why) => apply_failure(&lookup, fallback, why),
        }
    }

    /// The principal without a lookup.
    #[must_use]
    pub fn into_current_principal(self) -> Principal {
        match self {
            Self::Resolved(principal) | Self::NeedsLookup { fallback: principal, .. } => principal,
        }
    }
}

/// The parsed ARN, if it answers the lookup.
fn matching_arn<'a>(lookup: &Lookup, arn: &'a str) -> Option<IamArn<'a>> {
    let arn = IamArn::parse(arn)?;
    let (kind, wanted) = match lookup {
        Lookup::User { name, .. } => (IamKind::User, Some(name)),
        Lookup::Role { name, .. } => (IamKind::Role, Some(name)),
        _ => (IamKind::Role, None),
    };
    let fits = arn.kind == kind
        && wanted.is_none_or(|name| name == arn.name)
        && arn.account_id == lookup.account_id()
        && arn.partition == lookup.partition();
    fits.then_some(arn)
}

/// The principal of the ARN, with the certainty that the lookup gives.
///
/// The role of an instance profile, a task definition or a service account is the current one; another may have acted. A user or
/// role that was looked up by name is the finding's if both have the same unique id, or if the finding contains none and AWS
/// provided the name.
fn apply_answer(
    lookup: &Lookup,
    arn: &IamArn<'_>,
    unique_id: Option<String>,
    fallback: Principal,
    session: Option<String>,
) -> Principal {
    let (known_id, known_session, certainty) = match &fallback {
        Principal::IamUser(entity) | Principal::IamRole(entity) => {
            (entity.unique_id.clone(), entity.session_name.clone(), Some(entity.certainty))
        }
        Principal::NotInvestigable(_) => (None, None, None),
    };
    let has_other_id = known_id.is_some() && unique_id.is_some() && known_id != unique_id;
    let inference = match lookup.inference() {
        _ if has_other_id => Some(Inference::Recreated),
        Some(why) => Some(why),
        None => certainty.and_then(Certainty::inference).filter(|why| *why != Inference::NotLookedUp),
    };
    let is_confirmed = known_id.is_some() && known_id == unique_id;
    let credential = Credential {
        unique_id: known_id.or(unique_id),
        session_name: known_session.or(session),
        ..Credential::default()
    };
    let Some(mut principal) = Entity::certain(arn, credential) else { return fallback };
    if let (Lookup::Role { .. }, Principal::IamRole(entity)) = (lookup, &mut principal) {
        entity.is_service_linked = is_confirmed && arn.path.starts_with(SERVICE_LINKED_PATH);
    }
    if let (Some(why), Some(entity)) = (inference, principal.entity_mut()) {
        entity.is_arn_certain = why != Inference::Recreated;
        entity.mark_inferred(why);
    }
    principal
}

fn apply_failure(lookup: &Lookup, mut fallback: Principal, why: LookupError) -> Principal {
    match &mut fallback {
        Principal::IamUser(entity) | Principal::IamRole(entity) => entity.add_lookup_failure(lookup, why),
        Principal::NotInvestigable(other) => {
            other.reason = NotInvestigableReason::NotLookedUp { lookup: lookup.to_string(), why: Some(why) };
        }
    }
    fallback
}

fn apply_no_role(lookup: &Lookup, mut fallback: Principal) -> Principal {
    let Some(part) = lookup.role_source() else { return apply_failure(lookup, fallback, LookupError::NotFound) };
    if let Principal::NotInvestigable(other) = &mut fallback {
        other.reason = NotInvestigableReason::NoRole { lookup: lookup.to_string(), part };
    }
    fallback
}

fn apply_unexpected_answer(lookup: &Lookup, mut fallback: Principal) -> Principal {
    match &mut fallback {
        // The finding contains the full ARN.
        Principal::IamUser(entity) | Principal::IamRole(entity) if entity.certainty == Certainty::Confirmed => {}
        Principal::IamUser(entity) | Principal::IamRole(entity) => {
            entity.uncertainties.insert(0, Uncertainty::UnexpectedAnswer { lookup: lookup.to_string() });
        }
        Principal::NotInvestigable(other) => {
            other.reason = NotInvestigableReason::UnexpectedAnswer { lookup: lookup.to_string() };
        }
    }
    fallback
}
