//! Remedies for an unconfirmed principal and for an account outside the behavior graph.

use gumshoe_domain::coverage::{DisabledReason, MemberStatus, OutsideGraph};
use gumshoe_domain::principal::Inference;

/// How to confirm who acted, after `To confirm it, `.
pub(crate) fn confirm_principal_remedy(why: Inference) -> &'static str {
    match why {
        Inference::NotLookedUp => {
            "deploy the member role in that account (MemberRoleName), so that Gumshoe can look up the name"
        }
        Inference::TaskDefinition => "check in CloudTrail (RunTask, StartTask) whether the task was given another role",
        Inference::InstanceProfile => {
            "check in CloudTrail (AddRoleToInstanceProfile) whether the profile had another role at that time"
        }
        Inference::PodNode => {
            "check whether the pod's service account has a role by annotation (eks.amazonaws.com/role-arn)"
        }
        Inference::HostNetwork => "investigate the node's role as well",
        Inference::PodIdentity => "check in CloudTrail whether the service account's association was changed",
        Inference::KubernetesName => "check in the cluster's audit log how the user was authenticated",
        Inference::Recreated => "check in CloudTrail (DeleteRole, CreateRole) who re-created it",
        Inference::IdKindMismatch => "check in CloudTrail which principal the access key belongs to",
    }
}

/// How to enable an account in the behavior graph, after `Account … sends no data to Detective: `.
pub(crate) fn join_graph_remedy(outside: &OutsideGraph) -> &'static str {
    match (outside.status, outside.disabled_reason) {
        (None, _) => "make it an enabled member of the behavior graph",
        (Some(MemberStatus::Invited), _) => "accept the invitation in that account",
        (Some(MemberStatus::VerificationInProgress), _) => {
            "wait until Detective has verified it, then accept the invitation in that account"
        }
        (Some(MemberStatus::VerificationFailed), _) => "invite it again with the e-mail address of its root user",
        (Some(MemberStatus::AcceptedButDisabled), Some(DisabledReason::VolumeTooHigh)) => {
            "reduce the data volume of the behavior graph, then enable the member"
        }
        (Some(MemberStatus::AcceptedButDisabled), Some(DisabledReason::VolumeUnknown)) => {
            "enable GuardDuty in the account, so that its data volume is known, then enable the member"
        }
        (Some(_), _) => "find out in Detective why the member is disabled, then enable it",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remedy_depends_on_the_member_status() {
        let remedy = |status, disabled_reason| {
            join_graph_remedy(&OutsideGraph { account_id: "111122223333".to_owned(), status, disabled_reason })
        };
        assert!(remedy(None, None).contains("make it an enabled member"));
        assert!(remedy(Some(MemberStatus::Invited), None).contains("accept the invitation"));
        let disabled = |reason| remedy(Some(MemberStatus::AcceptedButDisabled), reason);
        assert!(disabled(Some(DisabledReason::VolumeUnknown)).contains("enable GuardDuty in the account"));
        assert!(disabled(Some(DisabledReason::VolumeTooHigh)).contains("reduce the data volume"));
        assert!(disabled(None).contains("why the member is disabled"));
    }
}
