//! Lookups that resolve a principal, and their answers. The caller makes the API call.

use super::{Inference, RoleSource};
use serde::{Deserialize, Serialize};
use std::fmt;

/// An API call that resolves a principal. Every part has been validated and can be sent as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Lookup {
    /// An IAM user by name, for its ARN with the path.
    User {
        /// `aws`, `aws-cn`, `aws-us-gov`.
        partition: String,
        /// The account that owns it.
        account_id: String,
        /// Its name.
        name: String,
    },
    /// An IAM role by name, for its ARN with the path.
    Role {
        /// `aws`, `aws-cn`, `aws-us-gov`.
        partition: String,
        /// The account that owns it.
        account_id: String,
        /// Its name.
        name: String,
    },
    /// An instance profile, for its role. The role's name can differ from the profile's.
    InstanceProfile {
        /// `aws`, `aws-cn`, `aws-us-gov`.
        partition: String,
        /// The account that owns it.
        account_id: String,
        /// Its name, without path.
        name: String,
    },
    /// A task, for the role that it was started with. If the task cannot be read: its definition, for the task role in it.
    TaskDefinition {
        /// The definition's ARN, with the revision if the finding contains one.
        arn: String,
        /// `aws`, `aws-cn`, `aws-us-gov`.
        partition: String,
        /// The account that owns it.
        account_id: String,
        /// Its Region.
        region: String,
        /// The task of this definition, if the finding names one in the same account and Region.
        task: Option<TaskArn>,
    },
    /// A Kubernetes service account, for the role that EKS Pod Identity associates with it.
    PodIdentity {
        /// `aws`, `aws-cn`, `aws-us-gov`.
        partition: String,
        /// The account that owns the cluster.
        account_id: String,
        /// The cluster's Region.
        region: String,
        /// The cluster's name.
        cluster: String,
        /// The service account's namespace.
        namespace: String,
        /// The service account's name.
        service_account: String,
    },
}

/// The ARN of an ECS task, `arn:PARTITION:ecs:REGION:ACCOUNT:task/CLUSTER/ID`, or without a cluster in the form before
/// 2018 (ECS Developer Guide, "Amazon Resource Names (ARNs) and IDs").
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TaskArn {
    /// The full ARN.
    pub arn: String,
    /// The cluster's name; `None` if neither the ARN nor the finding contains it.
    pub cluster: Option<String>,
}

impl Lookup {
    /// The API operation, in the spelling of IAM policies.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::User { .. } => "iam:GetUser",
            Self::Role { .. } => "iam:GetRole",
            Self::InstanceProfile { .. } => "iam:GetInstanceProfile",
            Self::TaskDefinition { .. } => "ecs:DescribeTaskDefinition",
            Self::PodIdentity { .. } => "eks:ListPodIdentityAssociations",
        }
    }

    /// What refers to the role; `None` if the user or the role itself is looked up.
    pub(super) fn role_source(&self) -> Option<RoleSource> {
        match self {
            Self::User { .. } | Self::Role { .. } => None,
            Self::InstanceProfile { .. } => Some(RoleSource::InstanceProfile),
            Self::TaskDefinition { .. } => Some(RoleSource::TaskDefinition),
            Self::PodIdentity { .. } => Some(RoleSource::Cluster),
        }
    }

    /// Why a role other than the one in the answer may have acted; `None` if the user or the role itself is looked up.
    pub(super) fn inference(&self) -> Option<Inference> {
        match self {
            Self::User { .. } | Self::Role { .. } => None,
            Self::InstanceProfile { .. } => Some(Inference::InstanceProfile),
            Self::TaskDefinition { .. } => Some(Inference::TaskDefinition),
            Self::PodIdentity { .. } => Some(Inference::PodIdentity),
        }
    }

    /// The account in which the call is made.
    #[must_use]
    pub fn account_id(&self) -> &str {
        match self {
            Self::User { account_id, .. }
            | Self::Role { account_id, .. }
            | Self::InstanceProfile { account_id, .. }
            | Self::TaskDefinition { account_id, .. }
            | Self::PodIdentity { account_id, .. } => account_id,
        }
    }

    /// The partition of that account.
    #[must_use]
    pub fn partition(&self) -> &str {
        match self {
            Self::User { partition, .. }
            | Self::Role { partition, .. }
            | Self::InstanceProfile { partition, .. }
            | Self::TaskDefinition { partition, .. }
            | Self::PodIdentity { partition, .. } => partition,
        }
    }

    /// The Region in which the call is made; `None` for IAM, which is global.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        match self {
            Self::User { .. } | Self::Role { .. } | Self::InstanceProfile { .. } => None,
            Self::TaskDefinition { region, .. } | Self::PodIdentity { region, .. } => Some(region),
        }
    }
}

/// Such as `iam:GetRole web-role in account 123456789012`.
impl fmt::Display for Lookup {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ", self.action())?;
        match self {
            Self::User { name, .. } | Self::Role { name, .. } | Self::InstanceProfile { name, .. } => {
                formatter.write_str(name)?;
            }
            Self::TaskDefinition { arn, .. } => {
                formatter.write_str(arn.rsplit_once('/').map_or(arn.as_str(), |(_, family)| family))?;
            }
            Self::PodIdentity { cluster, namespace, service_account, .. } => {
                write!(formatter, "{namespace}/{service_account} of cluster {cluster}")?;
            }
        }
        write!(formatter, " in account {}", self.account_id())?;
        self.region().map_or(Ok(()), |region| write!(formatter, ", {region}"))
    }
}

/// The answer of a lookup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookupAnswer {
    /// A user or a role.
    Arn {
        /// Its ARN, with the path.
        arn: String,
        /// Its unique id, if the answer contains it.
        unique_id: Option<String>,
    },
    /// The role that a task was started with, as ECS reports it for the task itself.
    TaskRole {
        /// Its ARN, with the path.
        arn: String,
    },
    /// There is no role: an instance profile without one, a task definition without a task role, or a service account without an
    /// association.
    NoRole,
}

/// Why a lookup has no answer.
///
/// The serialized forms are stored and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookupError {
    /// Access was denied: a permission is missing, or the role in the account could not be assumed.
    Denied,
    /// No resource has that name, or no longer.
    NotFound,
    /// The service did not answer.
    Unavailable,
    /// The account is not the stack's, and the stack has no role for lookups in member accounts (`MemberRoleName`).
    #[serde(rename = "no_role_there")]
    NoRoleInAccount,
}
