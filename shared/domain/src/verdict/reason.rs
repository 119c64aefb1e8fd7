//! The reasons of a verdict's points: codes with data. Texts for people are rendered from them.

use crate::finding::Severity;
use crate::guardduty::{Confidence, RiskLevel};
use crate::investigation::InvestigationSeverity;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Points and their reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The points that it adds to the score; 0 for information only.
    pub points: u8,
    /// The reason.
    #[serde(flatten)]
    pub code: ReasonCode,
}

/// The reason for points, with the data that its text needs. Texts from outside are shortened and on one line; renderers escape them
/// for the channel.
///
/// In JSON the code is the member `code`; the codes are stored and sent to subscribers, and never change. Reasons with equal
/// points are in the order of the variants, which is that of their texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "snake_case")]
pub enum ReasonCode {
    /// Addresses that AWS threat intelligence flags.
    FlaggedAddresses(NamedItems<String>),
    /// Attack techniques (tactic, technique) with calls that failed.
    TechniquesFailed(NamedItems<(String, String)>),
    /// Attack techniques (tactic, technique) with calls that succeeded.
    TechniquesSucceeded(NamedItems<(String, String)>),
    /// The finding of the highest severity.
    WorstFinding {
        /// Its type.
        finding_type: String,
        /// Its severity.
        severity: Severity,
    },
    /// Impossible travels, from one location to another.
    ImpossibleTravels(NamedItems<(String, String)>),
    /// Kinds of indicators that this version does not know.
    UnknownIndicators(NamedItems<String>),
    /// Locations, networks and user agents that are new for the account.
    NewForAccount(NamedItems<String>),
    /// Locations, networks and user agents that are new for the principal.
    NewForPrincipal(NamedItems<String>),
    /// Groups of findings that Detective relates to one event.
    RelatedFindingGroups(NamedItems<String>),
    /// Findings about the same principal, by type.
    RelatedFindings(NamedItems<RelatedFindings>),
    /// Detective's severity and GuardDuty's risk level are both High or Critical, or both below.
    EnginesAgree(EngineAgreement),
    /// One of the two is High or Critical, and the other is not.
    EnginesDisagree(EngineAgreement),
    /// GuardDuty has a result, and Detective has no severity.
    #[serde(rename = "ONLY_GUARDDUTY")]
    OnlyGuardDuty(EngineAgreement),
    /// A text that a version before codes stored.
    #[serde(untagged)]
    LegacyText {
        /// The text.
        text: String,
    },
}

/// Items that score together, the first few by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedItems<T> {
    /// The number of items.
    pub count: usize,
    /// The first few names, sorted.
    pub names: Vec<T>,
    /// The number of omitted names.
    #[serde(default, rename = "left_out", skip_serializing_if = "is_zero")]
    pub omitted_count: usize,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Related findings of one type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelatedFindings {
    /// Their type.
    pub finding_type: String,
    /// The number of items.
    pub count: usize,
    /// When the latest was last seen, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Timestamp>,
}

/// The results of the two engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineAgreement {
    /// Whether Detective has a result.
    #[serde(rename = "investigated")]
    pub is_investigated: bool,
    /// Detective's severity, if it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<InvestigationSeverity>,
    /// GuardDuty's risk level.
    pub risk_level: RiskLevel,
    /// GuardDuty's confidence.
    pub confidence: Confidence,
}

