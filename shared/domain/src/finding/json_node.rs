//! Looking things up in a finding, whichever way its names are spelt.

use super::timestamp;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// A place in a finding. Names are given in camelCase; the PascalCase of the API is found as well.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JsonNode<'a>(Option<&'a Value>);

impl<'a> JsonNode<'a> {
    pub(crate) fn new(value: &'a Value) -> Self {
        Self(Some(value))
    }

    /// A place that is not there.
    pub(crate) fn missing() -> Self {
        Self(None)
    }

    /// The member of that name; nothing when this is not an object, or the member is missing or null. Both spellings
    /// may meet in one document.
    pub(crate) fn get(self, name: &str) -> Self {
        let Some(Value::Object(members)) = self.0 else { return Self(None) };
        let there = |value: &&Value| !value.is_null();
        Self(members.get(name).filter(there).or_else(|| in_pascal_case(members, name).filter(there)))
    }

    /// The member at the end of a path of names joined by dots.
    pub(crate) fn at(self, path: &str) -> Self {
        path.split('.').fold(self, Self::get)
    }

    /// The items of a list; none when this is not a list.
    pub(crate) fn items(self) -> impl Iterator<Item = Self> {
        self.0.and_then(Value::as_array).into_iter().flatten().map(|item| Self(Some(item)))
    }

    /// The members of an object, by their names as they are spelt; none when this is not an object.
    pub(crate) fn members(self) -> impl Iterator<Item = (&'a str, Self)> {
        let members = self.0.and_then(Value::as_object).into_iter().flatten();
        members.map(|(name, value)| (name.as_str(), Self(Some(value))))
    }

    /// Whether there is any value in it: an object of nulls, as exports write what is missing, says nothing.
    pub(crate) fn has_value(self) -> bool {
        fn says(value: &Value) -> bool {
            match value {
                Value::Null => false,
                Value::Object(members) => members.values().any(says),
                Value::Array(items) => items.iter().any(says),
                Value::String(text) => !text.trim().is_empty(),
                Value::Bool(_) | Value::Number(_) => true,
            }
        }
        self.0.is_some_and(says)
    }

    pub(crate) fn exists(self) -> bool {
        self.0.is_some()
    }

    /// Text that is not empty.
    pub(crate) fn text(self) -> Option<&'a str> {
        self.0.and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
    }

    /// Text that is not empty, also where it was sent as a number.
    pub(crate) fn text_or_number(self) -> Option<String> {
        match self.0? {
            Value::Number(number) => Some(number.to_string()),
            _ => self.text().map(str::to_owned),
        }
    }

    /// A number, also where it was sent as text.
    pub(crate) fn number(self) -> Option<f64> {
        let value = self.0?;
        value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
    }

    /// A whole number that is not negative.
    pub(crate) fn whole_number(self) -> Option<u64> {
        let value = self.0?;
        value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
    }

    /// True or false, also where it was sent as text.
    pub(crate) fn boolean(self) -> Option<bool> {
        let value = self.0?;
        value.as_bool().or_else(|| value.as_str()?.trim().parse().ok())
    }

    /// A point in time in any of the three forms that published findings use.
    pub(crate) fn timestamp(self) -> Option<Timestamp> {
        self.0.and_then(timestamp::read)
    }

    pub(crate) fn is_object(self) -> bool {
        self.0.is_some_and(Value::is_object)
    }
}

/// The member whose name begins with a capital. Looked up many times a document, so without an allocation.
fn in_pascal_case<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let mut spelling = [0_u8; 64];
    let spelling = spelling.get_mut(..name.len())?;
    spelling.copy_from_slice(name.as_bytes());
    spelling.first_mut()?.make_ascii_uppercase();
    members.get(std::str::from_utf8(spelling).ok()?)
}
