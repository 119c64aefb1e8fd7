//! Recommended next steps for a case: codes with data, from which `gumshoe-alerts` renders sentences and commands.
//!
//! Gumshoe does not carry them out; people decide.

use crate::coverage::OutsideGraph;
use crate::finding::{ActivityResult, Finding, SeverityBand};
use crate::indicator::{Evidence, Indicator};
use crate::principal::{
    Entity, Inference, Principal, Uncertainty, UninvestigableKind, UninvestigablePrincipal, uncertainty,
};
use crate::text::one_line;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Maximum number of keys, calls and addresses in a step.
const MAX_ITEMS: usize = 5;

/// One recommended step.
///
/// In JSON the code is the member `code`; the codes are stored and sent to subscribers, and never change. Names of IAM users and
/// roles and ids of access keys are validated, so that a command can contain them. Other texts are on one line and shortened, but
/// not escaped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "snake_case")]
pub enum NextStep {
    /// Investigate the activity manually, because there was no investigation.
    #[serde(rename = "INVESTIGATE_BY_HAND")]
    InvestigateManually {
        /// Whether Detective has data about the account.
        in_detective: bool,
    },
    /// Add the account to the behavior graph. It helps the next case, not this one.
    #[serde(rename = "ENTER_GRAPH")]
    AddAccountToGraph {
        /// The account, and why it is not in the graph.
        outside_graph: OutsideGraph,
    },
    /// Confirm that the principal is the one that acted.
    ConfirmPrincipal {
        /// Why another principal may have acted.
        inference: Inference,
        /// Everything that is uncertain about the principal, including `inference`.
        #[serde(
            default,
            rename = "doubt",
            deserialize_with = "uncertainty::read",
            skip_serializing_if = "Vec::is_empty"
        )]
        uncertainties: Vec<Uncertainty>,
    },
    /// Inspect the workload, because the finding is about more than API calls.
    InspectWorkload,
    /// Deactivate an access key of an IAM user, unless its owner confirms the use.
    DeactivateKey {
        /// The user's name.
        user: String,
        /// The key's id.
        access_key_id: String,
    },
    /// Deny the temporary sessions of a user that were issued before now.
    DenyEarlierSessions {
        /// The user's name.
        user: String,
        /// The id of the session's key.
        access_key_id: String,
    },
    /// List the credentials of an IAM user.
    ListCredentials {
        /// The user's name.
        user: String,
    },
    /// Inspect what caused a service to act: the sessions of its service-linked role cannot be revoked.
    InspectLinkedService {
        /// The role's name.
        role: String,
    },
    /// End the sessions of a user of IAM Identity Center.
    EndIdentityCenterSessions {
        /// The role's name.
        role: String,
        /// The user, if the session name contains one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<String>,
    },
    /// Isolate the instance of a role session, without terminating it.
    IsolateInstance {
        /// The instance's id.
        instance_id: String,
    },
    /// Find the caller that assumed a role.
    TraceSession {
        /// The role's name.
        role: String,
        /// The session's name. The caller that assumed the role chose it.
        session: String,
    },
    /// Revoke the sessions of a role.
    RevokeSessions {
        /// The role's name.
        role: String,
    },
    /// Contain a principal that is not an IAM user or role.
    ContainPrincipal {
        /// Its kind.
        what: UninvestigableKind,
        /// `None` if it has no name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// Undo unintended calls that succeeded.
    UndoCalls {
        /// The calls with the most successes.
        calls: Vec<SucceededCall>,
        /// The number of further calls that are not in `calls`.
        #[serde(rename = "left_out", default, skip_serializing_if = "is_zero")]
        omitted_calls: usize,
    },
    /// Search for other principals that called from flagged addresses.
    SearchAddresses {
        /// The addresses.
        addresses: Vec<String>,
    },
    /// A step of an earlier release, which stored no codes.
    #[serde(untagged)]
    LegacyText {
        /// The step and its reason.
        text: String,
        /// The command, if there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        command: Option<String>,
    },
}

