//! What is to be looked up, and what comes of it. Whoever calls makes the call.

use super::{Inference, RoleSource};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A look-up that tells who a principal is. Every part of it has been checked: it can be sent as it is.
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
    /// An instance profile, for its role: the role's name need not be the profile's.
    InstanceProfile {
        /// `aws`, `aws-cn`, `aws-us-gov`.
        partition: String,
        /// The account that owns it.
        account_id: String,
        /// Its name, without path.
        name: String,
    },
    /// A task, for the role it was started with; where it is not to be had, its definition, for the task role in it.
    TaskDefinition {
        /// Its ARN, with the revision where the finding has one.
        arn: String,
        /// `aws`, `aws-cn`, `aws-us-gov`.
        partition: String,
        /// The account that owns it.
        account_id: String,
        /// The Region that it is in.
        region: String,
        /// The task that runs by it, where the finding names one in the same account and Region.
        task: Option<TaskArn>,
    },
    /// A Kubernetes service account, for the role that EKS Pod Identity gives it.
    PodIdentity {
        /// `aws`, `aws-cn`, `aws-us-gov`.
        partition: String,
        /// The account that owns the cluster.
        account_id: String,
        /// The Region that the cluster is in.
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
    /// The whole ARN.
    pub arn: String,
    /// The cluster's name; nothing where neither the ARN nor the finding has it.
    pub cluster: Option<String>,
}

impl Lookup {
    /// The API operation that answers it, as IAM policies name it.
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

    /// What leads to the role; nothing where the user or the role itself is looked up.
    pub(super) fn role_source(&self) -> Option<RoleSource> {
        match self {
            Self::User { .. } | Self::Role { .. } => None,
            Self::InstanceProfile { .. } => Some(RoleSource::InstanceProfile),
            Self::TaskDefinition { .. } => Some(RoleSource::TaskDefinition),
            Self::PodIdentity { .. } => Some(RoleSource::Cluster),
        }
    }

    /// Why another role may have acted than the one that is found.
    pub(super) fn inference(&self) -> Option<Inference> {
        match self {
            Self::User { .. } | Self::Role { .. } => None,
            Self::InstanceProfile { .. } => Some(Inference::InstanceProfile),
            Self::TaskDefinition { .. } => Some(Inference::TaskDefinition),
            Self::PodIdentity { .. } => Some(Inference::PodIdentity),
        }
    }

    /// The account in which it is to be called.
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

    /// The Region in which it is to be called; nothing for IAM, which has none.
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

/// What a look-up found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookupAnswer {
    /// A user or a role.
    Arn {
        /// Its ARN, with the path.
        arn: String,
        /// Its unique id, where the answer has it.
        unique_id: Option<String>,
    },
    /// The role that a task was started with, as ECS reports it of the task itself.
    TaskRole {
        /// Its ARN, with the path.
        arn: String,
    },
    /// It answered, and there is no role: a profile without one, a task definition without a task role, a service
    /// account without an association.
    NoRole,
}

/// Why a look-up found nothing out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookupError {
    /// It was refused: no permission, or no way into the account.
    Denied,
    /// There is nothing of that name, any more.
    NotFound,
    /// There was no answer.
    Unavailable,
    /// It is another account, and the stack was given no role to look things up there.
    #[serde(rename = "no_role_there")]
    NoRoleInAccount,
}