impl ReasonCode {
    /// The code, as in JSON; `None` for a stored text without a code.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        self.rank_and_code().map(|(_, word)| word)
    }

    /// Its rank among reasons with equal points, from 0.
    pub(super) fn display_rank(&self) -> u8 {
        self.rank_and_code().map_or(u8::MAX, |(place, _)| place)
    }

    fn rank_and_code(&self) -> Option<(u8, &'static str)> {
        Some(match self {
            Self::FlaggedAddresses(_) => (0, "FLAGGED_ADDRESSES"),
            Self::TechniquesFailed(_) => (1, "TECHNIQUES_FAILED"),
            Self::TechniquesSucceeded(_) => (2, "TECHNIQUES_SUCCEEDED"),
            Self::WorstFinding { .. } => (3, "WORST_FINDING"),
            Self::ImpossibleTravels(_) => (4, "IMPOSSIBLE_TRAVELS"),
            Self::UnknownIndicators(_) => (5, "UNKNOWN_INDICATORS"),
            Self::NewForAccount(_) => (6, "NEW_FOR_ACCOUNT"),
            Self::NewForPrincipal(_) => (7, "NEW_FOR_PRINCIPAL"),
            Self::RelatedFindingGroups(_) => (8, "RELATED_FINDING_GROUPS"),
            Self::RelatedFindings(_) => (9, "RELATED_FINDINGS"),
            Self::EnginesAgree(_) => (10, "ENGINES_AGREE"),
            Self::EnginesDisagree(_) => (11, "ENGINES_DISAGREE"),
            Self::OnlyGuardDuty(_) => (12, "ONLY_GUARDDUTY"),
            Self::LegacyText { .. } => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn engines() -> EngineAgreement {
        EngineAgreement {
            is_investigated: true,
            severity: Some(InvestigationSeverity::Low),
            risk_level: RiskLevel::High,
            confidence: Confidence::Medium,
        }
    }

    /// One reason of each code, in their order, with its stored form.
    fn stored() -> Vec<(ReasonCode, Value)> {
        let named = |name: &str| NamedItems { count: 4, names: vec![name.to_owned()], omitted_count: 3 };
        let pair =
            |one: &str, other: &str| NamedItems { count: 1, names: vec![(one.into(), other.into())], omitted_count: 0 };
        let of = |code: &str| json!({"points": 5, "code": code, "count": 4, "names": ["n"], "left_out": 3});
        let of_pair = |code: &str| json!({"points": 5, "code": code, "count": 1, "names": [["a", "b"]]});
        let of_engines = |code: &str| {
            json!({"points": 5, "code": code, "investigated": true, "severity": "LOW", "risk_level": "HIGH",
                "confidence": "MEDIUM"})
        };
        let related = RelatedFindings { finding_type: "T".into(), count: 2, last_seen: Some(Timestamp::UNIX_EPOCH) };
        vec![
            (ReasonCode::FlaggedAddresses(named("n")), of("FLAGGED_ADDRESSES")),
            (ReasonCode::TechniquesFailed(pair("a", "b")), of_pair("TECHNIQUES_FAILED")),
            (ReasonCode::TechniquesSucceeded(pair("a", "b")), of_pair("TECHNIQUES_SUCCEEDED")),
            (
                ReasonCode::WorstFinding { finding_type: "T".into(), severity: Severity::new(8.5).unwrap() },
                json!({"points": 5, "code": "WORST_FINDING", "finding_type": "T", "severity": 8.5}),
            ),
            (ReasonCode::ImpossibleTravels(pair("a", "b")), of_pair("IMPOSSIBLE_TRAVELS")),
            (ReasonCode::UnknownIndicators(named("n")), of("UNKNOWN_INDICATORS")),
            (ReasonCode::NewForAccount(named("n")), of("NEW_FOR_ACCOUNT")),
            (ReasonCode::NewForPrincipal(named("n")), of("NEW_FOR_PRINCIPAL")),
            (ReasonCode::RelatedFindingGroups(named("n")), of("RELATED_FINDING_GROUPS")),
            (
                ReasonCode::RelatedFindings(NamedItems { count: 2, names: vec![related], omitted_count: 0 }),
                json!({"points": 5, "code": "RELATED_FINDINGS", "count": 2,
                    "names": [{"finding_type": "T", "count": 2, "last_seen": "1970-01-01T00:00:00Z"}]}),
            ),
            (ReasonCode::EnginesAgree(engines()), of_engines("ENGINES_AGREE")),
            (ReasonCode::EnginesDisagree(engines()), of_engines("ENGINES_DISAGREE")),
            (ReasonCode::OnlyGuardDuty(engines()), of_engines("ONLY_GUARDDUTY")),
            (ReasonCode::LegacyText { text: "a sentence".into() }, json!({"points": 5, "text": "a sentence"})),
        ]
    }

    #[test]
    fn stored_forms_never_change() {
        for (code, stored) in stored() {
            let word = code.code().map(Value::from).unwrap_or_default();
            let reason = Reason { points: 5, code };
            assert_eq!(serde_json::to_value(&reason).unwrap(), stored);
            assert_eq!(serde_json::from_str::<Reason>(&stored.to_string()).unwrap(), reason);
            assert_eq!(stored.get("code").cloned().unwrap_or_default(), word);
        }
    }

    #[test]
    fn each_code_has_a_place_of_its_own() {
        let places: Vec<u8> = stored().iter().map(|(code, _)| code.display_rank()).collect();
        assert!(places.is_sorted_by(|one, next| one < next), "{places:?}");
    }

    #[test]
    fn what_is_neither_a_code_nor_a_sentence_is_refused() {
        for other in [json!({"points": 5}), json!({"points": 5, "code": "WORST_FINDING"}), json!({"text": "t"})] {
            assert!(serde_json::from_value::<Reason>(other).is_err());
        }
    }
}
