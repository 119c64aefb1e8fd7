//! Looking things up in a finding, whichever way its names are spelt.

use super::timestamp;
use jiff::Timestamp;
use serde_json::Value;

/// A place in a finding. Names are given in camelCase; the PascalCase of the API is found as well.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'a>(Option<&'a Value>);

impl<'a> Node<'a> {
    pub(super) fn new(value: &'a Value) -> Self {
        Self(Some(value))
    }

    /// The member of that name; nothing when this is not an object, or the member is missing or null.
    pub(super) fn get(self, name: &str) -> Self {
        let found = self.0.and_then(|value| match value.get(name) {
            Some(found) => Some(found),
            None => value.get(pascal_case(name)),
        });
        Self(found.filter(|value| !value.is_null()))
    }

    /// The member at the end of a path of names joined by dots.
    pub(super) fn at(self, path: &str) -> Self {
        path.split('.').fold(self, Self::get)
    }

    pub(super) fn exists(self) -> bool {
        self.0.is_some()
    }

    /// Text that is not empty.
    pub(super) fn text(self) -> Option<&'a str> {
        self.0.and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
    }

    /// A number, also where it was sent as text.
    pub(super) fn number(self) -> Option<f64> {
        let value = self.0?;
        value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
    }

    /// A whole number that is not negative.
    pub(super) fn whole_number(self) -> Option<u64> {
        let value = self.0?;
        value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
    }

    /// True or false, also where it was sent as text.
    pub(super) fn flag(self) -> Option<bool> {
        let value = self.0?;
        value.as_bool().or_else(|| value.as_str()?.trim().parse().ok())
    }

    /// A point in time in any of the three forms that published findings use.
    pub(super) fn timestamp(self) -> Option<Timestamp> {
        self.0.and_then(timestamp::read)
    }

    pub(super) fn is_object(self) -> bool {
        self.0.is_some_and(Value::is_object)
    }
}

fn pascal_case(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
