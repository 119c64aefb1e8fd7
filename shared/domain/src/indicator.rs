//! Detective's indicators of compromise.

use crate::code::open_codes;
use crate::finding::Finding;
use crate::mitre::Technique;
use crate::text::one_line;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

open_codes! {
    /// A kind of indicator, by Detective's name (Amazon Detective API Reference, Indicator: IndicatorType).
    ///
    /// Declared in the order in which people read them: what weighs most comes first, and what this version does not know last.
    pub enum IndicatorKind {
        /// An address that AWS threat intelligence knows.
        FlaggedIpAddress = "FLAGGED_IP_ADDRESS",
        /// Two places, too far from each other for the time between.
        ImpossibleTravel = "IMPOSSIBLE_TRAVEL",
        /// A tactic, technique and procedure of the kind that MITRE ATT&CK names.
        TtpObserved = "TTP_OBSERVED",
        /// A group of findings that Detective takes for one event.
        RelatedFindingGroup = "RELATED_FINDING_GROUP",
        /// A finding about the same principal.
        RelatedFinding = "RELATED_FINDING",
        /// A place from which the principal was not seen before.
        NewGeolocation = "NEW_GEOLOCATION",
        /// A network from which the principal was not seen before.
        NewAso = "NEW_ASO",
        /// A user agent that the principal did not use before.
        NewUserAgent = "NEW_USER_AGENT",
    }
}

/// One indicator, as ListIndicators gives it. Texts are as Detective sent them: attackers choose some of them.
///
/// Source: Amazon Detective API Reference, Indicator and IndicatorDetail.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "snake_case")]
pub enum Indicator {
    /// A tactic, technique and procedure of the kind that MITRE ATT&CK names.
    TtpObserved {
        /// Such as `Persistence`.
        tactic: String,
        /// Such as `Account Manipulation`.
        technique: String,
        /// Such as `Adding a user to a group`.
        procedure: String,
        /// Where the calls came from.
        ip_address: String,
        /// The API that was called.
        api_name: String,
        /// Calls that succeeded.
        successes: i64,
        /// Calls that failed.
        failures: i64,
    },
    /// Two places, too far from each other for the time between.
    ImpossibleTravel {
        /// The first address.
        starting_ip_address: String,
        /// The second address.
        ending_ip_address: String,
        /// The first place.
        starting_location: String,
        /// The second place.
        ending_location: String,
        /// Hours between the two.
        hours: i32,
    },
    /// An address that AWS threat intelligence knows.
    FlaggedIpAddress {
        /// The address.
        ip_address: String,
        /// Who flagged it: `AWS_THREAT_INTELLIGENCE` is the only one so far.
        reason: String,
    },
    /// A place from which the principal was not seen before.
    NewGeolocation {
        /// The place.
        location: String,
        /// An address in it.
        ip_address: String,
        /// Whether it is new for the whole account, not only for the principal.
        new_for_account: bool,
    },
    /// A network (autonomous system organization) from which the principal was not seen before.
    NewAso {
        /// The organization.
        aso: String,
        /// Whether it is new for the whole account.
        new_for_account: bool,
    },
    /// A user agent that the principal did not use before. The caller chooses it.
    NewUserAgent {
        /// The user agent.
        user_agent: String,
        /// Whether it is new for the whole account.
        new_for_account: bool,
    },
    /// A finding about the same principal.
    RelatedFinding {
        /// Its ARN.
        arn: String,
        /// Its type.
        finding_type: String,
        /// The address in it.
        ip_address: String,
        /// When its activity was last seen, by GuardDuty's GetFindings; nothing where that was not answered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_seen: Option<Timestamp>,
    },
    /// A group of findings that Detective takes for one event.
    RelatedFindingGroup {
        /// The group's id.
        id: String,
    },
    /// A kind that this version does not know. It is listed, never dropped.
    Unknown {
        /// Detective's name for it.
        indicator_type: String,
    },
}

