//! The next steps, in sentences, some with a command.
//!
//! A step states what to investigate or how to contain, what that breaks and how it is undone. Sources of what the commands do and do
//! not reach: IAM User Guide ("Revoking IAM role temporary security credentials", "Update access keys").

use super::{principal, remedy};
use gumshoe_domain::next_steps::{NextStep, SucceededCall};
use gumshoe_domain::principal::UninvestigableKind;
use gumshoe_domain::text::one_line;

/// The sentence. Escape it for the channel.
pub(crate) fn next_step(step: &NextStep) -> String {
    match step {
        NextStep::InvestigateManually { in_detective } => {
            let place = if *in_detective { "in Detective and in CloudTrail" } else { "in CloudTrail" };
            format!("Investigate the activity manually, {place}.")
        }
        NextStep::AddAccountToGraph { outside_graph } => format!(
            "Account {} sends no data to Detective: {}.",
            one_line(&outside_graph.account_id, 32),
            remedy::join_graph_remedy(outside_graph)
        ),
        NextStep::ConfirmPrincipal { inference, uncertainties } => {
            let all = principal::uncertainty(uncertainties).map(|all| one_line(&all, 220));
            let doubt = all.unwrap_or_else(|| principal::inference_reason(*inference).to_owned());
            format!("Confirm the principal: {doubt}. To confirm it, {}.", remedy::confirm_principal_remedy(*inference))
        }
        NextStep::InspectWorkload => "Inspect the workload itself (instance, container, function, cluster or database): \
                                      the finding concerns more than API calls, and Detective investigates API calls only."
            .to_owned(),
        NextStep::DeactivateKey { user, access_key_id } => format!(
            "Ask the owner of user {user} whether this use of access key {access_key_id} is expected. If not, deactivate the \
             key. To undo, use --status=Active."
        ),
        NextStep::DenyEarlierSessions { user, access_key_id } => format!(
            "{access_key_id} is the key of a temporary session of user {user}. Deactivating the user's keys does not end the \
             session. To end it, add a policy that denies sessions issued before now (aws:TokenIssueTime)."
        ),
        NextStep::ListCredentials { user } => {
            format!("List the access keys and the console password of user {user}, and when each was last used.")
        }
        NextStep::InspectLinkedService { role } => format!(
            "Role {role} is linked to an AWS service, so its sessions cannot be revoked. Find what caused the service to act."
        ),
        NextStep::EndIdentityCenterSessions { role, user } => format!(
            "Role {role} belongs to IAM Identity Center, and IAM cannot revoke its sessions. In Identity Center, end the \
             sessions of {} and disable the user.",
            user.as_deref().map_or_else(|| "the user that used the role".to_owned(), |user| format!("user {user}"))
        ),
        NextStep::IsolateInstance { instance_id } => format!(
            "The session belongs to instance {instance_id}. Capture its memory and snapshot its disks, then isolate it with a \
             security group that has no rules. Until then, processes on the instance can get new credentials of the role."
        ),
        NextStep::TraceSession { role, session } => format!(
            "In CloudTrail, find who assumed role {role} with session name {session}, and remove that access first."
        ),
        NextStep::RevokeSessions { role } => format!(
            "If the activity is not expected, revoke the role's active sessions (IAM console, role {role}, Revoke sessions). \
             This ends every session issued so far and does not prevent new ones. To undo, delete the inline policy \
             AWSRevokeOlderSessions."
        ),
        NextStep::ContainPrincipal { what, name } => contain_other_principal(*what, name.as_deref()),
        NextStep::UndoCalls { calls, omitted_calls } => {
            let named: Vec<String> = calls.iter().map(call).collect();
            let more = if *omitted_calls > 0 { format!(" and {omitted_calls} more") } else { String::new() };
            format!(
                "Review these successful calls, and revert those that are not authorized: {}{more}. Access keys, users and \
                 permissions created by them remain valid after sessions are revoked.",
                named.join(", ")
            )
        }
        NextStep::SearchAddresses { addresses } => format!(
            "Search CloudTrail for other principals that called from {} (sourceIPAddress).",
            addresses.join(", ")
        ),
        NextStep::LegacyText { text, .. } => text.clone(),
    }
}

/// The command of the step, made of checked names only; `None` if it has none.
pub(crate) fn command(step: &NextStep) -> Option<String> {
    match step {
        NextStep::DeactivateKey { user, access_key_id } => Some(format!(
            "aws iam update-access-key --user-name={user} --access-key-id={access_key_id} --status=Inactive"
        )),
        NextStep::ListCredentials { user } => Some(format!("aws iam list-access-keys --user-name={user}")),
        NextStep::LegacyText { command, .. } => command.clone(),
        _ => None,
    }
}

