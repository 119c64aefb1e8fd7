//! Access to the members of a finding in camelCase or PascalCase.

use super::timestamp;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// A position in a JSON document. Pass names in camelCase; the PascalCase spelling of the API matches as well.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JsonNode<'a>(Option<&'a Value>);

impl<'a> JsonNode<'a> {
    pub(crate) fn new(value: &'a Value) -> Self {
        Self(Some(value))
    }

    /// A node without a value.
    pub(crate) fn missing() -> Self {
        Self(None)
    }

    /// The member of that name; a missing node if this is not an object, or the member is missing or null. One document can
    /// contain both spellings.
    pub(crate) fn get(self, name: &str) -> Self {
        let Some(Value::Object(members)) = self.0 else { return Self(None) };
        let there = |value: &&Value| !value.is_null();
        Self(members.get(name).filter(there).or_else(|| in_pascal_case(members, name).filter(there)))
    }

    /// The member at the end of a path of names joined by dots.
    pub(crate) fn at(self, path: &str) -> Self {
        path.split('.').fold(self, Self::get)
    }

    /// The items of a list; none if this is not a list.
    pub(crate) fn items(self) -> impl Iterator<Item = Self> {
        self.0.and_then(Value::as_array).into_iter().flatten().map(|item| Self(Some(item)))
    }

    /// The members of an object, with their names as written; none if this is not an object.
    pub(crate) fn members(self) -> impl Iterator<Item = (&'a str, Self)> {
        let members = self.0.and_then(Value::as_object).into_iter().flatten();
        members.map(|(name, value)| (name.as_str(), Self(Some(value))))
    }

    /// Whether it contains any value other than null and empty text. Exports write missing objects as objects of nulls.
    pub(crate) fn has_value(self) -> bool {
        fn has_value(value: &Value) -> bool {
            match value {
                Value::Null => false,
                Value::Object(members) => members.values().any(has_value),
                Value::Array(items) => items.iter().any(has_value),
                Value::String(text) => !text.trim().is_empty(),
                Value::Bool(_) | Value::Number(_) => true,
            }
        }
        self.0.is_some_and(has_value)
    }

    pub(crate) fn exists(self) -> bool {
        self.0.is_some()
    }

    /// The trimmed text; `None` if empty.
    pub(crate) fn text(self) -> Option<&'a str> {
        self.0.and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
    }

    /// As [`JsonNode::text`], or a number as text.
    pub(crate) fn text_or_number(self) -> Option<String> {
        match self.0? {
            Value::Number(number) => Some(number.to_string()),
            _ => self.text().map(str::to_owned),
        }
    }

    /// A number, or text that contains one.
    pub(crate) fn number(self) -> Option<f64> {
        let value = self.0?;
        value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
    }

    /// A non-negative integer, or text that contains one.
    pub(crate) fn whole_number(self) -> Option<u64> {
        let value = self.0?;
        value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
    }

    /// A boolean, or the text `true` or `false`.
    pub(crate) fn boolean(self) -> Option<bool> {
        let value = self.0?;
        value.as_bool().or_else(|| value.as_str()?.trim().parse().ok())
    }

    /// A time in any of the three forms that published findings use.
    pub(crate) fn timestamp(self) -> Option<Timestamp> {
        self.0.and_then(timestamp::read)
    }

    pub(crate) fn is_object(self) -> bool {
        self.0.is_some_and(Value::is_object)
    }
}

/// The member in PascalCase spelling. Called many times for each document, so it does not allocate.
fn in_pascal_case<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let mut spelling = [0_u8; 64];
    let spelling = spelling.get_mut(..name.len())?;
    spelling.copy_from_slice(name.as_bytes());
    spelling.first_mut()?.make_ascii_uppercase();
    members.get(std::str::from_utf8(spelling).ok()?)
}