/// What an indicator is evidence of. Each weighs by itself, and counts the different things that indicators name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evidence<'a> {
    /// Calls came from a flagged address.
    FlaggedAddress(&'a str),
    /// A travel from one place to another.
    Travel(&'a str, &'a str),
    /// An attack technique (tactic, technique), and whether calls of it succeeded, and failed.
    Technique { named: (&'a str, &'a str), succeeded: bool, failed: bool },
    /// Something new of a kind: for the entire account, or for the principal alone.
    Novelty { kind: &'a str, name: &'a str, for_account: bool },
    /// Another finding, by its ARN.
    RelatedFinding { arn: &'a str, finding_type: &'a str, last_seen: Option<Timestamp> },
    /// A group of findings.
    RelatedFindingGroup(&'a str),
    /// A kind that this version does not know.
    Unknown(&'a str),
}

/// How many examples of each kind are kept.
const MAX_EXAMPLES: usize = 5;
/// Longest text in an example, and longest name of a kind, in characters.
const MAX_EXAMPLE_CHARS: usize = 240;
const MAX_KIND_CHARS: usize = 80;

/// The indicators of one kind, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndicatorGroup {
    /// The kind.
    pub kind: IndicatorKind,
    /// How many different ones there are.
    pub count: usize,
    /// Some of them, those with the most weight first.
    pub examples: Vec<Example>,
}

/// An indicator as a group keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Example {
    /// The indicator, with its texts shortened and without what only machines tell apart.
    Indicator(Indicator),
    /// In words, as earlier versions stored it.
    LegacyText(String),
}

impl Indicator {
    /// The kind.
    #[must_use]
    pub fn kind(&self) -> IndicatorKind {
        match self {
            Self::TtpObserved { .. } => IndicatorKind::TtpObserved,
            Self::ImpossibleTravel { .. } => IndicatorKind::ImpossibleTravel,
            Self::FlaggedIpAddress { .. } => IndicatorKind::FlaggedIpAddress,
            Self::NewGeolocation { .. } => IndicatorKind::NewGeolocation,
            Self::NewAso { .. } => IndicatorKind::NewAso,
            Self::NewUserAgent { .. } => IndicatorKind::NewUserAgent,
            Self::RelatedFinding { .. } => IndicatorKind::RelatedFinding,
            Self::RelatedFindingGroup { .. } => IndicatorKind::RelatedFindingGroup,
            Self::Unknown { indicator_type } => one_line(indicator_type, MAX_KIND_CHARS).into(),
        }
    }

    /// All its texts.
    pub fn texts_mut(&mut self) -> Vec<&mut String> {
        match self {
            Self::TtpObserved { tactic, technique, procedure, ip_address, api_name, successes: _, failures: _ } => {
                vec![tactic, technique, procedure, ip_address, api_name]
            }
            Self::ImpossibleTravel {
                starting_ip_address,
                ending_ip_address,
                starting_location,
                ending_location,
                hours: _,
            } => vec![starting_ip_address, ending_ip_address, starting_location, ending_location],
            Self::FlaggedIpAddress { ip_address, reason } => vec![ip_address, reason],
            Self::NewGeolocation { location, ip_address, new_for_account: _ } => vec![location, ip_address],
            Self::NewAso { aso, new_for_account: _ } => vec![aso],
            Self::NewUserAgent { user_agent, new_for_account: _ } => vec![user_agent],
            Self::RelatedFinding { arn, finding_type, ip_address, last_seen: _ } => vec![arn, finding_type, ip_address],
            Self::RelatedFindingGroup { id } => vec![id],
            Self::Unknown { indicator_type } => vec![indicator_type],
        }
    }