fn call(SucceededCall { name, count }: &SucceededCall) -> String {
    count.map_or_else(|| name.clone(), |count| format!("{name} ({count})"))
}

fn contain_other_principal(what: UninvestigableKind, name: Option<&str>) -> String {
    let name = name.map(|name| format!(" {name}")).unwrap_or_default();
    match what {
        UninvestigableKind::Root => {
            "Sign in as root, delete its access keys, change the password and the MFA device, and find out who used it."
                .to_owned()
        }
        UninvestigableKind::FederatedUser
        | UninvestigableKind::SamlUser
        | UninvestigableKind::WebIdentityUser
        | UninvestigableKind::DirectoryUser => {
            format!("End the sessions of{name} where they were issued, and find which role or user issued them.")
        }
        UninvestigableKind::IdentityCenterUser => {
            format!("End the sessions of{name} in IAM Identity Center and disable the user.")
        }
        UninvestigableKind::AwsAccount => {
            format!("Find the policy that gives{name} access from another account, and ask the owner of that account.")
        }
        UninvestigableKind::Anonymous => {
            "Find the policy or setting that allows access without credentials, and remove it.".to_owned()
        }
        UninvestigableKind::DatabaseUser => {
            format!("Change the password of database user{name} and find out what it read.")
        }
        UninvestigableKind::KubernetesUser | UninvestigableKind::KubernetesServiceAccount => {
            format!("In the cluster's audit log, find out what{name} did and which workload has its token.")
        }
        UninvestigableKind::Instance => {
            format!(
                "Capture the memory and snapshot the disks of{name}, then isolate it with a security group that has no rules."
            )
        }
        UninvestigableKind::Task => format!("Find out what task{name} runs, save its state, then stop it."),
        UninvestigableKind::AwsService => format!("Find what caused the service{name} to act."),
        UninvestigableKind::Unknown | UninvestigableKind::None => {
            "Start with the resource of the finding: find out who could access it and, in CloudTrail, who did."
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gumshoe_domain::coverage::OutsideGraph;
    use gumshoe_domain::principal::{Inference, Uncertainty};

    #[test]
    fn commands_are_made_of_the_names() {
        let step = NextStep::DeactivateKey { user: "alice".into(), access_key_id: "AKIAEXAMPLEALICE0001".into() };
        let expected =
            "aws iam update-access-key --user-name=alice --access-key-id=AKIAEXAMPLEALICE0001 --status=Inactive";
        assert_eq!(command(&step).as_deref(), Some(expected));
        assert!(
            next_step(&step).contains("user alice whether this use of access key AKIAEXAMPLEALICE0001 is expected")
        );
        let old = NextStep::LegacyText { text: "a sentence".into(), command: Some("aws iam list-users".into()) };
        assert_eq!((next_step(&old).as_str(), command(&old).as_deref()), ("a sentence", Some("aws iam list-users")));
    }

    #[test]
    fn calls_are_named_with_their_counts() {
        let call = |name: &str, count| SucceededCall { name: name.to_owned(), count };
        let calls = vec![call("CreateAccessKey", Some(4)), call("CreateUser", None)];
        let text = next_step(&NextStep::UndoCalls { calls, omitted_calls: 2 });
        assert!(text.contains("CreateAccessKey (4), CreateUser and 2 more."), "{text}");
    }

    #[test]
    fn no_step_is_long() {
        let long = "W".repeat(64);
        let outside_graph = OutsideGraph { account_id: "1".repeat(12), status: None, disabled_reason: None };
        for step in [
            NextStep::InvestigateManually { in_detective: true },
            NextStep::AddAccountToGraph { outside_graph },
            NextStep::ConfirmPrincipal {
                inference: Inference::InstanceProfile,
                uncertainties: vec![Uncertainty::LegacyText("d".repeat(300))],
            },
            NextStep::InspectWorkload,
            NextStep::DeactivateKey { user: long.clone(), access_key_id: long.clone() },
            NextStep::DenyEarlierSessions { user: long.clone(), access_key_id: long.clone() },
            NextStep::EndIdentityCenterSessions { role: long.clone(), user: Some(long.clone()) },
            NextStep::EndIdentityCenterSessions { role: long.clone(), user: None },
            NextStep::TraceSession { role: long.clone(), session: long.clone() },
            NextStep::RevokeSessions { role: long.clone() },
            NextStep::ContainPrincipal { what: UninvestigableKind::KubernetesUser, name: Some("n".repeat(100)) },
        ] {
            let text = next_step(&step);
            assert!((20..=420).contains(&text.chars().count()), "{text}");
        }
    }
}
