//! What to do next, fit to the case.
//!
//! Steps say what to look at and how to contain, with what that breaks and how it is undone. Nothing is carried out:
//! people decide. What the commands do, and what they do not reach, is told as the IAM User Guide has it ("Revoking IAM
//! role temporary security credentials", "Update access keys").

use crate::coverage::OutsideGraph;
use crate::finding::{ActivityResult, Finding, SeverityBand};
use crate::indicator::Indicator;
use crate::principal::{Entity, Other, OtherKind, Principal};
use crate::text::one_line;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How many keys, calls and addresses a step names.
const NAMED: usize = 5;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextStep {
    /// What, and why. Still to be escaped for the channel.
    pub text: String,
    /// A command for it, made of checked names only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

fn step(text: String) -> NextStep {
    NextStep { text, command: None }
}

/// The steps for a case, the most urgent first.
#[must_use]
pub fn next_steps(
    principal: &Principal,
    findings: &[Finding],
    indicators: &[Indicator],
    investigated: bool,
    outside: Option<&OutsideGraph>,
) -> Vec<NextStep> {
    let mut steps = Vec::new();
    if !investigated {
        let place = if outside.is_some() { "in CloudTrail" } else { "in Detective and in CloudTrail" };
        steps.push(step(format!("No person has looked at the activity yet: do so by hand, {place}.")));
        steps.extend(outside.map(enter_graph));
    }
    if let Some(entity) = principal.entity()
        && let Some(why) = entity.certainty.inference()
    {
        let doubt = entity.doubt.clone().unwrap_or_else(|| why.to_string());
        let (doubt, remedy) = (one_line(&doubt, 220), why.remedy());
        steps.push(step(format!("Make sure that it is the right principal: {doubt}. To be sure, {remedy}.")));
    }
    if findings.iter().any(|it| it.severity.band() >= SeverityBand::High && !it.concern.is_answered_by_detective()) {
        steps.push(step(
            "Look at the workload itself (instance, container, function, cluster or database): the finding is about \
             more than API calls, which are all that Detective investigates."
                .to_owned(),
        ));
    }
    match principal {
        Principal::IamUser(user) => steps.extend(of_user(user, findings)),
        Principal::IamRole(role) => steps.extend(of_role(role)),
        Principal::NotInvestigable(other) => steps.extend(of_other(other)),
    }
    steps.extend(succeeded(findings, indicators));
    steps.extend(addresses(indicators));
    steps.extend(outside.filter(|_| investigated).map(enter_graph));
    steps
}

fn of_user(user: &Entity, findings: &[Finding]) -> Vec<NextStep> {
    let name = &user.name;
    let keys: BTreeSet<&str> = findings.iter().filter_map(|it| it.access_key_id.as_deref()).filter(is_key).collect();
    let (lasting, temporary): (Vec<&str>, Vec<&str>) = keys.into_iter().partition(|key| key.starts_with("AKIA"));
    let mut steps: Vec<NextStep> = lasting
        .iter()
        .take(NAMED)
        .map(|key| NextStep {
            text: format!(
                "Ask the owner of user {name} whether access key {key} is meant to be used like this. If not, deactivate \
                 it; undo with --status=Active."
            ),
            command: Some(format!("aws iam update-access-key --user-name={name} --access-key-id={key} --status=Inactive")),
        })
        .collect();
    if let Some(key) = temporary.first() {
        steps.push(step(format!(
            "{key} is the key of a temporary session of user {name}: deactivating the user's keys does not end it. A \
             policy that denies what was issued before now (aws:TokenIssueTime) does."
        )));
    }
    if lasting.is_empty() {
        steps.push(NextStep {
            text: format!("See which keys and which console password user {name} has, and which were used last."),
            command: Some(format!("aws iam list-access-keys --user-name={name}")),
        });
    }
    steps
}

fn of_role(role: &Entity) -> Vec<NextStep> {
    let name = &role.name;
    let session = role.session_name.as_deref().unwrap_or_default();
    if role.arn.contains(":role/aws-service-role/") {
        return vec![step(format!(
            "Role {name} is linked to an AWS service: its sessions cannot be revoked. Look at what made the service act."
        ))];
    }
    if name.starts_with("AWSReservedSSO_") {
        return vec![step(format!(
            "Role {name} belongs to IAM Identity Center: end the sessions of user {} there and disable the user; IAM \
             cannot revoke them.",
            if session.is_empty() { "that used it".to_owned() } else { one_line(session, 64) }
        ))];
    }
    let mut steps = Vec::new();
    if is_instance_id(session) {
        steps.push(step(format!(
            "The session is that of instance {session}: keep its memory and disks, then isolate it by a security group \
             without rules. Whoever holds the instance gets new credentials of the role."
        )));
    } else if !session.is_empty() {
        steps.push(step(format!(
            "Find in CloudTrail who assumed role {name} under the session name {}, and close that way first.",
            one_line(session, 64)
        )));
    }
    steps.push(step(format!(
        "If that is not meant to happen, revoke the role's sessions: IAM console, role {name}, Revoke sessions. It hits \
         every session issued so far and stops nobody from assuming the role again; undo by deleting the policy \
         AWSRevokeOlderSessions."
    )));
    steps
}

fn of_other(other: &Other) -> Vec<NextStep> {
    let name = other.name.as_deref().map(|name| format!(" {}", one_line(name, 100))).unwrap_or_default();
    let text = match other.kind {
        OtherKind::Root => {
            "Sign in as root, delete its access keys, change the password and the MFA device; ask who used it."
                .to_owned()
        }
        OtherKind::FederatedUser | OtherKind::SamlUser | OtherKind::WebIdentityUser | OtherKind::DirectoryUser => {
            format!("End the sessions of{name} where they were issued, and find which role or user issued them.")
        }
        OtherKind::IdentityCenterUser => {
            format!("End the sessions of{name} in IAM Identity Center and disable the user.")
        }
        OtherKind::AwsAccount => {
            format!("See which policy lets{name} in from another account, and ask that account's owner.")
        }
        OtherKind::Anonymous => {
            "See which policy or setting lets callers in without credentials, and close it.".to_owned()
        }
        OtherKind::DatabaseUser => format!("Change the password of database user{name} and see what it read."),
        OtherKind::KubernetesUser | OtherKind::KubernetesServiceAccount => {
            format!("See in the cluster's audit log what{name} did, and which workload holds its token.")
        }
        OtherKind::Instance => {
            format!("Keep the memory and disks of{name}, then isolate it by a security group without rules.")
        }
        OtherKind::Task => format!("See what task{name} runs and stop it once its state is kept."),
        OtherKind::AwsService => format!("See what made the service{name} act."),
        OtherKind::Unknown | OtherKind::None => {
            "Begin with the resource of the finding: who could reach it, and who did, by CloudTrail.".to_owned()
        }
    };
    vec![step(text)]
}

/// What worked and may have to be undone.
fn succeeded(findings: &[Finding], indicators: &[Indicator]) -> Option<NextStep> {
    let mut calls: BTreeMap<String, i64> = BTreeMap::new();
    for indicator in indicators {
        if let Indicator::TtpObserved { api_name, successes, .. } = indicator
            && *successes > 0
        {
            *calls.entry(one_line(api_name, 60)).or_default() += successes;
        }
    }
    for activity in findings.iter().flat_map(|finding| finding.activity.iter().chain(&finding.details.other_calls)) {
        if activity.result == ActivityResult::Succeeded {
            calls.entry(one_line(&activity.name, 60)).or_default();
        }
    }
    let mut calls: Vec<(String, i64)> = calls.into_iter().collect();
    calls.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let named: Vec<String> = calls
        .iter()
        .take(NAMED)
        .map(|(name, count)| if *count > 0 { format!("{name} ({count})") } else { name.clone() })
        .collect();
    let more = calls.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!named.is_empty()).then(|| {
        step(format!(
            "Look at what succeeded, and undo what was not meant: {}{more}. Keys, users and rights that were made on the \
             way outlive the revoking of sessions.",
            named.join(", ")
        ))
    })
}

fn addresses(indicators: &[Indicator]) -> Option<NextStep> {
    let flagged: BTreeSet<String> = indicators
        .iter()
        .filter_map(|indicator| match indicator {
            Indicator::FlaggedIpAddress { ip_address, .. } => Some(one_line(ip_address, 45)),
            _ => None,
        })
        .collect();
    let named: Vec<&str> = flagged.iter().take(NAMED).map(String::as_str).collect();
    (!named.is_empty()).then(|| {
        step(format!("Search CloudTrail for other principals that called from {} (sourceIPAddress).", named.join(", ")))
    })
}

/// It helps the next case, not this one: so it comes last, unless it is why nobody has looked.
fn enter_graph(outside: &OutsideGraph) -> NextStep {
    step(format!(
        "So that Detective sees what happens in account {}: {}.",
        one_line(&outside.account_id, 32),
        outside.mend()
    ))
}

/// Whether it looks like an access key's id: letters and digits only, so that it can stand in a command.
fn is_key(key: &&str) -> bool {
    (16..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn is_instance_id(session: &str) -> bool {
    session.strip_prefix("i-").is_some_and(|id| {
        (8..=17).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase())
    })
}

#[cfg(test)]
mod tests;
