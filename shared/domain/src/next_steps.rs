//! What to do next, fit to the case: codes with data, of which sentences and commands are made.
//!
//! Nothing is carried out: people decide.

use crate::coverage::OutsideGraph;
use crate::finding::{ActivityResult, Finding, SeverityBand};
use crate::indicator::{Evidence, Indicator};
use crate::principal::{
    Entity, Inference, Principal, Uncertainty, UninvestigableKind, UninvestigablePrincipal, uncertainty,
};
use crate::text::one_line;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How many keys, calls and addresses a step names.
const MAX_ITEMS: usize = 5;

/// One thing to do.
///
/// In JSON the code is the member `code`; the codes are stored and sent to subscribers, and never change. Names of IAM users and
/// roles and ids of access keys are checked, so that they can stand in a command. Other texts are on one line and shortened, and
/// still to be escaped for the channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "snake_case")]
pub enum NextStep {
    /// Look at the activity by hand: it was not investigated.
    #[serde(rename = "INVESTIGATE_BY_HAND")]
    InvestigateManually {
        /// Whether Detective has data of the account.
        in_detective: bool,
    },
    /// Bring the account into the behavior graph. It helps the next case, not this one.
    #[serde(rename = "ENTER_GRAPH")]
    AddAccountToGraph {
        /// The account, and why it is not in the graph.
        outside_graph: OutsideGraph,
    },
    /// Make sure that the principal is the one that acted.
    ConfirmPrincipal {
        /// Why another may have acted.
        inference: Inference,
        /// All that is uncertain about the principal, the same among it.
        #[serde(
            default,
            rename = "doubt",
            deserialize_with = "uncertainty::read",
            skip_serializing_if = "Vec::is_empty"
        )]
        uncertainties: Vec<Uncertainty>,
    },
    /// Look at the workload: the finding is about more than API calls.
    InspectWorkload,
    /// Deactivate an access key of an IAM user, unless its owner knows of its use.
    DeactivateKey {
        /// The user's name.
        user: String,
        /// The key's id.
        access_key_id: String,
    },
    /// Deny what was issued to a user's temporary session before now.
    DenyEarlierSessions {
        /// The user's name.
        user: String,
        /// The id of the session's key.
        access_key_id: String,
    },
    /// See which credentials an IAM user has.
    ListCredentials {
        /// The user's name.
        user: String,
    },
    /// Look at what made a service act: the sessions of its service-linked role cannot be revoked.
    InspectLinkedService {
        /// The role's name.
        role: String,
    },
    /// End the sessions of a user of IAM Identity Center.
    EndIdentityCenterSessions {
        /// The role's name.
        role: String,
        /// The user, where the session names one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<String>,
    },
    /// Keep and isolate the instance that a role session is of.
    IsolateInstance {
        /// The instance's id.
        instance_id: String,
    },
    /// Find out who assumed a role.
    TraceSession {
        /// The role's name.
        role: String,
        /// The session's name. Whoever assumed the role chose it.
        session: String,
    },
    /// Revoke the sessions of a role.
    RevokeSessions {
        /// The role's name.
        role: String,
    },
    /// What fits a principal that is no IAM user or role.
    ContainPrincipal {
        /// What it is.
        what: UninvestigableKind,
        /// Its name, where it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// Undo what succeeded and was not meant.
    UndoCalls {
        /// The calls that succeeded most often.
        calls: Vec<SucceededCall>,
        /// How many more there are.
        #[serde(default, skip_serializing_if = "is_zero")]
        left_out: usize,
    },
    /// Search for other principals that called from flagged addresses.
    SearchAddresses {
        /// The addresses.
        addresses: Vec<String>,
    },
    /// A step that a version before codes stored.
    #[serde(untagged)]
    LegacyText {
        /// What, and why.
        text: String,
        /// A command for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        command: Option<String>,
    },
}

/// A call that succeeded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SucceededCall {
    /// Its name.
    pub name: String,
    /// How often, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl NextStep {
    /// The code, as in JSON; nothing for what was stored without one.
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
    // It comes last, unless it is why nothing was investigated.
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

/// What worked and may have to be undone.
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
    let left_out = calls.len().saturating_sub(MAX_ITEMS);
    calls.truncate(MAX_ITEMS);
    (!calls.is_empty()).then_some(NextStep::UndoCalls { calls, left_out })
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
