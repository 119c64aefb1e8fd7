//! A cursor into a JSON document, to check it against rules.

use serde_json::Value;
use std::ops::RangeInclusive;

/// A position in a document, and its value if there is one.
#[derive(Debug, Clone)]
pub(crate) struct JsonCursor<'a> {
    value: Option<&'a Value>,
    /// Its path, as a JSON pointer.
    at: String,
}

impl<'a> JsonCursor<'a> {
    pub(crate) fn root(document: &'a Value) -> Self {
        Self { value: Some(document), at: String::new() }
    }

    /// A member of an object, which may be missing.
    pub(crate) fn member(&self, name: &str) -> Self {
        Self { value: self.value.and_then(|value| value.get(name)), at: format!("{}/{name}", self.at) }
    }

    /// A member of an object if the object has it; null counts as a value.
    pub(crate) fn optional(&self, name: &str) -> Option<Self> {
        Some(self.member(name)).filter(|member| member.value.is_some())
    }

    pub(crate) fn push_problem(&self, what: &str, problems: &mut Vec<String>) {
        let at = if self.at.is_empty() { "the body" } else { &self.at };
        problems.push(format!("{at}: {what}"));
    }

    /// A string of so many characters.
    pub(crate) fn string(&self, lengths: RangeInclusive<usize>, problems: &mut Vec<String>) -> Option<&'a str> {
        let Some(text) = self.value.and_then(Value::as_str) else {
            self.push_problem(if self.value.is_some() { "must be a string" } else { "is missing" }, problems);
            return None;
        };
        let length = text.chars().count();
        if !lengths.contains(&length) {
            self.push_problem(
                &format!("has {length} characters, not {} to {}", lengths.start(), lengths.end()),
                problems,
            );
            return None;
        }
        Some(text)
    }

    /// One of some strings.
    pub(crate) fn one_of(&self, names: &[&str], problems: &mut Vec<String>) -> Option<&'a str> {
        let name = self.string(0..=usize::MAX, problems)?;
        if !names.contains(&name) {
            self.push_problem(&format!("must be one of {}", names.join(", ")), problems);
            return None;
        }
        Some(name)
    }

    /// A URL with one of some schemes, of at most so many characters.
    pub(crate) fn url(&self, schemes: &[&str], most: usize, problems: &mut Vec<String>) {
        let Some(url) = self.string(1..=most, problems) else { return };
        let host = schemes.iter().find_map(|scheme| url.strip_prefix(scheme)?.strip_prefix("://")).unwrap_or_default();
        if host.is_empty() || url.contains(char::is_whitespace) {
            self.push_problem(&format!("must be a URL that begins with {}", schemes.join(" or ")), problems);
        }
    }

    /// The items of an array of so many.
    pub(crate) fn items(&self, counts: RangeInclusive<usize>, problems: &mut Vec<String>) -> Vec<Self> {
        let Some(items) = self.value.and_then(Value::as_array) else {
            self.push_problem(if self.value.is_some() { "must be an array" } else { "is missing" }, problems);
            return Vec::new();
        };
        if !counts.contains(&items.len()) {
            self.push_problem(
                &format!("has {} items, not {} to {}", items.len(), counts.start(), counts.end()),
                problems,
            );
        }
        let item = |(index, value)| Self { value: Some(value), at: format!("{}/{index}", self.at) };
        items.iter().enumerate().map(item).collect()
    }

    /// An object.
    pub(crate) fn object(&self, problems: &mut Vec<String>) {
        if !self.value.is_some_and(Value::is_object) {
            self.push_problem(if self.value.is_some() { "must be an object" } else { "is missing" }, problems);
        }
    }
}
