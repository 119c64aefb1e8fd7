//! How sure it is that a principal is who acted.

use serde::{Deserialize, Serialize};

/// Whether an IAM user or role is known to be who acted, or was worked out.
///
/// An investigation that finds nothing about a principal that was only inferred says nothing of whoever really acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// The finding names it in full, or IAM's answer agrees with the finding.
    Confirmed,
    /// Somebody else may have acted.
    Inferred(Inference),
}

/// Why another principal than the one that was found may have acted.
///
/// The serialized forms are stored and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inference {
    /// The finding gives a name, and nobody looked it up. Names are unique in an account, so an investigation that
    /// returns an indicator confirms it.
    NotLookedUp,
    /// It is the role in the task's definition, and whoever started the task may have given it another (ECS API
    /// Reference, RunTask, `overrides.taskRoleArn`).
    TaskDefinition,
    /// It is the role that the instance profile holds now; another may have been in it then.
    InstanceProfile,
    /// It is the role of the node that the pod runs on, and the pod may have one of its own.
    #[serde(rename = "node_of_pod")]
    PodNode,
    /// The pod is on its host's network and can act with the node's role as well.
    HostNetwork,
    /// It is the role that EKS Pod Identity gives the service account now.
    PodIdentity,
    /// Kubernetes gives a name without the unique id that EKS's authenticator adds, so anybody who may issue
    /// certificates may have chosen it.
    KubernetesName,
    /// IAM has one of that name with another unique id: it was deleted and created again.
    Recreated,
    /// The principal id in the finding is that of another kind of principal.
    #[serde(rename = "other_kind")]
    IdKindMismatch,
}

impl Certainty {
    /// What remains to be doubted; nothing where it is confirmed.
    #[must_use]
    pub fn inference(self) -> Option<Inference> {
        match self {
            Self::Confirmed => None,
            Self::Inferred(why) => Some(why),
        }
    }

    /// The certainty once an investigation of the ARN has ended, with an indicator or without one.
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
    fn what_is_stored_keeps_its_form() {
        assert_eq!(serde_json::to_string(&Certainty::Confirmed).unwrap(), "\"confirmed\"");
        for (inference, word) in ALL {
            let stored = serde_json::to_string(&Certainty::Inferred(inference)).unwrap();
            assert_eq!(stored, format!("{{\"inferred\":\"{word}\"}}"));
        }
    }

    #[test]
    fn an_indicator_confirms_a_name_and_nothing_else() {
        for (inference, _) in ALL {
            let before = Certainty::Inferred(inference);
            assert_eq!(before.after_investigation(false), before);
            let confirmed = before.after_investigation(true) == Certainty::Confirmed;
            assert_eq!(confirmed, inference == Inference::NotLookedUp, "{inference:?}");
        }
        assert_eq!(Certainty::Confirmed.after_investigation(false), Certainty::Confirmed);
    }
}
