//! Why no IAM principal can be investigated.

use super::LookupError;
use serde::{Deserialize, Serialize};

/// Why a principal cannot be investigated: codes with data. `gumshoe-alerts` renders the sentences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotInvestigableReason {
    /// The finding names no actor.
    #[serde(alias = "no_access_key")]
    NoPrincipal {
        /// The finding's resource type, if it contains one.
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
    /// The caller was not authenticated.
    Anonymous,
    /// A user of a database.
    DatabaseUser {
        /// It logged in with IAM authentication.
        through_iam: bool,
    },
    /// A user of a Kubernetes cluster that the finding does not connect to an IAM principal.
    KubernetesUser,
    /// A node of a Kubernetes cluster.
    KubernetesNode,
    /// A component of Kubernetes.
    KubernetesComponent,
    /// The owner of the credential is not named.
    NoName,
    /// The name is a sample name of CreateSampleFindings.
    Placeholder,
    /// IAM does not allow the name, so no ARN is built from it.
    #[serde(rename = "impossible_name")]
    InvalidName,
    /// The finding's account is not a valid account id, so no ARN is built from it.
    #[serde(rename = "no_account")]
    InvalidAccountId,
    /// The finding does not contain its partition, so no ARN is built.
    NoPartition,
    /// The principal's account is not the finding's.
    OtherAccount,
    /// The principal's partition is not the finding's; a genuine finding never has this.
    OtherPartition,
    /// The finding does not contain the reference to the role.
    Missing {
        /// The missing reference.
        part: RoleSource,
    },
    /// The reference to the role is not a valid ARN or name.
    Malformed {
        /// The malformed reference.
        part: RoleSource,
    },
    /// The finding does not contain the role, and the lookup failed or was not made.
    NotLookedUp {
        /// The lookup, as [`super::Lookup`] displays it.
        lookup: String,
        /// Why the lookup failed; `None` if it was not made.
        why: Option<LookupError>,
    },
    /// The lookup found that there is no role.
    NoRole {
        /// The lookup, as [`super::Lookup`] displays it.
        lookup: String,
        /// The reference that was looked up.
        part: RoleSource,
    },
    /// The lookup's answer is not the ARN of an IAM role of that account.
    UnexpectedAnswer {
        /// The lookup, as [`super::Lookup`] displays it.
        lookup: String,
    },
}

/// A reference in a finding from which the role is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleSource {
    /// The instance profile of an EC2 instance.
    InstanceProfile,
    /// The definition of an ECS task.
    TaskDefinition,
    /// The role of a Lambda function.
    FunctionRole,
    /// The EKS cluster of a service account.
    Cluster,
}
