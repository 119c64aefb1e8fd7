//! Principals that Detective cannot investigate.

use super::NotInvestigableReason;
use serde::{Deserialize, Serialize};

/// Whoever it was, as far as the finding says, and why Detective cannot be asked about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UninvestigablePrincipal {
    /// What it is. In JSON the member is `what`: `kind` says that it is no IAM user or role.
    #[serde(rename = "what", default)]
    pub kind: UninvestigableKind,
    /// The account that it belongs to, 12 digits, where that is known.
    #[serde(default)]
    pub account_id: Option<String>,
    /// Its name: a user's, a service's, an instance's id, a task definition. Attackers may have chosen it.
    #[serde(default)]
    pub name: Option<String>,
    /// Why it cannot be investigated.
    pub reason: NotInvestigableReason,
}

/// What a principal is that is no IAM user or role. In JSON, the words are in kebab-case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UninvestigableKind {
    /// The root user of an account.
    Root,
    /// A session that an IAM user made with GetFederationToken.
    FederatedUser,
    /// Somebody who came through a SAML provider.
    SamlUser,
    /// A user of IAM Identity Center.
    IdentityCenterUser,
    /// Somebody who came through a web identity provider.
    WebIdentityUser,
    /// A user of AWS Directory Service.
    DirectoryUser,
    /// A service of AWS's.
    AwsService,
    /// Another account, or a principal of another account.
    AwsAccount,
    /// A user of a database.
    DatabaseUser,
    /// A user of a Kubernetes cluster that is no service account, nodes and components included.
    KubernetesUser,
    /// A service account of a Kubernetes cluster.
    KubernetesServiceAccount,
    /// A caller without credentials.
    Anonymous,
    /// An EC2 instance whose role is not known.
    Instance,
    /// An ECS task whose role is not known.
    Task,
    /// Somebody, but it cannot be told who.
    #[default]
    Unknown,
    /// Nobody: the finding names no principal.
    None,
}

impl UninvestigableKind {
    /// The word for it, as in JSON.
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

    /// Where several stand behind a finding and none can be investigated, the lowest tells an analyst most.
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
    fn the_word_is_the_one_in_json() {
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