/// A call that succeeded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SucceededCall {
    /// The API's name.
    pub name: String,
    /// The number of successes, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl NextStep {
    /// The code as in JSON; `None` for [`NextStep::LegacyText`].
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::InvestigateManually { .. } => "INVESTIGATE_BY_HAND",
            Self::AddAccountToGraph { .. } => "ENTER_GRAPH",
            Self::ConfirmPrincipal { .. } => "CONFIRM_PRINCIPAL",
            Self::InspectWorkload => "INSPECT_WORKLOAD",
            Self::DeactivateKey { .. } => "DEACTIVATE_KEY",
            Self::DenyEarlierSessions { .. } => "DENY_EARLIER_SESSIONS",
            Self::ListCredentials { .. } => "LIST_CREDENTIALS",
            Self::InspectLinkedService { .. } => "INSPECT_LINKED_SERVICE",
            Self::EndIdentityCenterSessions { .. } => "END_IDENTITY_CENTER_SESSIONS",
            Self::IsolateInstance { .. } => "ISOLATE_INSTANCE",
            Self::TraceSession { .. } => "TRACE_SESSION",
            Self::RevokeSessions { .. } => "REVOKE_SESSIONS",
            Self::ContainPrincipal { .. } => "CONTAIN_PRINCIPAL",
            Self::UndoCalls { .. } => "UNDO_CALLS",
            Self::SearchAddresses { .. } => "SEARCH_ADDRESSES",
            Self::LegacyText { .. } => return None,
        })
    }
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
    let add_account_to_graph = |outside: &OutsideGraph| NextStep::AddAccountToGraph { outside_graph: outside.clone() };
    if !investigated {
        steps.push(NextStep::InvestigateManually { in_detective: outside.is_none() });
        steps.extend(outside.map(add_account_to_graph));
    }
    if let Some(entity) = principal.entity()
        && let Some(inference) = entity.certainty.inference()
    {
        steps.push(NextStep::ConfirmPrincipal { inference, uncertainties: entity.uncertainties.clone() });
    }
    if findings.iter().any(|it| it.severity.band() >= SeverityBand::High && !it.activity_kind.is_covered_by_detective())
    {
        steps.push(NextStep::InspectWorkload);
    }
    match principal {
        Principal::IamUser(user) => steps.extend(of_user(user, findings)),
        Principal::IamRole(role) => steps.extend(of_role(role)),
        Principal::NotInvestigable(UninvestigablePrincipal { kind, name, .. }) => {
            let name = name.as_deref().map(|name| one_line(name, 100));
            steps.push(NextStep::ContainPrincipal { what: *kind, name });
        }
    }
    steps.extend(succeeded(findings, indicators));
    steps.extend(addresses(indicators));
    // Last, unless it is the reason why there was no investigation.
    steps.extend(outside.filter(|_| investigated).map(add_account_to_graph));
    steps
}

fn of_user(user: &Entity, findings: &[Finding]) -> Vec<NextStep> {
    let name = || user.name.clone();
    let keys: BTreeSet<&str> = findings.iter().filter_map(|it| it.access_key_id.as_deref()).filter(is_key).collect();
    let (lasting, temporary): (Vec<&str>, Vec<&str>) = keys.into_iter().partition(|key| key.starts_with("AKIA"));
    let deactivate = |key: &&str| NextStep::DeactivateKey { user: name(), access_key_id: (*key).to_owned() };
    let mut steps: Vec<NextStep> = lasting.iter().take(MAX_ITEMS).map(deactivate).collect();
    if let Some(key) = temporary.first() {
        steps.push(NextStep::DenyEarlierSessions { user: name(), access_key_id: (*key).to_owned() });
    }
    if lasting.is_empty() {
        steps.push(NextStep::ListCredentials { user: name() });
    }
    steps
}

fn of_role(role: &Entity) -> Vec<NextStep> {
    let name = || role.name.clone();
    let session = role.session_name.as_deref().filter(|session| !session.is_empty());
    if role.arn.contains(":role/aws-service-role/") {
        return vec![NextStep::InspectLinkedService { role: name() }];
    }
    let shown = session.map(|session| one_line(session, 64));
    if role.name.starts_with("AWSReservedSSO_") {
        return vec![NextStep::EndIdentityCenterSessions { role: name(), user: shown }];
    }
    let of_session = shown.map(|session| match is_instance_id(&session) {
        true => NextStep::IsolateInstance { instance_id: session },
        false => NextStep::TraceSession { role: name(), session },
    });
    of_session.into_iter().chain([NextStep::RevokeSessions { role: name() }]).collect()
}

/// The calls that succeeded and may have to be undone.
fn succeeded(findings: &[Finding], indicators: &[Indicator]) -> Option<NextStep> {
    let mut calls: BTreeMap<String, Option<i64>> = BTreeMap::new();
    for indicator in indicators {
        if let Indicator::TtpObserved { api_name, successes, .. } = indicator
            && *successes > 0
        {
            let count = calls.entry(one_line(api_name, 60)).or_default();
            *count = Some(count.unwrap_or_default().saturating_add(*successes));
        }
    }
    for activity in findings.iter().flat_map(|finding| finding.activity.iter().chain(&finding.details.other_calls)) {
        if activity.result == ActivityResult::Succeeded {
            calls.entry(one_line(&activity.name, 60)).or_default();
        }
    }
    let mut calls: Vec<SucceededCall> = calls.into_iter().map(|(name, count)| SucceededCall { name, count }).collect();
    calls.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
    let omitted_calls = calls.len().saturating_sub(MAX_ITEMS);
    calls.truncate(MAX_ITEMS);
    (!calls.is_empty()).then_some(NextStep::UndoCalls { calls, omitted_calls })
}

fn addresses(indicators: &[Indicator]) -> Option<NextStep> {
    let flagged: BTreeSet<String> = indicators
        .iter()
        .filter_map(|indicator| {
            let Evidence::FlaggedAddress(address) = indicator.evidence() else { return None };
            Some(one_line(address, 45))
        })
        .collect();
    let addresses: Vec<String> = flagged.into_iter().take(MAX_ITEMS).collect();
    (!addresses.is_empty()).then_some(NextStep::SearchAddresses { addresses })
}

/// Whether it has the form of an access key's id: only capital letters and digits, so that a command can contain it.
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
