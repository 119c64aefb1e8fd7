//! Why no IAM principal can be investigated.

use super::LookupError;
use serde::{Deserialize, Serialize};

/// Why a principal cannot be investigated: codes with data. People read sentences that are made of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotInvestigableReason {
    /// The finding does not say who acted.
    #[serde(alias = "no_access_key")]
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
        part: RoleSource,
    },
    /// What the finding gives as ARN is none.
    Malformed {
        /// Of what.
        part: RoleSource,
    },
    /// The role is not in the finding, and nobody looked it up.
    NotLookedUp {
        /// The look-up, as [`super::Lookup`] displays it.
        lookup: String,
        /// Why it came to nothing; nothing where it was not tried.
        why: Option<LookupError>,
    },
    /// The look-up says that there is no role.
    NoRole {
        /// The look-up, as [`super::Lookup`] displays it.
        lookup: String,
        /// What was looked up.
        part: RoleSource,
    },
    /// The look-up's answer is not the ARN of an IAM role of that account.
    UnexpectedAnswer {
        /// The look-up, as [`super::Lookup`] displays it.
        lookup: String,
    },
}

/// What leads to a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleSource {
    /// An EC2 instance's profile.
    InstanceProfile,
    /// An ECS task's definition.
    TaskDefinition,
    /// A Lambda function's role.
    FunctionRole,
    /// The EKS cluster of a service account.
    Cluster,
}
