//! The principal of a case.

use super::convert::{Convert, convert_by_clone, convert_enum};
use crate::text::principal as text;
use gumshoe_domain::principal::{self, Inference, LookupError, RoleSource, Uncertainty, UninvestigableKind};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The principal of a case: an IAM user or role that Detective can investigate, or another principal and why it cannot be investigated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind")]
pub enum Principal {
    /// An IAM user.
    IamUser(Entity),
    /// An IAM role, or a session of an IAM role.
    IamRole(Entity),
    /// A principal that Detective cannot investigate.
    NotInvestigable(Other),
}

/// An IAM user or role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Entity {
    /// The ARN. It may be incomplete: see `arn_is_certain`.
    pub arn: String,
    /// Whether the finding contains the full ARN, or a lookup returned it. Otherwise the ARN is built from the name, and is wrong if the
    /// user or role has a path.
    #[serde(rename = "arn_is_certain")]
    pub is_arn_certain: bool,
    /// Whether this principal is confirmed to have acted.
    pub certainty: Certainty,
    /// Why the ARN may be wrong, or why another principal may have acted, as a sentence; `null` if neither is the case.
    pub doubt: Option<String>,
    /// The account that owns the user or role: 12 digits.
    pub account_id: String,
    /// The name of the user or role, without its path.
    pub name: String,
    /// IAM's unique id of the user or role (`AIDA…`, `AROA…`).
    pub unique_id: Option<String>,
    /// The name of the role session, if known. The caller that assumed the role chose it.
    pub session_name: Option<String>,
    /// Whether IAM confirmed that it is a service-linked role.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_service_linked: bool,
}

/// Whether an IAM user or role is confirmed to have acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// The finding contains the full ARN, or IAM's response agrees with the finding.
    Confirmed,
    /// Another principal may have acted.
    Inferred(#[cfg_attr(test, schemars(with = "super::schema::Inference"))] Inference),
}

/// A principal that is not an IAM user or role, or whose IAM user or role is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Other {
    /// The kind of principal. The member is named `what`, because `kind` is `NotInvestigable`.
    #[serde(rename = "what", default)]
    #[cfg_attr(test, schemars(with = "super::schema::PrincipalKind"))]
    pub kind: UninvestigableKind,
    /// The account that owns the principal, 12 digits, if known.
    #[serde(default)]
    pub account_id: Option<String>,
    /// The name of the principal, such as a user name, a service, an instance id or a task definition. Attackers may have chosen it.
    #[serde(default)]
    pub name: Option<String>,
    /// Why Detective cannot investigate the principal.
    pub reason: NotInvestigable,
    /// `reason` as a sentence; not escaped. Missing in messages of earlier releases.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub explanation: String,
}

/// Why Detective cannot investigate a principal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotInvestigable {
    /// The finding names no principal.
    NoPrincipal {
        /// The resource type of the finding, if it has one.
        resource_type: Option<String>,
    },
    /// The attack sequence names no user, role, instance profile or task definition.
    NoActors {
        /// Number of processes that it names as actors.
        processes: usize,
    },
    /// The caller is not an IAM user or role.
    UserType {
        /// GuardDuty's `userType`, unchanged.
        user_type: String,
    },
    /// The caller used no credentials.
    Anonymous,
    /// The principal is a database user.
    DatabaseUser {
        /// Whether the user authenticated with IAM.
        through_iam: bool,
    },
    /// The principal is a Kubernetes user, and the finding names no IAM principal of that user.
    KubernetesUser,
    /// The principal is a node of a Kubernetes cluster.
    KubernetesNode,
    /// The principal is a component of Kubernetes.
    KubernetesComponent,
    /// The finding does not name the owner of the credentials.
    NoName,
    /// The name is a sample name of CreateSampleFindings.
    Placeholder,
    /// The name is not valid in IAM, so no ARN is built from it.
    #[serde(rename = "impossible_name")]
    InvalidName,
    /// The account in the finding is not an account id, so no ARN is built from it.
    #[serde(rename = "no_account")]
    InvalidAccountId,
    /// The finding does not state its partition, so no ARN is built.
    NoPartition,
    /// The principal belongs to an account other than the finding's.
    OtherAccount,
    /// The principal belongs to a partition other than the finding's, which is not possible.
    OtherPartition,
    /// The finding does not contain the reference from which the role is looked up.
    Missing {
        /// The missing reference.
        #[cfg_attr(test, schemars(with = "super::schema::RoleSource"))]
        part: RoleSource,
    },
    /// The reference from which the role is looked up is not a valid ARN or name.
    Malformed {
        /// The malformed reference.
        #[cfg_attr(test, schemars(with = "super::schema::RoleSource"))]
        part: RoleSource,
    },
    /// The finding does not contain the role, and the lookup failed or was not made.
    NotLookedUp {
        /// The lookup: the API operation, its subject, and the account.
        lookup: String,
        /// Why the lookup failed; `null` if it was not made.
        #[cfg_attr(test, schemars(with = "Option<super::schema::LookupError>"))]
        why: Option<LookupError>,
    },
    /// The lookup found that there is no role.
    NoRole {
        /// The lookup: the API operation, its subject, and the account.
        lookup: String,
        /// The reference that was looked up.
        #[cfg_attr(test, schemars(with = "super::schema::RoleSource"))]
        part: RoleSource,
    },
    /// The response to the lookup is not the ARN of an IAM role of that account.
    UnexpectedAnswer {
        /// The lookup: the API operation, its subject, and the account.
        lookup: String,
    },
}

