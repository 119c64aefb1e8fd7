//! Parsing of the relay's secret. Errors name the path of a member, never its value.

use crate::egress::EgressPolicy;
use reqwest::Url;
use serde_json::{Map, Value};
use std::net::IpAddr;
use thiserror::Error;

/// An error in the secret.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
#[error("relay secret is invalid: {path}{expected} (docs/CHANNELS.md)")]
pub(crate) struct SecretError {
    /// The JSON path, such as `$.slack.webhook_url`.
    path: String,
    expected: String,
}

fn invalid(path: impl Into<String>, expected: &str) -> SecretError {
    SecretError { path: path.into(), expected: format!(" must be {expected}") }
}

/// The sections of the secret by their names. An unknown name is an error.
pub(crate) fn sections(text: &str, known: &[&str]) -> Result<Map<String, Value>, SecretError> {
    let secret: Value = serde_json::from_str(text).map_err(|_| invalid("$", "JSON"))?;
    members(&secret, "$", known).cloned()
}

/// The section of one channel.
pub(crate) struct Section<'a> {
    name: &'static str,
    members: &'a Map<String, Value>,
    egress: &'a EgressPolicy,
}

impl<'a> Section<'a> {
    pub(crate) fn read(
        name: &'static str,
        value: &'a Value,
        known: &[&str],
        egress: &'a EgressPolicy,
    ) -> Result<Self, SecretError> {
        Ok(Self { name, members: members(value, &format!("$.{name}"), known)?, egress })
    }

    /// A member that is text and as expected.
    pub(crate) fn text_member(
        &self,
        member: &str,
        expected: &'static str,
        is_valid: impl Fn(&str) -> bool,
    ) -> Result<String, SecretError> {
        let text = self.raw_text(member).filter(|text| is_valid(text));
        Ok(text.ok_or_else(|| invalid(format!("$.{}.{member}", self.name), expected))?.to_owned())
    }

    /// An https URL without credentials, whose host is not a non-public address.
    pub(crate) fn url(&self, member: &str, default: Option<&str>) -> Result<Url, SecretError> {
        let invalid = |expected: &str| invalid(format!("$.{}.{member}", self.name), expected);
        let text = self.raw_text(member).or(default);
        let url = text.and_then(|text| Url::parse(text).ok()).ok_or_else(|| invalid("an https URL"))?;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let address: Option<IpAddr> = host.parse().ok();
        let is_local = self.egress.allows_loopback() && address.is_some_and(|address| address.is_loopback());
        if url.scheme() != "https" && !is_local {
            return Err(invalid("an https URL"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid("a URL without user and password"));
        }
        if host.is_empty() || address.is_some_and(|address| !self.egress.allows(address)) {
            return Err(invalid("a URL with a public address"));
        }
        Ok(url)
    }

    fn raw_text(&self, member: &str) -> Option<&'a str> {
        self.members.get(member).and_then(Value::as_str).map(str::trim)
    }
}

fn members<'a>(value: &'a Value, path: &str, known: &[&str]) -> Result<&'a Map<String, Value>, SecretError> {
    let members = value.as_object().ok_or_else(|| invalid(path, "an object"))?;
    // A misspelt section would be a channel that is silently off.
    if members.keys().any(|name| !known.contains(&name.as_str())) {
        return Err(SecretError {
            path: path.to_owned(),
            expected: format!(": unknown member; known are {}", known.join(", ")),
        });
    }
    Ok(members)
}
