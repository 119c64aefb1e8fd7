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
    /// Declared in display order: the kind with the highest weight first, unknown kinds last.
    pub enum IndicatorKind {
        /// An IP address in AWS threat intelligence.
        FlaggedIpAddress = "FLAGGED_IP_ADDRESS",
        /// Two locations that are too far apart for the time between the calls.
        ImpossibleTravel = "IMPOSSIBLE_TRAVEL",
        /// A tactic, technique and procedure of MITRE ATT&CK.
        TtpObserved = "TTP_OBSERVED",
        /// A group of findings that Detective attributes to one event.
        RelatedFindingGroup = "RELATED_FINDING_GROUP",
        /// A finding about the same principal.
        RelatedFinding = "RELATED_FINDING",
        /// A location from which the principal did not act before.
        NewGeolocation = "NEW_GEOLOCATION",
        /// A network from which the principal did not act before.
        NewAso = "NEW_ASO",
        /// A user agent that the principal did not use before.
        NewUserAgent = "NEW_USER_AGENT",
    }
}

/// One indicator, as ListIndicators returns it. Texts are as Detective sent them: attackers choose some of them.
///
/// Source: Amazon Detective API Reference, Indicator and IndicatorDetail.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "snake_case")]
pub enum Indicator {
    /// A tactic, technique and procedure of MITRE ATT&CK.
    TtpObserved {
        /// Such as `Persistence`.
        tactic: String,
        /// Such as `Account Manipulation`.
        technique: String,
        /// Such as `Adding a user to a group`.
        procedure: String,
        /// The source address of the calls.
        ip_address: String,
        /// The API that was called.
        api_name: String,
        /// Number of calls that succeeded.
        successes: i64,
        /// Number of calls that failed.
        failures: i64,
    },
    /// Two locations that are too far apart for the time between the calls.
    ImpossibleTravel {
        /// The first address.
        starting_ip_address: String,
        /// The second address.
        ending_ip_address: String,
        /// The first location.
        starting_location: String,
        /// The second location.
        ending_location: String,
        /// Hours between the calls.
        hours: i32,
    },
    /// An IP address in AWS threat intelligence.
    FlaggedIpAddress {
        /// The address.
        ip_address: String,
        /// The source of the flag; Detective documents only `AWS_THREAT_INTELLIGENCE`.
        reason: String,
    },
    /// A location from which the principal did not act before.
    NewGeolocation {
        /// The location.
        location: String,
        /// An address at the location.
        ip_address: String,
        /// Whether it is new for the whole account, not only for the principal.
        new_for_account: bool,
    },
    /// A network (autonomous system organization) from which the principal did not act before.
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
        /// The time of its last activity, from GuardDuty's GetFindings; `None` if GuardDuty did not return it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_seen: Option<Timestamp>,
    },
    /// A group of findings that Detective attributes to one event.
    RelatedFindingGroup {
        /// The group's id.
        id: String,
    },
    /// A kind that this version does not know. It is shown in alerts.
    Unknown {
        /// Detective's name for it.
        indicator_type: String,
    },
}

/// What an indicator is evidence of. The verdict scores each kind of evidence separately, by the number of distinct values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evidence<'a> {
    /// Calls came from a flagged address.
    FlaggedAddress(&'a str),
    /// A travel from one location to another.
    Travel(&'a str, &'a str),
    /// An attack technique (tactic, technique), whether calls of it succeeded, and whether calls failed.
    Technique { named: (&'a str, &'a str), succeeded: bool, failed: bool },
    /// A new location, network or user agent: new for the entire account, or only for the principal.
    Novelty { kind: &'a str, name: &'a str, for_account: bool },
    /// Another finding, by its ARN.
    RelatedFinding { arn: &'a str, finding_type: &'a str, last_seen: Option<Timestamp> },
    /// A group of findings.
    RelatedFindingGroup(&'a str),
    /// A kind that this version does not know.
    Unknown(&'a str),
}

const MAX_EXAMPLES: usize = 5;
const MAX_EXAMPLE_CHARS: usize = 240;
const MAX_KIND_CHARS: usize = 80;

/// The indicators of one kind, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndicatorGroup {
    /// The kind.
    pub kind: IndicatorKind,
    /// The number of distinct indicators.
    pub count: usize,
    /// At most five of them, sorted by [`Indicator::sort_key`].
    pub examples: Vec<Example>,
}

/// The stored form of an indicator in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Example {
    /// The indicator, with shortened texts and without ARNs.
    Indicator(Indicator),
    /// The text that earlier releases stored.
    LegacyText(String),
}

impl Indicator {
    /// The kind, by Detective's name.
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

    /// All texts of the indicator, to shorten or replace them.
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

    /// The stored form in a group. Two related findings that differ only in their ARN are one example.
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

    /// The id of the related GuardDuty finding; `None` for other kinds, and for findings of other services.
    #[must_use]
    pub fn related_finding_id(&self) -> Option<&str> {
        let Self::RelatedFinding { arn, .. } = self else { return None };
        let mut parts = arn.splitn(6, ':');
        let of_guardduty = parts.nth(2) == Some("guardduty");
        // arn:aws:guardduty:REGION:ACCOUNT:detector/DETECTOR/finding/ID
        parts.nth(2)?.rsplit_once("/finding/").map(|(_, id)| id).filter(|id| of_guardduty && !id.is_empty())
    }

    /// Whether it is a related finding that is among `findings`: Detective also returns the case's own findings.
    #[must_use]
    pub fn is_own_finding(&self, findings: &[Finding]) -> bool {
        self.related_finding_id().is_some_and(|id| findings.iter().any(|finding| finding.id == id))
    }

    /// Sort key within a kind, descending.
    #[must_use]
    pub fn sort_key(&self) -> i64 {
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

/// The indicators without the related findings that are the case's own.
#[must_use]
pub fn without_own_findings(findings: &[Finding], indicators: &[Indicator]) -> Vec<Indicator> {
    indicators.iter().filter(|indicator| !indicator.is_own_finding(findings)).cloned().collect()
}

/// Sets `last_seen` of related findings. `times`: the times by finding id.
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

const MAX_TECHNIQUES: usize = 20;

/// The distinct techniques in the indicators, at most 20 of them.
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

/// Groups indicators by kind, in the order of the kinds, each with a few examples. Duplicates count once, and the order of the
/// input has no effect.
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
    members.sort_by_key(|indicator| Reverse(indicator.sort_key())); // stable: equal keys keep their order
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
