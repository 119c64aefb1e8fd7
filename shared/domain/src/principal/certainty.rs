//! Whether a principal is confirmed to be the one that acted.

use serde::{Deserialize, Serialize};

/// Whether an IAM user or role is confirmed to have acted, or only inferred.
///
/// An investigation of an inferred principal that finds nothing does not clear the principal that acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// The finding contains the full ARN, or IAM's answer agrees with the finding.
    Confirmed,
    /// Another principal may have acted.
    Inferred(Inference),
}

/// Why a principal other than the inferred one may have acted.
///
/// The serialized forms are stored and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inference {
    /// The finding contains a name that was not looked up. Names are unique in an account, so an investigation that returns an
    /// indicator confirms it.
    NotLookedUp,
    /// It is the role in the task's definition. The caller that started the task may have overridden it (ECS API Reference,
    /// RunTask, `overrides.taskRoleArn`).
    TaskDefinition,
    /// It is the current role of the instance profile. The profile may have contained another at the time of the activity.
    InstanceProfile,
    /// It is the role of the node on which the pod runs. The pod may have a role of its own.
    #[serde(rename = "node_of_pod")]
    PodNode,
    /// The pod uses its host's network, so it can also act with the node's role.
    HostNetwork,
    /// It is the role that EKS Pod Identity currently associates with the service account.
    PodIdentity,
    /// Kubernetes reports a name without the unique id that EKS's authenticator adds, so anyone who can issue client certificates
    /// may have chosen it.
    KubernetesName,
    /// IAM has a user or role of that name with another unique id: it was deleted and created again.
    Recreated,
    /// The principal id in the finding has the prefix of another kind of principal.
    #[serde(rename = "other_kind")]
    IdKindMismatch,
}

impl Certainty {
    /// `None` if confirmed.
    #[must_use]
    pub fn inference(self) -> Option<Inference> {
        match self {
            Self::Confirmed => None,
            Self::Inferred(why) => Some(why),
        }
    }

    /// The certainty after an investigation of the ARN has ended, with an indicator (`found_something`) or without one.
    #[must_use]
    pub fn after_investigation(self, found_something: bool) -> Self {
        match self {
            Self::Inferred(Inference::NotLookedUp) if found_something => Self::Confirmed,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [(Inference, &str); 9] = [
        (Inference::NotLookedUp, "not_looked_up"),
        (Inference::TaskDefinition, "task_definition"),
        (Inference::InstanceProfile, "instance_profile"),
        (Inference::PodNode, "node_of_pod"),
        (Inference::HostNetwork, "host_network"),
        (Inference::PodIdentity, "pod_identity"),
        (Inference::KubernetesName, "kubernetes_name"),
        (Inference::Recreated, "recreated"),
        (Inference::IdKindMismatch, "other_kind"),
    ];

    #[test]
    fn stored_forms_never_change() {
        assert_eq!(serde_json::to_string(&Certainty::Confirmed).unwrap(), "\"confirmed\"");
        for (inference, word) in ALL {
            let stored = serde_json::to_string(&Certainty::Inferred(inference)).unwrap();
            assert_eq!(stored, format!("{{\"inferred\":\"{word}\"}}"));
        }
    }

    #[test]
    fn an_indicator_confirms_only_a_name_that_was_not_looked_up() {
        for (inference, _) in ALL {
            let before = Certainty::Inferred(inference);
            assert_eq!(before.after_investigation(false), before);
            let confirmed = before.after_investigation(true) == Certainty::Confirmed;
            assert_eq!(confirmed, inference == Inference::NotLookedUp, "{inference:?}");
        }
        assert_eq!(Certainty::Confirmed.after_investigation(false), Certainty::Confirmed);
    }
}
