//! Detective's indicators of compromise.

use crate::finding::Finding;
use crate::mitre::{self, Technique};
use jiff::Timestamp;
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
                "{} / {} / {procedure}: {api_name} from {ip_address}, {successes} succeeded, {failures} failed",
                mitre::with_id(tactic, mitre::tactic_id(tactic)),
                mitre::with_id(technique, mitre::technique_id(technique)),
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
            Self::RelatedFinding { finding_type, ip_address, last_seen, .. } => {
                let from = Some(ip_address).filter(|address| !["", "unknown"].contains(&address.as_str()));
                let from = from.map(|address| format!(" from {address}")).unwrap_or_default();
                format!("{finding_type}{from}{}", last_seen_in_words(*last_seen))
            }
            Self::RelatedFindingGroup { id } => id.clone(),
            Self::Unknown { .. } => "a kind that this version of Gumshoe does not know; see it in Detective".to_owned(),
        }
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
    pub fn is_own(&self, findings: &[Finding]) -> bool {
        self.related_finding_id().is_some_and(|id| findings.iter().any(|finding| finding.id == id))
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

/// Such as `, last seen 2026-01-15 12:35 UTC`; empty where the time is not known.
pub(crate) fn last_seen_in_words(last_seen: Option<Timestamp>) -> String {
    last_seen.map(|time| format!(", last seen {}", time.strftime("%Y-%m-%d %H:%M UTC"))).unwrap_or_default()
}

/// The indicators without those that are only a case's own findings.
#[must_use]
pub fn beside(findings: &[Finding], indicators: &[Indicator]) -> Vec<Indicator> {
    indicators.iter().filter(|indicator| !indicator.is_own(findings)).cloned().collect()
}

/// How many techniques are kept.
const TECHNIQUES: usize = 20;

/// The techniques that the indicators name, each once, as many as are kept.
#[must_use]
pub fn techniques(indicators: &[Indicator]) -> Vec<Technique> {
    let named: BTreeSet<Technique> = indicators
        .iter()
        .filter_map(|indicator| match indicator {
            Indicator::TtpObserved { tactic, technique, .. } => Some(Technique::named(tactic, technique)),
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
        let mut examples: Vec<String> = Vec::new();
        for words in members.iter().map(|it| crate::text::one_line(&it.describe(), EXAMPLE_LIMIT)) {
            // Two related findings may have type, address and time in common.
            if examples.len() < EXAMPLES && !examples.contains(&words) {
                examples.push(words);
            }
        }
        examples
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn related(arn: &str, last_seen: Option<&str>) -> Indicator {
        Indicator::RelatedFinding {
            arn: arn.to_owned(),
            finding_type: "Recon:IAMUser/TorIPCaller".to_owned(),
            ip_address: "198.51.100.7".to_owned(),
            last_seen: last_seen.map(|time| time.parse().unwrap()),
        }
    }

    fn finding(id: &str) -> Finding {
        Finding::from_json(&json!({
            "id": id, "accountId": "123456789012", "region": "us-east-1", "type": "T", "severity": 5
        }))
        .unwrap()
    }

    const ARN: &str = "arn:aws:guardduty:us-east-1:123456789012:detector/d/finding/f1";

    #[test]
    fn a_related_finding_is_told_by_its_type_and_time_and_not_by_its_arn() {
        assert_eq!(related(ARN, None).describe(), "Recon:IAMUser/TorIPCaller from 198.51.100.7");
        let known = related(ARN, Some("2026-01-15T12:35:20Z"));
        assert_eq!(known.describe(), "Recon:IAMUser/TorIPCaller from 198.51.100.7, last seen 2026-01-15 12:35 UTC");
        let Indicator::RelatedFinding { arn, finding_type, .. } = known else { panic!() };
        let ip_address = "unknown".to_owned();
        let nowhere = Indicator::RelatedFinding { arn, finding_type, ip_address, last_seen: None };
        assert_eq!(nowhere.describe(), "Recon:IAMUser/TorIPCaller");
    }

    #[test]
    fn only_guardduty_has_findings_of_a_case() {
        assert_eq!(related(ARN, None).related_finding_id(), Some("f1"));
        for other in [
            "",
            "f1",
            "arn:aws:guardduty:us-east-1:123456789012:detector/d",
            "arn:aws:guardduty:us-east-1:123456789012:detector/d/finding/",
            "arn:aws:securityhub:us-east-1:123456789012:subscription/s/finding/f1",
        ] {
            assert_eq!(related(other, None).related_finding_id(), None, "{other}");
        }
        assert_eq!(Indicator::RelatedFindingGroup { id: ARN.to_owned() }.related_finding_id(), None);
    }

    #[test]
    fn what_is_a_cases_own_is_not_beside_it() {
        let other = related(&ARN.replace("f1", "f2"), None);
        let indicators = [related(ARN, None), other.clone()];
        assert_eq!(beside(&[finding("f1"), finding("f3")], &indicators), [other]);
        assert_eq!(beside(&[], &indicators), indicators);
    }

    #[test]
    fn examples_do_not_repeat_each_other() {
        let arns = ["f1", "f2", "f3"].map(|id| related(&ARN.replace("f1", id), None));
        let group = group(&arns).remove(0);
        assert_eq!((group.count, group.examples.len()), (3, 1));
    }

    #[test]
    fn what_was_stored_before_times_were_known_is_still_read() {
        let stored = json!({"type": "RELATED_FINDING", "arn": ARN, "finding_type": "T", "ip_address": "198.51.100.7"});
        let read: Indicator = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), stored);
    }
}
