//! The relay's secret, part by part. What is wrong is named by its place, never by its value.

use crate::address::Allowed;
use reqwest::Url;
use serde_json::{Map, Value};
use std::net::IpAddr;
use thiserror::Error;

/// What is wrong with the secret.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
#[error("the relay's secret: {place} is not {expected}")]
pub(crate) struct SecretError {
    place: String,
    expected: &'static str,
}

fn wrong(place: impl Into<String>, expected: &'static str) -> SecretError {
    SecretError { place: place.into(), expected }
}

/// The secret's parts by their names, of which all are known.
pub(crate) fn parts(text: &str, known: &[&str]) -> Result<Map<String, Value>, SecretError> {
    let secret: Value = serde_json::from_str(text).map_err(|_| wrong("the whole", "JSON"))?;
    members(&secret, "the whole", known).cloned()
}

/// What the secret says of one channel.
pub(crate) struct Part<'a> {
    name: &'static str,
    members: &'a Map<String, Value>,
    allowed: &'a Allowed,
}

impl<'a> Part<'a> {
    pub(crate) fn read(
        name: &'static str,
        value: &'a Value,
        known: &[&str],
        allowed: &'a Allowed,
    ) -> Result<Self, SecretError> {
        Ok(Self { name, members: members(value, name, known)?, allowed })
    }

    /// A member's text, if it is as expected.
    pub(crate) fn text(
        &self,
        member: &str,
        expected: &'static str,
        is_right: impl Fn(&str) -> bool,
    ) -> Result<String, SecretError> {
        let text = self.text_of(member).filter(|text| is_right(text));
        Ok(text.ok_or_else(|| wrong(format!("{}.{member}", self.name), expected))?.to_owned())
    }

    /// An https address without a user, whose host is no private address.
    pub(crate) fn url(&self, member: &str, default: Option<&str>) -> Result<Url, SecretError> {
        let wrong = |expected| wrong(format!("{}.{member}", self.name), expected);
        let text = self.text_of(member).or(default);
        let url = text.and_then(|text| Url::parse(text).ok()).ok_or_else(|| wrong("an https address"))?;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let address: Option<IpAddr> = host.parse().ok();
        let on_this_machine = self.allowed.loopback() && address.is_some_and(|address| address.is_loopback());
        if url.scheme() != "https" && !on_this_machine {
            return Err(wrong("an https address"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("an address without user and password"));
        }
        if host.is_empty() || address.is_some_and(|address| !self.allowed.allows(address)) {
            return Err(wrong("a public address"));
        }
        Ok(url)
    }

    fn text_of(&self, member: &str) -> Option<&'a str> {
        self.members.get(member).and_then(Value::as_str).map(str::trim)
    }
}

fn members<'a>(value: &'a Value, place: &str, known: &[&str]) -> Result<&'a Map<String, Value>, SecretError> {
    let members = value.as_object().ok_or_else(|| wrong(place, "an object"))?;
    // A misspelt part would be a channel that is silently off.
    if members.keys().any(|name| !known.contains(&name.as_str())) {
        return Err(wrong(format!("a name in {place}"), "one that is known; see docs/CHANNELS.md"));
    }
    Ok(members)
}
