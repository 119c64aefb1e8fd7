//! Detective's indicators of compromise.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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

/// How many examples of each kind are kept.
const EXAMPLES: usize = 5;
/// Longest example, in characters.
const EXAMPLE_LIMIT: usize = 240;

/// The indicators of one kind, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndicatorGroup {
    /// Detective's name of the kind.
    pub kind: String,
    /// How many different ones there are.
    pub count: usize,
    /// Some of them in words, the most telling first.
    pub examples: Vec<String>,
}

impl IndicatorGroup {
    /// The kind in words, such as `flagged address`; Detective's own name for what this version does not know.
    #[must_use]
    pub fn in_words(&self) -> &str {
        match self.kind.as_str() {
            "TTP_OBSERVED" => "attack technique",
            "IMPOSSIBLE_TRAVEL" => "impossible travel",
            "FLAGGED_IP_ADDRESS" => "flagged address",
            "NEW_GEOLOCATION" => "new place",
            "NEW_ASO" => "new network",
            "NEW_USER_AGENT" => "new user agent",
            "RELATED_FINDING" => "related finding",
            "RELATED_FINDING_GROUP" => "related finding group",
            other => other,
        }
    }
}

impl Indicator {
    /// Detective's name of the kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::TtpObserved { .. } => "TTP_OBSERVED",
            Self::ImpossibleTravel { .. } => "IMPOSSIBLE_TRAVEL",
            Self::FlaggedIpAddress { .. } => "FLAGGED_IP_ADDRESS",
            Self::NewGeolocation { .. } => "NEW_GEOLOCATION",
            Self::NewAso { .. } => "NEW_ASO",
            Self::NewUserAgent { .. } => "NEW_USER_AGENT",
            Self::RelatedFinding { .. } => "RELATED_FINDING",
            Self::RelatedFindingGroup { .. } => "RELATED_FINDING_GROUP",
            Self::Unknown { indicator_type } => indicator_type,
        }
    }

    /// What it says, in words. Not yet safe to show: renderers defang it.
    #[must_use]
    pub fn describe(&self) -> String {
        let novel = |new_for_account: &bool| {
            if *new_for_account { "new for the entire account" } else { "new for this principal" }
        };
        match self {
            Self::TtpObserved { tactic, technique, procedure, ip_address, api_name, successes, failures } => format!(
                "{tactic} / {technique} / {procedure}: {api_name} from {ip_address}, {successes} succeeded, {failures} failed"
            ),
            Self::ImpossibleTravel {
                starting_ip_address,
                ending_ip_address,
                starting_location,
                ending_location,
                hours,
            } => format!(
                "{starting_location} ({starting_ip_address}) to {ending_location} ({ending_ip_address}) within {hours} h"
            ),
            Self::FlaggedIpAddress { ip_address, reason } => format!("{ip_address}, flagged by {reason}"),
            Self::NewGeolocation { location, ip_address, new_for_account } => {
                format!("{location} ({ip_address}), {}", novel(new_for_account))
            }
            Self::NewAso { aso, new_for_account } => format!("{aso}, {}", novel(new_for_account)),
            Self::NewUserAgent { user_agent, new_for_account } => {
                format!("{}, {}", crate::text::one_line(user_agent, 160), novel(new_for_account))
            }
            Self::RelatedFinding { arn, finding_type, ip_address } => {
                format!("{finding_type} from {ip_address} ({arn})")
            }
            Self::RelatedFindingGroup { id } => id.clone(),
            Self::Unknown { .. } => "a kind that this version of Gumshoe does not know; see it in Detective".to_owned(),
        }
    }

    /// What puts it before others of its kind: the more, the earlier.
    #[must_use]
    pub fn weight(&self) -> i64 {
        match self {
            Self::TtpObserved { successes, .. } => *successes,
            Self::NewGeolocation { new_for_account, .. }
            | Self::NewAso { new_for_account, .. }
            | Self::NewUserAgent { new_for_account, .. } => i64::from(*new_for_account),
            _ => 0,
        }
    }
}

/// A technique that was observed, in the words of MITRE ATT&CK. As Detective sent them, on one line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Technique {
    /// Such as `Persistence`.
    pub tactic: String,
    /// Such as `Account Manipulation`.
    pub technique: String,
}

/// How many techniques are kept.
const TECHNIQUES: usize = 20;

/// The techniques that the indicators name, each once, as many as are kept.
#[must_use]
pub fn techniques(indicators: &[Indicator]) -> Vec<Technique> {
    let named: BTreeSet<Technique> = indicators
        .iter()
        .filter_map(|indicator| match indicator {
            Indicator::TtpObserved { tactic, technique, .. } => Some(Technique {
                tactic: crate::text::one_line(tactic, 80),
                technique: crate::text::one_line(technique, 80),
            }),
            _ => None,
        })
        .collect();
    named.into_iter().take(TECHNIQUES).collect()
}

/// Groups indicators by kind, the most telling kinds first, each with a few examples. Repeats count once, and the order of
/// the input does not matter.
#[must_use]
pub fn group(indicators: &[Indicator]) -> Vec<IndicatorGroup> {
    let mut kinds: BTreeMap<String, BTreeSet<&Indicator>> = BTreeMap::new();
    for indicator in indicators {
        kinds.entry(crate::text::one_line(indicator.kind(), 80)).or_default().insert(indicator);
    }
    let in_words = |members: &BTreeSet<&Indicator>| {
        let mut members: Vec<&&Indicator> = members.iter().collect();
        members.sort_by_key(|indicator| -indicator.weight());
        members.iter().take(EXAMPLES).map(|it| crate::text::one_line(&it.describe(), EXAMPLE_LIMIT)).collect()
    };
    let mut groups: Vec<IndicatorGroup> = kinds
        .iter()
        .map(|(kind, members)| IndicatorGroup { kind: kind.clone(), count: members.len(), examples: in_words(members) })
        .collect();
    groups.sort_by_key(|group| place(&group.kind)); // stable: what is unknown stays in the order of the names
    groups
}

/// Where a kind stands among the others, from 0: what weighs most comes first, what this version does not know last.
#[must_use]
pub fn place(kind: &str) -> usize {
    const ORDER: [&str; 8] = [
        "FLAGGED_IP_ADDRESS",
        "IMPOSSIBLE_TRAVEL",
        "TTP_OBSERVED",
        "RELATED_FINDING_GROUP",
        "RELATED_FINDING",
        "NEW_GEOLOCATION",
        "NEW_ASO",
        "NEW_USER_AGENT",
    ];
    ORDER.iter().position(|known| *known == kind).unwrap_or(ORDER.len())
}
