//! Who is behind a finding: principals, and what has to be looked up before one is known for certain.
//!
//! ```text
//! a finding ── finding::extract ──▶ leads ── look-ups, by whoever calls ──▶ principals
//! ```
//!
//! Findings carry no paths of users and roles, and often no role at all but an instance profile, a task definition or a
//! Kubernetes service account. Such a [`PrincipalCandidate`] says what is to be looked up and what holds without it. No ARN is built
//! from a sample's made-up name, from a name that IAM does not allow, or without account and partition.

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

/// The principal behind a finding: an entity that Detective can investigate, or whoever else it was, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all_fields = "snake_case")]
pub enum Principal {
    /// An IAM user.
    IamUser(Entity),
    /// An IAM role, or a session of one.
    IamRole(Entity),
    /// Nothing that Detective could investigate.
    NotInvestigable(UninvestigablePrincipal),
}

impl Principal {
    /// What tells it from the others of a finding.
    #[must_use]
    pub fn identity(&self) -> PrincipalIdentity {
        let [account_id, name] = [self.account_id(), self.name()].map(|part| part.map(str::to_owned));
        PrincipalIdentity { kind: self.kind(), account_id, name }
    }

    /// Nobody: the finding names none.
    #[must_use]
    pub fn nobody(reason: NotInvestigableReason) -> Self {
        Self::NotInvestigable(UninvestigablePrincipal {
            kind: UninvestigableKind::None,
            account_id: None,
            name: None,
            reason,
        })
    }

    /// The ARN that Detective is asked about.
    #[must_use]
    pub fn entity_arn(&self) -> Option<&str> {
        self.entity().map(|entity| entity.arn.as_str())
    }

    /// The user or role, where there is one.
    #[must_use]
    pub fn entity(&self) -> Option<&Entity> {
        match self {
            Self::IamUser(entity) | Self::IamRole(entity) => Some(entity),
            Self::NotInvestigable(_) => None,
        }
    }

    /// The user or role, to change.
    pub fn entity_mut(&mut self) -> Option<&mut Entity> {
        match self {
            Self::IamUser(entity) | Self::IamRole(entity) => Some(entity),
            Self::NotInvestigable(_) => None,
        }
    }

    /// Why it cannot be investigated; nothing for an IAM user or role.
    #[must_use]
    pub fn reason(&self) -> Option<&NotInvestigableReason> {
        match self {
            Self::IamUser(_) | Self::IamRole(_) => None,
            Self::NotInvestigable(other) => Some(&other.reason),
        }
    }

    /// Whether it is a role that AWS made for one of its services, as IAM confirmed: by its path, which nobody else can
    /// give a role, and by its unique id. One that only bears such a name or path is none.
    #[must_use]
    pub fn is_service_linked_role(&self) -> bool {
        matches!(self, Self::IamRole(role) if role.is_service_linked)
    }

    /// Whether a look-up may show it to be a service-linked role: it bears the name of one, and the finding gives the
    /// unique id that IAM's answer has to equal.
    #[must_use]
    pub fn may_be_service_linked_role(&self) -> bool {
        matches!(self, Self::IamRole(role) if role.name.starts_with("AWSServiceRoleFor") && role.unique_id.is_some())
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> PrincipalKind {
        match self {
            Self::IamUser(_) => PrincipalKind::IamUser,
            Self::IamRole(_) => PrincipalKind::IamRole,
            Self::NotInvestigable(other) => PrincipalKind::Other(other.kind),
        }
    }

    /// The word for it in JSON that people filter by, such as `iam-role` or `kubernetes-service-account`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        self.kind().as_str()
    }

    /// The account that it belongs to, where that is known.
    #[must_use]
    pub fn account_id(&self) -> Option<&str> {
        match self {
            Self::IamUser(entity) | Self::IamRole(entity) => Some(&entity.account_id),
            Self::NotInvestigable(other) => other.account_id.as_deref(),
        }
    }

    /// Its name, where it has one. Names of others than IAM users and roles may have been chosen by an attacker.
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
