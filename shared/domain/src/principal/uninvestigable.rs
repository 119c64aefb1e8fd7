//! Principals that Detective cannot investigate.

use super::NotInvestigableReason;
use serde::{Deserialize, Serialize};

/// An actor that is not an IAM user or role known by ARN, and why Detective cannot investigate it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UninvestigablePrincipal {
    /// In JSON the member is `what`, because `kind` is the tag of [`super::Principal`].
    #[serde(rename = "what", default)]
    pub kind: UninvestigableKind,
    /// The account that owns it, 12 digits; `None` if unknown.
    #[serde(default)]
    pub account_id: Option<String>,
    /// A user name, a service name, an instance id or a task definition. An attacker may have chosen it.
    #[serde(default)]
    pub name: Option<String>,
    /// Why it cannot be investigated.
    pub reason: NotInvestigableReason,
}

/// The kind of an actor that is not a known IAM user or role. In JSON: kebab-case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UninvestigableKind {
    /// The root user of an account.
    Root,
    /// A session that an IAM user created with GetFederationToken.
    FederatedUser,
    /// A user of a SAML identity provider.
    SamlUser,
    /// A user of IAM Identity Center.
    IdentityCenterUser,
    /// A user of a web identity provider.
    WebIdentityUser,
    /// A user of AWS Directory Service.
    DirectoryUser,
    /// An AWS service.
    AwsService,
    /// Another account, or a principal of another account.
    AwsAccount,
    /// A user of a database.
    DatabaseUser,
    /// A user of a Kubernetes cluster other than a service account; includes nodes and components.
    KubernetesUser,
    /// A service account of a Kubernetes cluster.
    KubernetesServiceAccount,
    /// A caller without credentials.
    Anonymous,
    /// An EC2 instance whose role is not known.
    Instance,
    /// An ECS task whose role is not known.
    Task,
    /// An actor that could not be identified.
    #[default]
    Unknown,
    /// The finding names no principal.
    None,
}

impl UninvestigableKind {
    /// The kind as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::FederatedUser => "federated-user",
            Self::SamlUser => "saml-user",
            Self::IdentityCenterUser => "identity-center-user",
            Self::WebIdentityUser => "web-identity-user",
            Self::DirectoryUser => "directory-user",
            Self::AwsService => "aws-service",
            Self::AwsAccount => "aws-account",
            Self::DatabaseUser => "database-user",
            Self::KubernetesUser => "kubernetes-user",
            Self::KubernetesServiceAccount => "kubernetes-service-account",
            Self::Anonymous => "anonymous",
            Self::Instance => "instance",
            Self::Task => "task",
            Self::Unknown => "unknown",
            Self::None => "none",
        }
    }

    /// Sort key for a finding with several actors, none of which can be investigated: the lowest is the most informative for an
    /// analyst.
    pub(crate) fn rank(self) -> u8 {
        match self {
            Self::Root => 0,
            Self::FederatedUser
            | Self::SamlUser
            | Self::IdentityCenterUser
            | Self::WebIdentityUser
            | Self::DirectoryUser => 1,
            Self::AwsAccount | Self::Anonymous => 2,
            Self::KubernetesServiceAccount | Self::KubernetesUser | Self::DatabaseUser => 3,
            Self::Task | Self::Instance => 4,
            Self::Unknown => 5,
            Self::AwsService => 6,
            Self::None => 7,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_str_is_the_json_form() {
        use UninvestigableKind::*;
        for kind in [
            Root,
            FederatedUser,
            SamlUser,
            IdentityCenterUser,
            WebIdentityUser,
            DirectoryUser,
            AwsService,
            AwsAccount,
            DatabaseUser,
            KubernetesUser,
            KubernetesServiceAccount,
            Anonymous,
            Instance,
            Task,
            Unknown,
            None,
        ] {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
