//! Why no IAM principal can be investigated, in words that an analyst understands.

use super::NotLookedUp;
use crate::text::one_line;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a principal cannot be investigated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotInvestigable {
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
    ImpossibleName,
    /// What the finding gives as account is no account id, so no ARN is built from it.
    NoAccount,
    /// The finding does not say in which partition it was raised, so no ARN is built.
    NoPartition,
    /// It belongs to another account than the finding.
    OtherAccount,
    /// It belongs to another partition than the finding, which cannot be.
    OtherPartition,
    /// The finding does not name what leads to the role.
    Missing {
        /// What is missing.
        part: Part,
    },
    /// What the finding gives as ARN is none.
    Malformed {
        /// Of what.
        part: Part,
    },
    /// The role is not in the finding, and nobody looked it up.
    NotLookedUp {
        /// The look-up, in words.
        lookup: String,
        /// Why it came to nothing; nothing where it was not tried.
        why: Option<NotLookedUp>,
    },
    /// The look-up says that there is no role.
    NoRole {
        /// The look-up, in words.
        lookup: String,
        /// What was looked up.
        part: Part,
    },
    /// The look-up's answer is not the ARN of an IAM role of that account.
    UnexpectedAnswer {
        /// The look-up, in words.
        lookup: String,
    },
}

/// What leads to a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// An EC2 instance's profile.
    InstanceProfile,
    /// An ECS task's definition.
    TaskDefinition,
    /// A Lambda function's role.
    FunctionRole,
    /// The EKS cluster of a service account.
    Cluster,
}

impl fmt::Display for NotInvestigable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NoPrincipal { resource_type: Some(kind) } => {
                let kind = one_line(kind, 60);
                return write!(
                    formatter,
                    "the finding is about a resource of type {kind} and does not say who acted, so no IAM principal is \
                     known"
                );
            }
            Self::NoPrincipal { resource_type: None } => {
                "the finding names neither a resource nor who acted, so no IAM principal is known"
            }
            Self::NoActors { processes: 0 } => {
                "the attack sequence came without its actors and resources, so no IAM principal is known"
            }
            Self::NoActors { processes: 1 } => {
                "a process is all that the attack sequence names as actor, so no IAM principal is known"
            }
            Self::NoActors { processes } => {
                return write!(
                    formatter,
                    "{processes} processes are all that the attack sequence names as actors, so no IAM principal is \
                     known"
                );
            }
            Self::UserType { user_type } => return user_type_in_words(formatter, user_type),
            Self::Anonymous => "the caller was not authenticated, so there is no principal",
            Self::DatabaseUser { through_iam: false } => {
                "the actor is a user of the database, which is no IAM principal"
            }
            Self::DatabaseUser { through_iam: true } => {
                "the database user logged in with IAM authentication, and the finding does not name the IAM principal"
            }
            Self::KubernetesUser => "the caller is a Kubernetes user whom the finding ties to no IAM principal",
            Self::KubernetesNode => "the caller is a node of the cluster, and the finding does not name its IAM role",
            Self::KubernetesComponent => "the caller is a component of Kubernetes itself",
            Self::NoName => "the finding does not name the owner of the access key",
            Self::Placeholder => "the principal is a placeholder of a sample finding",
            Self::ImpossibleName => "the principal's name in the finding is not one that IAM allows",
            Self::NoAccount => "what the finding gives as account is no account id, so the principal has no known ARN",
            Self::NoPartition => "the finding does not name its partition, so the principal has no known ARN",
            Self::OtherAccount => {
                "the principal belongs to another account than the finding, and Detective is not asked about those"
            }
            Self::OtherPartition => "the principal's ARN is of another partition than the finding",
            Self::Missing { part } => part.missing(),
            Self::Malformed { part } => part.malformed(),
            Self::NotLookedUp { lookup, why: Some(why) } => {
                return write!(formatter, "the finding does not name the role, and {lookup} {why}");
            }
            Self::NotLookedUp { lookup, why: None } => {
                return write!(formatter, "the finding does not name the role, and {lookup} was not asked for");
            }
            Self::NoRole { lookup, part } => return write!(formatter, "{} ({lookup})", part.without_role()),
            Self::UnexpectedAnswer { lookup } => {
                return write!(formatter, "{lookup} did not answer with the ARN of an IAM role of that account");
            }
        })
    }
}

impl Part {
    fn missing(self) -> &'static str {
        match self {
            Self::InstanceProfile => "the finding names no instance profile, so no IAM role of the instance is known",
            Self::TaskDefinition => "the finding names no task definition, so no IAM role of the task is known",
            Self::FunctionRole => "the finding names no role of the Lambda function",
            Self::Cluster => "the finding does not name the cluster, so the service account's IAM role is not known",
        }
    }

    fn malformed(self) -> &'static str {
        match self {
            Self::InstanceProfile => "what the finding gives as ARN of the instance profile is none",
            Self::TaskDefinition => "what the finding gives as ARN of the task definition is none",
            Self::FunctionRole => "what the finding gives as ARN of the function's role is none",
            Self::Cluster => "what the finding gives as cluster or service account is none",
        }
    }

    fn without_role(self) -> &'static str {
        match self {
            Self::InstanceProfile => "the instance profile holds no role",
            Self::TaskDefinition => "the task definition names no task role",
            Self::FunctionRole => "the function has no role",
            Self::Cluster => {
                "EKS Pod Identity gives the service account no role; one by annotation is known to the cluster only"
            }
        }
    }
}

fn user_type_in_words(formatter: &mut fmt::Formatter<'_>, user_type: &str) -> fmt::Result {
    let caller = match user_type {
        "Root" => "the root user of the account",
        "FederatedUser" => "a federated user, whose IAM user the finding does not name",
        "SAMLUser" => "somebody who signed in through SAML",
        "IdentityCenterUser" => "a user of IAM Identity Center",
        "WebIdentityUser" => "somebody who signed in through a web identity provider",
        "Directory" => "a user of AWS Directory Service",
        "AWSService" => "an AWS service",
        "AWSAccount" => "a principal of another AWS account",
        "Unknown" => "of a type that GuardDuty does not know",
        other => {
            return write!(
                formatter,
                "the caller is of type {}, and Detective investigates IAM users and IAM roles only",
                one_line(other, 60)
            );
        }
    };
    write!(formatter, "the caller is {caller}, and Detective investigates IAM users and IAM roles only")
}
