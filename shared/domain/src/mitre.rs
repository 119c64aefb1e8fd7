//! MITRE ATT&CK's ids of the tactics and techniques that services name in words.

use crate::text::one_line;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The version of the table, as URLs of attack.mitre.org have it.
pub const ATTACK_VERSION: &str = "17";
/// An id and a name a line, and comments; `data/mitre-attack-LICENSE.txt` is its licence.
const ATTACK_TABLE: &str = include_str!("../data/mitre-attack.tsv");
/// How many characters of a name are kept. The longest name in the table has 66.
const MAX_NAME_CHARS: usize = 80;

/// A tactic and a technique that were observed, in the words of the service that observed them, on one line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Technique {
    /// Such as `Persistence`.
    pub tactic: String,
    /// Such as `Account Manipulation`.
    pub technique: String,
    /// MITRE ATT&CK's id of the tactic, such as `TA0003`; nothing where the name is none of ATT&CK's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tactic_id: Option<String>,
    /// MITRE ATT&CK's id of the technique, such as `T1098`, or of the sub-technique, such as `T1098.001`; nothing where the name is
    /// none of ATT&CK's, or several have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technique_id: Option<String>,
}

impl Technique {
    /// One that was observed, by the names that a service gave.
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

/// The ids by names in lower case, of tactics and of techniques; nothing for a name that several have.
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

/// The id of the tactic with that name, in any case; nothing where there is none.
#[must_use]
pub fn tactic_id(name: &str) -> Option<&'static str> {
    IDS[0].get(&name.trim().to_ascii_lowercase()).copied().flatten()
}

/// The id of the technique or sub-technique with that name, in any case; nothing where there is none, or several are named so.
#[must_use]
pub fn technique_id(name: &str) -> Option<&'static str> {
    IDS[1].get(&name.trim().to_ascii_lowercase()).copied().flatten()
}

/// The name of what has that id.
#[must_use]
pub fn name_by_id(id: &str) -> Option<&'static str> {
    rows().find(|(known, _)| *known == id).map(|(_, name)| name)
}

/// A name with its id behind it, such as `Persistence (TA0003)`; the name alone where it has no id.
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
    fn names_lead_to_ids_whatever_their_case() {
        assert_eq!(tactic_id("Persistence"), Some("TA0003"));
        assert_eq!(tactic_id(" command and control "), Some("TA0011"));
        assert_eq!(technique_id("Account Manipulation"), Some("T1098"));
        assert_eq!(technique_id("ADDITIONAL CLOUD CREDENTIALS"), Some("T1098.001"));
        assert_eq!(name_by_id("T1098"), Some("Account Manipulation"));
        // A tactic is no technique, and what several sub-techniques are named says too little.
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
        // As records hold it from before there were ids.
        let before: Technique =
            serde_json::from_str(r#"{"tactic":"Persistence","technique":"Account Manipulation"}"#).unwrap();
        assert_eq!(before.technique_id, None);
    }

    #[test]
    fn the_table_is_whole() {
        let ids: Vec<&str> = rows().map(|(id, _)| id).collect();
        assert!(ids.len() > 600 && ids.is_sorted(), "{} ids", ids.len());
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id is there twice");
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
