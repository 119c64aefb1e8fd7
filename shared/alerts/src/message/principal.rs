//! Who is behind the findings.

use super::convert::{Convert, convert_by_clone, convert_enum};
use crate::text::principal as text;
use gumshoe_domain::principal::{self, Inference, LookupError, RoleSource, Uncertainty, UninvestigableKind};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The principal behind a case: an entity that Detective can investigate, or another, and why it cannot be investigated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind")]
pub enum Principal {
    /// An IAM user.
    IamUser(Entity),
    /// An IAM role, or a session of one.
    IamRole(Entity),
    /// Nothing that Detective could investigate.
    NotInvestigable(Other),
}

/// An IAM user or role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Entity {
    /// Its ARN. See `arn_is_certain`.
    pub arn: String,
    /// Whether the ARN stood in the finding in full, or was looked up. Otherwise it is made of the name, and a user or role under a
    /// path has another.
    #[serde(rename = "arn_is_certain")]
    pub is_arn_certain: bool,
    /// Whether this is known to be the principal that acted.
    pub certainty: Certainty,
    /// Why the ARN may be another, or another principal may have acted, in words.
    pub doubt: Option<String>,
    /// The account that owns the user or role: 12 digits.
    pub account_id: String,
    /// The user's or the role's name, without path.
    pub name: String,
    /// The unique id (`AIDA…`, `AROA…`).
    pub unique_id: Option<String>,
    /// The role session's name, where one is known. The caller that assumed the role chose it.
    pub session_name: Option<String>,
    /// IAM confirmed that it is a service-linked role.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_service_linked: bool,
}

/// Whether an IAM user or role is known to be the principal that acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// The finding names it in full, or IAM's answer agrees with the finding.
    Confirmed,
    /// Another principal may have acted.
    Inferred(#[cfg_attr(test, schemars(with = "super::schema::Inference"))] Inference),
}

/// A principal that is no IAM user or role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Other {
    /// What it is. In JSON the member is `what`: `kind` says that it is no IAM user or role.
    #[serde(rename = "what", default)]
    #[cfg_attr(test, schemars(with = "super::schema::OtherKind"))]
    pub kind: UninvestigableKind,
    /// The account that it belongs to, 12 digits, where that is known.
    #[serde(default)]
    pub account_id: Option<String>,
    /// Its name: a user's, a service's, an instance's id, a task definition. Attackers may have chosen it.
    #[serde(default)]
    pub name: Option<String>,
    /// Why it cannot be investigated.
    pub reason: NotInvestigable,
    /// The same in a sentence. Still to be escaped. Empty in messages of earlier releases.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub explanation: String,
}

/// Why a principal cannot be investigated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotInvestigable {
    /// The finding does not say who acted.
    NoPrincipal {
        /// The finding's resource type, where it has one.
        resource_type: Option<String>,
    },
    /// An attack sequence names no user, role, instance profile or task definition.
    NoActors {
        /// How many processes it names as actors.
        processes: usize,
    },
    /// The caller is something that is not an IAM user or role.
    UserType {
        /// GuardDuty's `userType`, as sent.
        user_type: String,
    },
    /// The caller did not say who it is.
    Anonymous,
    /// A user of a database.
    DatabaseUser {
        /// It logged in with IAM authentication.
        through_iam: bool,
    },
    /// A user of a Kubernetes cluster whom the finding ties to no IAM principal.
    KubernetesUser,
    /// A node of a Kubernetes cluster.
    KubernetesNode,
    /// A part of Kubernetes itself.
    KubernetesComponent,
    /// The owner of the credential is not named.
    NoName,
    /// The name is one that CreateSampleFindings makes up.
    Placeholder,
    /// The name is not one that IAM allows, so no ARN is built from it.
    #[serde(rename = "impossible_name")]
    InvalidName,
    /// What the finding gives as account is no account id, so no ARN is built from it.
    #[serde(rename = "no_account")]
    InvalidAccountId,
    /// The finding does not say in which partition it was raised, so no ARN is built.
    NoPartition,
    /// It belongs to another account than the finding.
    OtherAccount,
    /// It belongs to another partition than the finding, which cannot be.
    OtherPartition,
    /// The finding does not name what leads to the role.
    Missing {
        /// What is missing.
        #[cfg_attr(test, schemars(with = "super::schema::Part"))]
        part: RoleSource,
    },
    /// What the finding gives as ARN is none.
    Malformed {
        /// Of what.
        #[cfg_attr(test, schemars(with = "super::schema::Part"))]
        part: RoleSource,
    },
    /// The role is not in the finding, and it was not looked up.
    NotLookedUp {
        /// The look-up: the API, what it was asked about, and the account.
        lookup: String,
        /// Why it came to nothing; nothing where it was not tried.
        #[cfg_attr(test, schemars(with = "Option<super::schema::NotLookedUp>"))]
        why: Option<LookupError>,
    },
    /// The look-up says that there is no role.
    NoRole {
        /// The look-up: the API, what it was asked about, and the account.
        lookup: String,
        /// What was looked up.
        #[cfg_attr(test, schemars(with = "super::schema::Part"))]
        part: RoleSource,
    },
    /// The look-up's answer is not the ARN of an IAM role of that account.
    UnexpectedAnswer {
        /// The look-up: the API, what it was asked about, and the account.
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
    /// Why it cannot be investigated, in a sentence. Still to be escaped for the channel.
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

    /// The word for it in a sentence.
    #[must_use]
    pub fn kind_label(&self) -> &'static str {
        text::kind_label(self.to_domain().kind())
    }

    /// The word for it in JSON that people filter by, such as `iam-role` or `kubernetes-service-account`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.to_domain().as_str()
    }

    /// What it is, such as `IAM role` or `EC2 instance`.
    pub(crate) fn headline_kind(&self) -> &'static str {
        text::identity_kind(&self.to_domain().identity())
    }

    fn to_domain(&self) -> principal::Principal {
        self.convert()
    }
}