convert_by_clone!(Inference, LookupError, RoleSource);
convert_enum!(Principal = principal::Principal { IamUser(entity), IamRole(entity), NotInvestigable(other) });
convert_enum!(Certainty = principal::Certainty { Confirmed, Inferred(why) });
convert_enum!(
    NotInvestigable = principal::NotInvestigableReason {
        NoPrincipal { resource_type },
        NoActors { processes },
        UserType { user_type },
        Anonymous,
        DatabaseUser { through_iam },
        KubernetesUser,
        KubernetesNode,
        KubernetesComponent,
        NoName,
        Placeholder,
        InvalidName,
        InvalidAccountId,
        NoPartition,
        OtherAccount,
        OtherPartition,
        Missing { part },
        Malformed { part },
        NotLookedUp { lookup, why },
        NoRole { lookup, part },
        UnexpectedAnswer { lookup },
    }
);

impl Convert<Entity> for principal::Entity {
    fn convert(&self) -> Entity {
        let principal::Entity { arn, is_arn_certain, certainty, uncertainties, account_id, name, .. } = self;
        let principal::Entity { unique_id, session_name, is_service_linked, .. } = self;
        Entity {
            arn: arn.clone(),
            is_arn_certain: *is_arn_certain,
            certainty: certainty.convert(),
            doubt: text::uncertainty(uncertainties),
            account_id: account_id.clone(),
            name: name.clone(),
            unique_id: unique_id.clone(),
            session_name: session_name.clone(),
            is_service_linked: *is_service_linked,
        }
    }
}

impl Convert<principal::Entity> for Entity {
    fn convert(&self) -> principal::Entity {
        let Self { arn, is_arn_certain, certainty, doubt, account_id, name, .. } = self;
        let Self { unique_id, session_name, is_service_linked, .. } = self;
        principal::Entity {
            arn: arn.clone(),
            is_arn_certain: *is_arn_certain,
            certainty: certainty.convert(),
            uncertainties: doubt.iter().cloned().map(Uncertainty::LegacyText).collect(),
            account_id: account_id.clone(),
            name: name.clone(),
            unique_id: unique_id.clone(),
            session_name: session_name.clone(),
            is_service_linked: *is_service_linked,
        }
    }
}

impl Convert<Other> for principal::UninvestigablePrincipal {
    fn convert(&self) -> Other {
        let Self { kind, account_id, name, reason } = self;
        Other {
            kind: *kind,
            account_id: account_id.clone(),
            name: name.clone(),
            reason: reason.convert(),
            explanation: text::not_investigable(reason),
        }
    }
}

impl Convert<principal::UninvestigablePrincipal> for Other {
    fn convert(&self) -> principal::UninvestigablePrincipal {
        let Self { kind, account_id, name, reason, explanation: _ } = self;
        principal::UninvestigablePrincipal {
            kind: *kind,
            account_id: account_id.clone(),
            name: name.clone(),
            reason: reason.convert(),
        }
    }
}

impl Other {
    /// Why Detective cannot investigate the principal, as a sentence. Escape it for the channel.
    #[must_use]
    pub fn explanation(&self) -> String {
        if !self.explanation.is_empty() {
            return self.explanation.clone();
        }
        text::not_investigable(&self.reason.convert())
    }
}

/// Such as `IAM role dev-role in account 123456789012`, on one line. Escape it for the channel.
impl fmt::Display for Principal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&text::principal_label(&self.to_domain()))
    }
}

impl Principal {
    /// The ARN that Detective investigates; `None` if it cannot investigate the principal.
    #[must_use]
    pub fn entity_arn(&self) -> Option<&str> {
        self.entity().map(|entity| entity.arn.as_str())
    }

    /// The IAM user or role, if it is one.
    #[must_use]
    pub fn entity(&self) -> Option<&Entity> {
        match self {
            Self::IamUser(entity) | Self::IamRole(entity) => Some(entity),
            Self::NotInvestigable(_) => None,
        }
    }

    /// The account that owns the principal, if known.
    #[must_use]
    pub fn account_id(&self) -> Option<&str> {
        match self {
            Self::IamUser(entity) | Self::IamRole(entity) => Some(&entity.account_id),
            Self::NotInvestigable(other) => other.account_id.as_deref(),
        }
    }

    /// The name, if there is one. Attackers may have chosen the name of a principal that is not an IAM user or role.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::IamUser(entity) | Self::IamRole(entity) => Some(&entity.name),
            Self::NotInvestigable(other) => other.name.as_deref(),
        }
    }

    /// The kind as it appears within a sentence.
    #[must_use]
    pub fn kind_label(&self) -> &'static str {
        text::kind_label(self.to_domain().kind())
    }

    /// The code of the kind, by which subscriptions filter, such as `iam-role` or `kubernetes-service-account`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.to_domain().as_str()
    }

    /// The kind in a headline, such as `IAM role` or `EC2 instance`.
    pub(crate) fn headline_kind(&self) -> &'static str {
        text::identity_kind(&self.to_domain().identity())
    }

    fn to_domain(&self) -> principal::Principal {
        self.convert()
    }
}
