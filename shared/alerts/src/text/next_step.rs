//! What to do next, in sentences, each with a command where there is one.
//!
//! Steps say what to look at and how to contain, with what that breaks and how it is undone. What the commands do, and what they
//! do not reach, is as the IAM User Guide has it ("Revoking IAM role temporary security credentials", "Update access keys").

use super::{principal, remedy};
use gumshoe_domain::next_steps::{NextStep, SucceededCall};
use gumshoe_domain::principal::UninvestigableKind;
use gumshoe_domain::text::one_line;

/// The sentence, still to be escaped for the channel.
pub(crate) fn next_step(step: &NextStep) -> String {
    match step {
        NextStep::InvestigateManually { in_detective } => {
            let place = if *in_detective { "in Detective and in CloudTrail" } else { "in CloudTrail" };
            format!("No person has looked at the activity yet: do so by hand, {place}.")
        }
        NextStep::AddAccountToGraph { outside_graph } => format!(
            "So that Detective sees what happens in account {}: {}.",
            one_line(&outside_graph.account_id, 32),
            remedy::join_graph_remedy(outside_graph)
        ),
        NextStep::ConfirmPrincipal { inference, uncertainties } => {
            let all = principal::doubts(uncertainties).map(|all| one_line(&all, 220));
            let doubt = all.unwrap_or_else(|| principal::inference_reason(*inference).to_owned());
            format!("Make sure that it is the right principal: {doubt}. To be sure, {}.", remedy::confirm_principal_remedy(*inference))
        }
        NextStep::InspectWorkload => "Look at the workload itself (instance, container, function, cluster or database): \
                                      the finding is about more than API calls, which are all that Detective investigates."
            .to_owned(),
        NextStep::DeactivateKey { user, access_key_id } => format!(
            "Ask the owner of user {user} whether access key {access_key_id} is meant to be used like this. If not, \
             deactivate it; undo with --status=Active."
        ),
        NextStep::DenyEarlierSessions { user, access_key_id } => format!(
            "{access_key_id} is the key of a temporary session of user {user}: deactivating the user's keys does not end \
             it. A policy that denies what was issued before now (aws:TokenIssueTime) does."
        ),
        NextStep::ListCredentials { user } => {
            format!("See which keys and which console password user {user} has, and which were used last.")
        }
        NextStep::InspectLinkedService { role } => format!(
            "Role {role} is linked to an AWS service: its sessions cannot be revoked. Look at what made the service act."
        ),
        NextStep::EndIdentityCenterSessions { role, user } => format!(
            "Role {role} belongs to IAM Identity Center: end the sessions of user {} there and disable the user; IAM \
             cannot revoke them.",
            user.as_deref().unwrap_or("that used it")
        ),
        NextStep::IsolateInstance { instance_id } => format!(
            "The session is that of instance {instance_id}: keep its memory and disks, then isolate it by a security group \
             without rules. Whoever holds the instance gets new credentials of the role."
        ),
        NextStep::TraceSession { role, session } => format!(
            "Find in CloudTrail who assumed role {role} under the session name {session}, and close that way first."
        ),
        NextStep::RevokeSessions { role } => format!(
            "If that is not meant to happen, revoke the role's sessions: IAM console, role {role}, Revoke sessions. It hits \
             every session issued so far and stops nobody from assuming the role again; undo by deleting the policy \
             AWSRevokeOlderSessions."
        ),
        NextStep::ContainPrincipal { what, name } => contain_other_principal(*what, name.as_deref()),
        NextStep::UndoCalls { calls, omitted_calls } => {
            let named: Vec<String> = calls.iter().map(call).collect();
            let more = if *omitted_calls > 0 { format!(" and {omitted_calls} more") } else { String::new() };
            format!(
                "Look at what succeeded, and undo what was not meant: {}{more}. Keys, users and rights that were made on \
                 the way outlive the revoking of sessions.",
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

/// A command for it, made of checked names only.
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
            "Sign in as root, delete its access keys, change the password and the MFA device; ask who used it."
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
            format!("See which policy lets{name} in from another account, and ask that account's owner.")
        }
        UninvestigableKind::Anonymous => {
            "See which policy or setting lets callers in without credentials, and close it.".to_owned()
        }
        UninvestigableKind::DatabaseUser => format!("Change the password of database user{name} and see what it read."),
        UninvestigableKind::KubernetesUser | UninvestigableKind::KubernetesServiceAccount => {
            format!("See in the cluster's audit log what{name} did, and which workload holds its token.")
        }
        UninvestigableKind::Instance => {
            format!("Keep the memory and disks of{name}, then isolate it by a security group without rules.")
        }
        UninvestigableKind::Task => format!("See what task{name} runs and stop it once its state is kept."),
        UninvestigableKind::AwsService => format!("See what made the service{name} act."),
        UninvestigableKind::Unknown | UninvestigableKind::None => {
            "Begin with the resource of the finding: who could reach it, and who did, by CloudTrail.".to_owned()
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
        assert!(next_step(&step).contains("user alice whether access key AKIAEXAMPLEALICE0001"));
        let old = NextStep::LegacyText { text: "a sentence".into(), command: Some("aws iam list-users".into()) };
        assert_eq!((next_step(&old).as_str(), command(&old).as_deref()), ("a sentence", Some("aws iam list-users")));
    }

    #[test]
    fn calls_are_named_with_their_counts() {
        let call = |name: &str, count| SucceededCall { name: name.to_owned(), count };
        let calls = vec![call("CreateAccessKey", Some(4)), call("CreateUser", None)];
        let told = next_step(&NextStep::UndoCalls { calls, omitted_calls: 2 });
        assert!(told.contains("CreateAccessKey (4), CreateUser and 2 more."), "{told}");
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
            let told = next_step(&step);
            assert!((20..=420).contains(&told.chars().count()), "{told}");
        }
    }
}
