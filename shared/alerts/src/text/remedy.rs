//! What a person, or the owner of the stack or the graph, does about a doubt.

use gumshoe_domain::coverage::{DisabledReason, MemberStatus, OutsideGraph};
use gumshoe_domain::principal::Inference;

/// How to be sure who acted.
pub(crate) fn confirm_principal_remedy(why: Inference) -> &'static str {
    match why {
        Inference::NotLookedUp => "let Gumshoe look it up: deploy the member role in that account (MemberRoleName)",
        Inference::TaskDefinition => "see in CloudTrail (RunTask, StartTask) whether the task was given another role",
        Inference::InstanceProfile => {
            "see in CloudTrail (AddRoleToInstanceProfile) whether the profile held another role then"
        }
        Inference::PodNode => {
            "see whether the pod's service account has a role by annotation (eks.amazonaws.com/role-arn)"
        }
        Inference::HostNetwork => "look at the node's role as well",
        Inference::PodIdentity => "see in CloudTrail whether the service account's association was changed",
        Inference::KubernetesName => "see in the cluster's audit log how the user was authenticated",
        Inference::Recreated => "see in CloudTrail (DeleteRole, CreateRole) who created it again",
        Inference::IdKindMismatch => "see in CloudTrail which principal the access key belongs to",
    }
}

/// How to bring an account into the behavior graph.
pub(crate) fn join_graph_remedy(outside: &OutsideGraph) -> &'static str {
    match (outside.status, outside.disabled_reason) {
        (None, _) => "make it an enabled member of the behavior graph",
        (Some(MemberStatus::Invited), _) => "accept the invitation in that account",
        (Some(MemberStatus::VerificationInProgress), _) => {
            "wait until Detective has verified it, then accept the invitation in that account"
        }
        (Some(MemberStatus::VerificationFailed), _) => "invite it again with the e-mail address of its root user",
        (Some(MemberStatus::AcceptedButDisabled), Some(DisabledReason::VolumeTooHigh)) => {
            "make room in the graph, which takes in too much, then enable it again"
        }
        (Some(MemberStatus::AcceptedButDisabled), Some(DisabledReason::VolumeUnknown)) => {
            "see that GuardDuty is on in it, so that its volume is known, then enable it again"
        }
        (Some(_), _) => "find out in Detective why it is disabled, then enable it again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_do_depends_on_the_status() {
        let remedy = |status, disabled_reason| {
            join_graph_remedy(&OutsideGraph { account_id: "111122223333".to_owned(), status, disabled_reason })
        };
        assert!(remedy(None, None).contains("make it an enabled member"));
        assert!(remedy(Some(MemberStatus::Invited), None).contains("accept the invitation"));
        let disabled = |reason| remedy(Some(MemberStatus::AcceptedButDisabled), reason);
        assert!(disabled(Some(DisabledReason::VolumeUnknown)).contains("GuardDuty is on"));
        assert!(disabled(Some(DisabledReason::VolumeTooHigh)).contains("takes in too much"));
        assert!(disabled(None).contains("why it is disabled"));
    }
}