    /// What it is evidence of.
    pub(crate) fn evidence(&self) -> Evidence<'_> {
        match self {
            Self::TtpObserved { tactic, technique, successes, failures, .. } => Evidence::Technique {
                named: (tactic, technique),
                succeeded: *successes > 0,
                failed: *failures > 0 || *successes <= 0,
            },
            Self::ImpossibleTravel { starting_location, ending_location, .. } => {
                Evidence::Travel(starting_location, ending_location)
            }
            Self::FlaggedIpAddress { ip_address, .. } => Evidence::FlaggedAddress(ip_address),
            Self::NewGeolocation { location, new_for_account, .. } => {
                Evidence::Novelty { kind: "NEW_GEOLOCATION", name: location, for_account: *new_for_account }
            }
            Self::NewAso { aso, new_for_account } => {
                Evidence::Novelty { kind: "NEW_ASO", name: aso, for_account: *new_for_account }
            }
            Self::NewUserAgent { user_agent, new_for_account } => {
                Evidence::Novelty { kind: "NEW_USER_AGENT", name: user_agent, for_account: *new_for_account }
            }
            Self::RelatedFinding { arn, finding_type, last_seen, .. } => {
                Evidence::RelatedFinding { arn, finding_type, last_seen: *last_seen }
            }
            Self::RelatedFindingGroup { id } => Evidence::RelatedFindingGroup(id),
            Self::Unknown { indicator_type } => Evidence::Unknown(indicator_type),
        }
    }

    /// What a group keeps of it. Two related findings that differ in their ARN only are one example.
    fn example(&self) -> Self {
        let mut example = self.clone();
        for text in example.texts_mut() {
            *text = one_line(text, MAX_EXAMPLE_CHARS);
        }
        if let Self::RelatedFinding { arn, .. } = &mut example {
            arn.clear();
        }
        example
    }

    /// The id of the GuardDuty finding that it relates to; nothing for other kinds, and for findings of other services.
    #[must_use]
    pub fn related_finding_id(&self) -> Option<&str> {
        let Self::RelatedFinding { arn, .. } = self else { return None };
        let mut parts = arn.splitn(6, ':');
        let of_guardduty = parts.nth(2) == Some("guardduty");
        // arn:aws:guardduty:REGION:ACCOUNT:detector/DETECTOR/finding/ID
        parts.nth(2)?.rsplit_once("/finding/").map(|(_, id)| id).filter(|id| of_guardduty && !id.is_empty())
    }

    /// Whether it only says that there is a finding which is among these: Detective relates a case's own findings as well.
    #[must_use]
    pub fn is_own_finding(&self, findings: &[Finding]) -> bool {
        self.related_finding_id().is_some_and(|id| findings.iter().any(|finding| finding.id == id))
    }

    /// What puts it before others of its kind: the more, the earlier.
    #[must_use]
    pub fn sort_weight(&self) -> i64 {
        match self {
            Self::TtpObserved { successes, .. } => *successes,
            Self::NewGeolocation { new_for_account, .. }
            | Self::NewAso { new_for_account, .. }
            | Self::NewUserAgent { new_for_account, .. } => i64::from(*new_for_account),
            Self::ImpossibleTravel { .. }
            | Self::FlaggedIpAddress { .. }
            | Self::RelatedFinding { .. }
            | Self::RelatedFindingGroup { .. }
            | Self::Unknown { .. } => 0,
        }
    }
}

/// The indicators without those that are only a case's own findings.
#[must_use]
pub fn without_own_findings(findings: &[Finding], indicators: &[Indicator]) -> Vec<Indicator> {
    indicators.iter().filter(|indicator| !indicator.is_own_finding(findings)).cloned().collect()
}

/// The indicators, related findings with the times at which they were last seen, by id.
#[must_use]
pub fn with_last_seen(mut indicators: Vec<Indicator>, times: &BTreeMap<String, Timestamp>) -> Vec<Indicator> {
    for indicator in &mut indicators {
        let time = indicator.related_finding_id().and_then(|id| times.get(id)).copied();
        if let Indicator::RelatedFinding { last_seen, .. } = indicator {
            *last_seen = time;
        }
    }
    indicators
}

/// How many techniques are kept.
const MAX_TECHNIQUES: usize = 20;

/// The techniques that the indicators name, each once, as many as are kept.
#[must_use]
pub fn techniques(indicators: &[Indicator]) -> Vec<Technique> {
    let named: BTreeSet<Technique> = indicators
        .iter()
        .filter_map(|indicator| {
            let Evidence::Technique { named: (tactic, technique), .. } = indicator.evidence() else { return None };
            Some(Technique::from_names(tactic, technique))
        })
        .collect();
    named.into_iter().take(MAX_TECHNIQUES).collect()
}

/// Groups indicators by kind, in the order of the kinds, each with a few examples. Repeats count once, and the order of the
/// input does not matter.
#[must_use]
pub fn group(indicators: &[Indicator]) -> Vec<IndicatorGroup> {
    let mut kinds: BTreeMap<IndicatorKind, BTreeSet<&Indicator>> = BTreeMap::new();
    for indicator in indicators {
        kinds.entry(indicator.kind()).or_default().insert(indicator);
    }
    kinds
        .into_iter()
        .map(|(kind, members)| IndicatorGroup { kind, count: members.len(), examples: examples(&members) })
        .collect()
}

fn examples(members: &BTreeSet<&Indicator>) -> Vec<Example> {
    let mut members: Vec<&Indicator> = members.iter().copied().collect();
    members.sort_by_key(|indicator| Reverse(indicator.sort_weight())); // stable: equal weights stay in their order
    let mut examples: Vec<Indicator> = Vec::new();
    for example in members.into_iter().map(Indicator::example) {
        if examples.len() == MAX_EXAMPLES {
            break;
        }
        if !examples.contains(&example) {
            examples.push(example);
        }
    }
    examples.into_iter().map(Example::Indicator).collect()
}

#[cfg(test)]
mod tests;
