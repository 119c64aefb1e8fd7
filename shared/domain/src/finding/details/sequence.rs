//! GuardDuty's indicators of an attack sequence.

use crate::finding::json_node::JsonNode;
use crate::text::one_line;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// GuardDuty documents 22 kinds.
const MAX_KINDS: usize = 24;
/// Further values of a kind are only counted.
const MAX_VALUES: usize = 3;
const MAX_KIND_CHARS: usize = 60;
/// GuardDuty's values have up to 256 characters.
const MAX_VALUE_CHARS: usize = 100;

/// The indicators of one kind in an attack sequence.
///
/// Source: GuardDuty API Reference, Indicator; the kinds of 2026 (malicious package, misconfiguration, reachability, sensitive
/// data, vulnerability) are included. GuardDuty adds kinds, so this is not an enum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SequenceIndicator {
    /// GuardDuty's name of the kind, such as `VULNERABILITY`.
    pub kind: String,
    /// GuardDuty's title, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Observed values, such as addresses, API calls or ids of vulnerabilities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// The number of further values that are not in `values`.
    #[serde(rename = "values_left_out", default, skip_serializing_if = "super::is_zero")]
    pub omitted_values: usize,
}

/// The kinds that GuardDuty documents, the most informative for an analyst first.
pub const SEQUENCE_INDICATORS: [&str; 22] = [
    "MALICIOUS_FILE",
    "MALICIOUS_PROCESS",
    "MALICIOUS_PACKAGE",
    "CRYPTOMINING_PROCESS",
    "SUSPICIOUS_PROCESS",
    "MALICIOUS_IP",
    "MALICIOUS_DOMAIN",
    "CRYPTOMINING_IP",
    "CRYPTOMINING_DOMAIN",
    "TOR_IP",
    "VULNERABILITY",
    "REACHABILITY",
    "MISCONFIGURATION",
    "SENSITIVE_DATA",
    "HIGH_RISK_API",
    "SUSPICIOUS_NETWORK",
    "SUSPICIOUS_USER_AGENT",
    "UNUSUAL_API_FOR_ACCOUNT",
    "UNUSUAL_ASN_FOR_ACCOUNT",
    "UNUSUAL_ASN_FOR_USER",
    "ATTACK_TECHNIQUE",
    "ATTACK_TACTIC",
];

impl SequenceIndicator {
    fn display_rank(&self) -> usize {
        SEQUENCE_INDICATORS.iter().position(|kind| *kind == self.kind).unwrap_or(SEQUENCE_INDICATORS.len())
    }
}

/// The indicators of the sequence and of its signals, grouped by kind.
pub(super) fn indicators(sequence: JsonNode<'_>) -> Vec<SequenceIndicator> {
    let of_signals = sequence.get("signals").items().flat_map(|signal| signal.get("signalIndicators").items());
    let mut indicators: Vec<SequenceIndicator> = Vec::new();
    let mut known = HashSet::new();
    for indicator in sequence.get("sequenceIndicators").items().chain(of_signals) {
        let Some(kind) =
            indicator.get("key").text().map(|kind| one_line(kind, MAX_KIND_CHARS)).filter(|it| !it.is_empty())
        else {
            continue;
        };
        let place = match indicators.iter().position(|it| it.kind == kind) {
            Some(place) => place,
            None if indicators.len() == MAX_KINDS => continue,
            None => {
                let title = indicator.get("title").text().map(|title| one_line(title, MAX_KIND_CHARS));
                let empty = SequenceIndicator { kind, title, values: Vec::new(), omitted_values: 0 };
                indicators.push(empty);
                indicators.len() - 1
            }
        };
        let Some(kept) = indicators.get_mut(place) else { continue };
        for value in indicator.get("values").items().filter_map(JsonNode::text) {
            if !known.insert((place, value)) {
                continue;
            }
            match one_line(value, MAX_VALUE_CHARS) {
                value if value.is_empty() => {}
                value if kept.values.len() < MAX_VALUES => kept.values.push(value),
                _ => kept.omitted_values += 1,
            }
        }
    }
    indicators.sort_by_key(SequenceIndicator::display_rank); // stable: unknown kinds keep the order of the finding
    indicators
}
