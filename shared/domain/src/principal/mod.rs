//! The principals behind a finding, and the lookups that resolve them.
//!
//! ```text
//! finding ── finding::extract ──▶ candidates ── lookups, made by the caller ──▶ principals
//! ```
//!
//! Findings do not contain the paths of users and roles. Many name no role at all, but an instance profile, a task definition or
//! a Kubernetes service account. A [`PrincipalCandidate`] holds the lookup that resolves such a reference, and the principal to
//! use if the lookup fails. An ARN is built only from a name that IAM allows and that no sample finding contains, and only if
//! account and partition are known.

pub(crate) mod arn;
mod candidate;
mod certainty;
pub(crate) mod entity;
mod identity;
mod lookup;
pub(crate) mod names;
mod reason;
pub(crate) mod uncertainty;
mod uninvestigable;

pub use arn::is_account_id;
pub use candidate::PrincipalCandidate;
pub use certainty::{Certainty, Inference};
pub use entity::Entity;
pub use identity::{PrincipalIdentity, PrincipalKind, StoredPrincipal};
pub use lookup::{Lookup, LookupAnswer, LookupError, TaskArn};
pub use reason::{NotInvestigableReason, RoleSource};
pub use uncertainty::{PathlessKind, Uncertainty};
pub use uninvestigable::{UninvestigableKind, UninvestigablePrincipal};

use serde::{Deserialize, Serialize};

/// The principal behind a finding: an entity that Detective can investigate, or another actor with the reason why Detective
/// cannot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all_fields = "snake_case")]
pub enum Principal {
    /// An IAM user.
    IamUser(Entity),
    /// An IAM role, or a session of one.
    IamRole(Entity),
    /// An actor that Detective cannot investigate.
    NotInvestigable(UninvestigablePrincipal),
}

impl Principal {
    /// Distinguishes the principal from the others of the same finding.
    #[must_use]
    pub fn identity(&self) -> PrincipalIdentity {
        let [account_id, name] = [self.account_id(), self.name()].map(|part| part.map(str::to_owned));
        PrincipalIdentity { kind: self.kind(), account_id, name }
    }

    /// For a finding that names no principal.
    #[must_use]
    pub fn none(reason: NotInvestigableReason) -> Self {
        Self::NotInvestigable(UninvestigablePrincipal {
            kind: UninvestigableKind::None,
            account_id: None,
            name: None,
            reason,
        })
    }

    /// The ARN that Detective investigates; `None` if the principal is not an IAM user or role.
    #[must_use]
    pub fn entity_arn(&self) -> Option<&str> {
        self.entity().map(|entity| entity.arn.as_str())
    }

    /// `None` if the principal is not an IAM user or role.
    #[must_use]
    pub fn entity(&self) -> Option<&Entity> {
        match self {
            Self::IamUser(entity) | Self::IamRole(entity) => Some(entity),
            Self::NotInvestigable(_) => None,
        }
    }

    /// As [`Principal::entity`], mutable.
    pub fn entity_mut(&mut self) -> Option<&mut Entity> {
        match self {
            Self::IamUser(entity) | Self::IamRole(entity) => Some(entity),
            Self::NotInvestigable(_) => None,
        }
    }

    /// Why it cannot be investigated; `None` for an IAM user or role.
    #[must_use]
    pub fn reason(&self) -> Option<&NotInvestigableReason> {
        match self {
            Self::IamUser(_) | Self::IamRole(_) => None,
            Self::NotInvestigable(other) => Some(&other.reason),
        }
    }

    /// Whether IAM confirmed that it is a service-linked role: by its path, which only AWS can give a role, and by its unique id.
    /// A name or a path in the finding is not enough.
    #[must_use]
    pub fn is_service_linked_role(&self) -> bool {
        matches!(self, Self::IamRole(role) if role.is_service_linked)
    }

    /// Whether a lookup may confirm that it is a service-linked role: it has the name of one, and the finding contains the unique
    /// id that IAM's answer has to equal.
    #[must_use]
    pub fn may_be_service_linked_role(&self) -> bool {
        matches!(self, Self::IamRole(role) if role.name.starts_with("AWSServiceRoleFor") && role.unique_id.is_some())
    }

    /// Whether it is a user, a role or another kind of actor.
    #[must_use]
    pub fn kind(&self) -> PrincipalKind {
        match self {
            Self::IamUser(_) => PrincipalKind::IamUser,
            Self::IamRole(_) => PrincipalKind::IamRole,
            Self::NotInvestigable(other) => PrincipalKind::Other(other.kind),
        }
    }

    /// The kind as in JSON, such as `iam-role` or `kubernetes-service-account`; subscribers filter by it.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        self.kind().as_str()
    }

    /// The account that owns it, 12 digits; `None` if unknown.
    #[must_use]
    pub fn account_id(&self) -> Option<&str> {
        match self {
            Self::IamUser(entity) | Self::IamRole(entity) => Some(&entity.account_id),
            Self::NotInvestigable(other) => other.account_id.as_deref(),
        }
    }

    /// `None` if it has no name. An attacker may have chosen the name of an actor that is not an IAM user or role.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::IamUser(entity) | Self::IamRole(entity) => Some(&entity.name),
            Self::NotInvestigable(other) => other.name.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests;
