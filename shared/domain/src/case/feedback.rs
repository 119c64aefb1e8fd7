//! What people said of a case's alert.

use crate::text::one_line;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The characters of a note that are stored.
pub const NOTE_MAX_CHARS: usize = 500;

/// How many entries are stored with a case: the latest.
pub const MAX_ENTRIES: usize = 20;

/// How an operator rates a case. The serialized forms are stored and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rating {
    /// The case was worth an investigation by people.
    Useful,
    /// The findings or the verdict were wrong.
    FalsePositive,
    /// The findings were right, and the activity was expected, such as a penetration test.
    Expected,
}

impl Rating {
    /// The stored form.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Useful => "useful",
            Self::FalsePositive => "false-positive",
            Self::Expected => "expected",
        }
    }

    /// Whether GuardDuty receives `USEFUL`; otherwise `NOT_USEFUL` (GuardDuty API Reference, UpdateFindingsFeedback: there is no other
    /// value).
    #[must_use]
    pub fn is_useful(self) -> bool {
        self == Self::Useful
    }
}

/// One operator's feedback about a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feedback {
    /// The rating.
    pub rating: Rating,
    /// Why, on one line, at most [`NOTE_MAX_CHARS`] characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The ARN of the operator's user or session, as STS gave it.
    pub by: String,
    /// When it was given.
    pub at: Timestamp,
}

impl Feedback {
    /// Feedback with its note on one line, shortened.
    #[must_use]
    pub fn new(rating: Rating, note: Option<&str>, by: &str, at: Timestamp) -> Self {
        let note = note.map(|note| one_line(note, NOTE_MAX_CHARS)).filter(|note| !note.is_empty());
        Self { rating, note, by: by.to_owned(), at }
    }

    /// The entries of a case with this one as the last. The oldest are dropped beyond [`MAX_ENTRIES`].
    #[must_use]
    pub fn appended_to(self, mut entries: Vec<Self>) -> Vec<Self> {
        entries.push(self);
        let excess = entries.len().saturating_sub(MAX_ENTRIES);
        entries.drain(..excess);
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn stored_forms_never_change() {
        for (rating, stored) in
            [(Rating::Useful, "useful"), (Rating::FalsePositive, "false-positive"), (Rating::Expected, "expected")]
        {
            assert_eq!(serde_json::to_value(rating).unwrap(), stored);
            assert_eq!(rating.as_str(), stored);
        }
        let entry = Feedback::new(Rating::Expected, Some(" a\nb "), "arn", Timestamp::UNIX_EPOCH);
        let stored = json!({"rating": "expected", "note": "a b", "by": "arn", "at": "1970-01-01T00:00:00Z"});
        assert_eq!(serde_json::to_value(&entry).unwrap(), stored);
        let without = Feedback::new(Rating::Useful, Some(" \n"), "arn", Timestamp::UNIX_EPOCH);
        assert_eq!(without.note, None);
    }

    #[test]
    fn notes_and_entries_are_bounded_and_the_latest_are_kept() {
        let long = "x".repeat(2 * NOTE_MAX_CHARS);
        let mut entries = Vec::new();
        for second in 0..30 {
            let entry = Feedback::new(Rating::Useful, Some(&long), "arn", Timestamp::from_second(second).unwrap());
            assert!(entry.note.as_ref().unwrap().chars().count() <= NOTE_MAX_CHARS);
            entries = entry.appended_to(entries);
        }
        let times: Vec<i64> = entries.iter().map(|entry| entry.at.as_second()).collect();
        assert_eq!(times, (10..30).collect::<Vec<_>>());
    }
}
