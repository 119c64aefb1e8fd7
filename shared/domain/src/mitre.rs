//! MITRE ATT&CK ids for the names of tactics and techniques in Detective's indicators.

use crate::text::one_line;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The version of the table, as in the URLs of attack.mitre.org.
pub const ATTACK_VERSION: &str = "17";
/// One id and one name in each line, and comments. License: `data/mitre-attack-LICENSE.txt`.
const ATTACK_TABLE: &str = include_str!("../data/mitre-attack.tsv");
/// Names are shortened to this length. The longest name in the table has 66 characters.
const MAX_NAME_CHARS: usize = 80;

/// An observed tactic and technique, with the names that the service uses, on one line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Technique {
    /// Such as `Persistence`.
    pub tactic: String,
    /// Such as `Account Manipulation`.
    pub technique: String,
    /// MITRE ATT&CK's id of the tactic, such as `TA0003`; `None` if ATT&CK has no tactic of that name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tactic_id: Option<String>,
    /// MITRE ATT&CK's id of the technique, such as `T1098`, or of the sub-technique, such as `T1098.001`; `None` if ATT&CK has none
    /// of that name, or several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technique_id: Option<String>,
}

impl Technique {
    /// A technique with the ids for the names of the service.
    #[must_use]
    pub fn from_names(tactic: &str, technique: &str) -> Self {
        Self {
            tactic: one_line(tactic, MAX_NAME_CHARS),
            technique: one_line(technique, MAX_NAME_CHARS),
            tactic_id: tactic_id(tactic).map(str::to_owned),
            technique_id: technique_id(technique).map(str::to_owned),
        }
    }
}

/// The ids of tactics and of techniques by lower-case name; `None` for a name that is not unique.
static IDS: LazyLock<[HashMap<String, Option<&'static str>>; 2]> = LazyLock::new(|| {
    let of_kind = |is_tactic| {
        let mut ids = HashMap::new();
        for (id, name) in rows().filter(|(id, _)| id.starts_with("TA") == is_tactic) {
            ids.entry(name.to_ascii_lowercase()).and_modify(|only| *only = None).or_insert(Some(id));
        }
        ids
    };
    [of_kind(true), of_kind(false)]
});

/// The id of the tactic with that name, case-insensitive.
#[must_use]
pub fn tactic_id(name: &str) -> Option<&'static str> {
    IDS[0].get(&name.trim().to_ascii_lowercase()).copied().flatten()
}

/// The id of the technique or sub-technique with that name, case-insensitive; `None` also if the name is not unique.
#[must_use]
pub fn technique_id(name: &str) -> Option<&'static str> {
    IDS[1].get(&name.trim().to_ascii_lowercase()).copied().flatten()
}

/// The name of the tactic or technique with that id.
#[must_use]
pub fn name_by_id(id: &str) -> Option<&'static str> {
    rows().find(|(known, _)| *known == id).map(|(_, name)| name)
}

/// A name followed by its id, such as `Persistence (TA0003)`; only the name if it has no id.
#[must_use]
pub fn append_id(name: &str, id: Option<&str>) -> String {
    id.map_or_else(|| name.to_owned(), |id| format!("{name} ({id})"))
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    ATTACK_TABLE.lines().filter_map(|line| line.split_once('\t'))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "these are tests")]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_found_by_name_in_any_case() {
        assert_eq!(tactic_id("Persistence"), Some("TA0003"));
        assert_eq!(tactic_id(" command and control "), Some("TA0011"));
        assert_eq!(technique_id("Account Manipulation"), Some("T1098"));
        assert_eq!(technique_id("ADDITIONAL CLOUD CREDENTIALS"), Some("T1098.001"));
        assert_eq!(name_by_id("T1098"), Some("Account Manipulation"));
        // A tactic is not a technique, and "Cloud Accounts" is the name of several sub-techniques.
        for name in ["Persistence", "Cloud Accounts", "", "(", "Technique 104"] {
            assert_eq!(technique_id(name), None, "{name:?}");
        }
        assert_eq!(tactic_id("Account Manipulation"), None);
    }

    #[test]
    fn a_technique_keeps_the_names_that_have_no_id() {
        let known = Technique::from_names("Persistence", "Account Manipulation");
        assert_eq!((known.tactic_id.as_deref(), known.technique_id.as_deref()), (Some("TA0003"), Some("T1098")));
        let unknown = Technique::from_names("Persistence\nand more", "Something new");
        assert_eq!((unknown.tactic.as_str(), unknown.tactic_id), ("Persistence and more", None));
        assert_eq!((unknown.technique.as_str(), unknown.technique_id), ("Something new", None));
        // Records of earlier releases contain no ids.
        let before: Technique =
            serde_json::from_str(r#"{"tactic":"Persistence","technique":"Account Manipulation"}"#).unwrap();
        assert_eq!(before.technique_id, None);
    }

    #[test]
    fn the_table_is_complete_and_sorted() {
        let ids: Vec<&str> = rows().map(|(id, _)| id).collect();
        assert!(ids.len() > 600 && ids.is_sorted(), "{} ids", ids.len());
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id occurs twice");
        assert_eq!(ids.iter().filter(|id| id.starts_with("TA")).count(), 14);
        assert!(ATTACK_TABLE.starts_with(&format!("# MITRE ATT&CK Enterprise {ATTACK_VERSION}.")));
        for (id, name) in rows() {
            assert!(!name.is_empty() && name.len() <= MAX_NAME_CHARS && name.trim() == name, "{id}");
            // Each sub-technique belongs to a technique.
            if let Some((parent, _)) = id.split_once('.') {
                assert!(name_by_id(parent).is_some(), "{id}");
            }
        }
    }
}
