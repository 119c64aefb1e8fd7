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

/// How many examples of each kind are kept.
const EXAMPLES: usize = 5;
/// Longest text in an example, and longest name of a kind, in characters.
const EXAMPLE_TEXT: usize = 240;
const KIND: usize = 80;

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
    Words(String),
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
            Self::Unknown { indicator_type } => one_line(indicator_type, KIND).into(),
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

    /// What a group keeps of it. Two related findings that differ in their ARN only are one example.
    fn example(&self) -> Self {
        let mut example = self.clone();
        for text in example.texts_mut() {
            *text = one_line(text, EXAMPLE_TEXT);
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
pub fn beside(findings: &[Finding], indicators: &[Indicator]) -> Vec<Indicator> {
    indicators.iter().filter(|indicator| !indicator.is_own(findings)).cloned().collect()
}

/// The indicators, related findings with the times at which they were last seen, by id.
#[must_use]
pub fn with_times(mut indicators: Vec<Indicator>, times: &BTreeMap<String, Timestamp>) -> Vec<Indicator> {
    for indicator in &mut indicators {
        let time = indicator.related_finding_id().and_then(|id| times.get(id)).copied();
        if let Indicator::RelatedFinding { last_seen, .. } = indicator {
            *last_seen = time;
        }
    }
    indicators
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
    members.sort_by_key(|indicator| Reverse(indicator.weight())); // stable: equal weights stay in their order
    let mut examples: Vec<Indicator> = Vec::new();
    for example in members.into_iter().map(Indicator::example) {
        if examples.len() == EXAMPLES {
            break;
        }
        if !examples.contains(&example) {
            examples.push(example);
        }
    }
    examples.into_iter().map(Example::Indicator).collect()
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

    /// They are stored and sent, and people read the kinds in this order.
    #[test]
    fn codes_and_their_order_stay_as_they_are() {
        let codes: Vec<&str> = IndicatorKind::KNOWN.iter().map(IndicatorKind::as_str).collect();
        let pinned = [
            "FLAGGED_IP_ADDRESS",
            "IMPOSSIBLE_TRAVEL",
            "TTP_OBSERVED",
            "RELATED_FINDING_GROUP",
            "RELATED_FINDING",
            "NEW_GEOLOCATION",
            "NEW_ASO",
            "NEW_USER_AGENT",
        ];
        assert_eq!(codes, pinned);
        let mut kinds = ["Z", "A", "NEW_ASO", "TTP_OBSERVED"].map(IndicatorKind::from);
        kinds.sort();
        assert_eq!(kinds.map(|kind| kind.to_string()), ["TTP_OBSERVED", "NEW_ASO", "A", "Z"]);
    }

    #[test]
    fn groups_that_were_stored_with_words_are_read_and_kept() {
        let stored = json!([
            {"kind": "NEW_ASO", "count": 2, "examples": ["AS64500, new for this principal"]},
            {"kind": "SOMETHING_NEW", "count": 1, "examples": ["a kind that this version of Gumshoe does not know"]},
        ]);
        let read: Vec<IndicatorGroup> = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(read[0].kind, IndicatorKind::NewAso);
        assert_eq!(read[1].kind, IndicatorKind::Other("SOMETHING_NEW".to_owned()));
        assert!(matches!(&read[0].examples[0], Example::Words(words) if words.starts_with("AS64500")));
        assert_eq!(serde_json::to_value(read).unwrap(), stored);
        let groups = group(&[related(ARN, None), Indicator::Unknown { indicator_type: "NEW\nKIND".to_owned() }]);
        let written = serde_json::to_value(&groups).unwrap();
        assert_eq!(written[1]["kind"], "NEW KIND");
        assert_eq!(written[0]["examples"][0]["type"], "RELATED_FINDING");
        assert_eq!(serde_json::from_value::<Vec<IndicatorGroup>>(written).unwrap(), groups);
    }

    /// The table's item holds the whole case; 400 KB is DynamoDB's limit.
    #[test]
    fn examples_of_the_longest_texts_take_a_quarter_of_an_item_at_most() {
        let kinds = [
            json!({"type": "TTP_OBSERVED", "tactic": "", "technique": "", "procedure": "", "ip_address": "", "api_name": "",
                "successes": i64::MAX, "failures": i64::MAX}),
            json!({"type": "IMPOSSIBLE_TRAVEL", "starting_ip_address": "", "ending_ip_address": "", "starting_location": "",
                "ending_location": "", "hours": i32::MAX}),
            json!({"type": "FLAGGED_IP_ADDRESS", "ip_address": "", "reason": ""}),
            json!({"type": "NEW_GEOLOCATION", "location": "", "ip_address": "", "new_for_account": true}),
            json!({"type": "NEW_ASO", "aso": "", "new_for_account": true}),
            json!({"type": "NEW_USER_AGENT", "user_agent": "", "new_for_account": true}),
            json!({"type": "RELATED_FINDING", "arn": "", "finding_type": "", "ip_address": ""}),
            json!({"type": "RELATED_FINDING_GROUP", "id": ""}),
        ];
        assert_eq!(kinds.len(), IndicatorKind::KNOWN.len());
        let indicators = kinds.into_iter().flat_map(|kind| {
            let indicator: Indicator = serde_json::from_value(kind).unwrap();
            (0..9).map(move |number| {
                let mut indicator = indicator.clone();
                for text in indicator.texts_mut() {
                    *text = format!("{number}{}", "\u{1F9ED}".repeat(2_000));
                }
                indicator
            })
        });
        let groups = group(&indicators.collect::<Vec<_>>());
        assert!(groups.iter().all(|group| group.count == 9 && group.examples.len() == EXAMPLES));
        let size = serde_json::to_string(&groups).unwrap().len();
        assert!(size < 100 * 1024, "{size} bytes");
    }

    const ARN: &str = "arn:aws:guardduty:us-east-1:123456789012:detector/d/finding/f1";

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
