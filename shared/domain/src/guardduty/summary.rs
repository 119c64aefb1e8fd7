//! An investigation's `summary`: JSON in a string, as far as observed, otherwise plain text.

use crate::text::one_line;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Limits of the entries of a list: far above what a person reads in an alert.
const MAX_ENTRIES: usize = 10;
const MAX_ENTRY_CHARS: usize = 500;
/// How many levels of nested lists are read.
const MAX_DEPTH: usize = 3;

/// A summary, shortened and on single lines. An AI wrote it, based on text that attackers may have written: renderers mark it so and
/// escape it for their channel.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// `threatAssessment`; the whole text if the summary is not the documented JSON.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub threat_assessment: Vec<String>,
    /// `keyObservations`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_observations: Vec<String>,
    /// `countermeasures`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countermeasures: Vec<String>,
}

impl Summary {
    /// Parses any summary.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let parsed: Option<Value> = serde_json::from_str(text).ok();
        let part = |name: &str| {
            let mut texts = Vec::new();
            if let Some(value) = parsed.as_ref().and_then(|it| it.get(name)) {
                gather(value, MAX_DEPTH, &mut texts);
            }
            texts
        };
        let summary = Self {
            threat_assessment: part("threatAssessment"),
            key_observations: part("keyObservations"),
            countermeasures: part("countermeasures"),
        };
        if summary != Self::default() {
            return summary;
        }
        // Plain text, or JSON of another format: shown as it is.
        let mut texts = Vec::new();
        match parsed {
            Some(value) => gather(&value, MAX_DEPTH, &mut texts),
            None => texts.extend(
                text.lines()
                    .map(|line| one_line(line, MAX_ENTRY_CHARS))
                    .filter(|line| !line.is_empty())
                    .take(MAX_ENTRIES),
            ),
        }
        Self { threat_assessment: texts, ..Self::default() }
    }

    /// Whether it has no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// All texts in a value, those of one object in one entry.
fn gather(value: &Value, depth: usize, texts: &mut Vec<String>) {
    if texts.len() >= MAX_ENTRIES || depth == 0 {
        return;
    }
    let mut add = |text: &str| {
        let line = one_line(text, MAX_ENTRY_CHARS);
        if !line.is_empty() {
            texts.push(line);
        }
    };
    match value {
        Value::Null => {}
        Value::String(text) => add(text),
        Value::Bool(_) | Value::Number(_) => add(&value.to_string()),
        Value::Array(items) => items.iter().for_each(|item| gather(item, depth - 1, texts)),
        Value::Object(members) => {
            // Sorted by name, independent of the parser's order.
            let members: BTreeMap<&String, &Value> = members.iter().collect();
            let parts: Vec<String> = members
                .into_iter()
                .filter_map(|(name, value)| {
                    let mut inner = Vec::new();
                    gather(value, depth - 1, &mut inner);
                    (!inner.is_empty()).then(|| format!("{}: {}", one_line(name, 40), inner.join("; ")))
                })
                .collect();
            add(&parts.join(". "));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn the_documented_format_is_parsed() {
        let text = json!({
            "keyObservations": ["GetCallerIdentity from 198.51.100.7", "12 buckets\nwere listed"],
            "countermeasures": ["Deactivate the key"],
            "threatAssessment": "Likely credential theft",
        });
        let summary = Summary::read(&text.to_string());
        assert_eq!(summary.key_observations, ["GetCallerIdentity from 198.51.100.7", "12 buckets were listed"]);
        assert_eq!(summary.countermeasures, ["Deactivate the key"]);
        assert_eq!(summary.threat_assessment, ["Likely credential theft"]);
    }

    #[test]
    fn other_formats_of_the_parts_are_parsed_partly() {
        let text = json!({
            "keyObservations": {"who": "alice", "when": ["today", 3]},
            "countermeasures": [{"action": "rotate", "target": "key"}, "inspect"],
            "threatAssessment": null,
        });
        let summary = Summary::read(&text.to_string());
        assert_eq!(summary.key_observations, ["when: today; 3. who: alice"]);
        assert_eq!(summary.countermeasures, ["action: rotate. target: key", "inspect"]);
        assert_eq!(summary.threat_assessment, [""; 0]);
    }

    #[test]
    fn other_text_is_shown_as_text() {
        assert_eq!(Summary::read("It is bad.\n\n Very.").threat_assessment, ["It is bad.", "Very."]);
        assert_eq!(Summary::read(r#"{"verdict": "bad"}"#).threat_assessment, ["verdict: bad"]);
        assert_eq!(Summary::read(r#"["a", "b"]"#).threat_assessment, ["a", "b"]);
        assert_eq!(Summary::read(r#"{"keyObservations": []"#).threat_assessment, [r#"{"keyObservations": []"#]);
        assert!(Summary::read(" \n").is_empty() && Summary::read("{}").is_empty() && Summary::read("null").is_empty());
    }

    proptest! {
        #[test]
        fn any_text_is_shortened_and_on_single_lines(text in "\\PC{0,200}|[\\[\\]{}\",:a\\n]{0,60}") {
            let Summary { threat_assessment, key_observations, countermeasures } = Summary::read(&text);
            for part in [threat_assessment, key_observations, countermeasures] {
                prop_assert!(part.len() <= MAX_ENTRIES);
                prop_assert!(part.iter().all(|line| line.chars().count() <= MAX_ENTRY_CHARS && !line.contains('\n')));
            }
        }
    }

    #[test]
    fn a_megabyte_is_cut() {
        let long = json!({"keyObservations": vec!["x".repeat(10_000); 100]}).to_string();
        let summary = Summary::read(&long);
        assert_eq!(summary.key_observations.len(), MAX_ENTRIES);
        assert!(summary.key_observations.iter().all(|line| line.chars().count() == MAX_ENTRY_CHARS));
    }
}
