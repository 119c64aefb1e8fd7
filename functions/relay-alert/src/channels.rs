//! Where alerts are relayed to: what the secret says.
//!
//! ```json
//! {
//!   "slack": {"webhook_url": "https://hooks.slack.com/services/…"},
//!   "pagerduty": {"routing_key": "32 letters and digits", "url": "https://events.eu.pagerduty.com/v2/enqueue"},
//!   "webhook": {"url": "https://soar.example.com/gumshoe", "key": "at least 32 characters"}
//! }
//! ```
//!
//! A part that is missing is off. What is wrong is named by its place, never by its value: it is a secret.

use crate::address::Allowed;
use reqwest::Url;
use serde_json::{Map, Value};
use std::net::IpAddr;
use thiserror::Error;

/// PagerDuty's address, unless the secret names another.
const PAGERDUTY: &str = "https://events.pagerduty.com/v2/enqueue";
/// The shortest key of a signature, in characters.
const SHORTEST_KEY: usize = 32;

/// The channels that are on. What is wrong with one stands in its place, and holds back no other.
#[derive(Clone, Default)]
pub(crate) struct Channels {
    pub(crate) slack: Option<Result<Url, SecretError>>,
    pub(crate) pagerduty: Option<Result<PagerDuty, SecretError>>,
    pub(crate) webhook: Option<Result<Webhook, SecretError>>,
}

#[derive(Clone)]
pub(crate) struct PagerDuty {
    pub(crate) url: Url,
    pub(crate) routing_key: String,
}

#[derive(Clone)]
pub(crate) struct Webhook {
    pub(crate) url: Url,
    pub(crate) key: String,
}

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

impl Channels {
    pub(crate) fn from_secret(text: &str, allowed: &Allowed) -> Result<Self, SecretError> {
        let secret: Value = serde_json::from_str(text).map_err(|_| wrong("the whole", "JSON"))?;
        let secret = members(&secret, "the whole", &["slack", "pagerduty", "webhook"])?;
        let part = |name: &str| secret.get(name).filter(|it| !it.is_null());
        Ok(Self {
            slack: part("slack").map(|it| slack(it, allowed)),
            pagerduty: part("pagerduty").map(|it| pagerduty(it, allowed)),
            webhook: part("webhook").map(|it| webhook(it, allowed)),
        })
    }
}

fn slack(part: &Value, allowed: &Allowed) -> Result<Url, SecretError> {
    url(members(part, "slack", &["webhook_url"])?, "slack", "webhook_url", None, allowed)
}

fn pagerduty(part: &Value, allowed: &Allowed) -> Result<PagerDuty, SecretError> {
    let part = members(part, "pagerduty", &["routing_key", "url"])?;
    let url = url(part, "pagerduty", "url", Some(PAGERDUTY), allowed)?;
    let is_key = |key: &&str| key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let routing_key = text_of(part, "routing_key").filter(is_key);
    let expected = "an integration key of 32 letters and digits";
    let routing_key = routing_key.ok_or_else(|| wrong("pagerduty.routing_key", expected))?.to_owned();
    Ok(PagerDuty { url, routing_key })
}

fn webhook(part: &Value, allowed: &Allowed) -> Result<Webhook, SecretError> {
    let part = members(part, "webhook", &["url", "key"])?;
    let url = url(part, "webhook", "url", None, allowed)?;
    let key = text_of(part, "key").filter(|key| key.chars().count() >= SHORTEST_KEY);
    let key = key.ok_or_else(|| wrong("webhook.key", "text of at least 32 characters"))?.to_owned();
    Ok(Webhook { url, key })
}

fn members<'a>(value: &'a Value, place: &str, known: &[&str]) -> Result<&'a Map<String, Value>, SecretError> {
    let members = value.as_object().ok_or_else(|| wrong(place, "an object"))?;
    // A misspelt part would be a channel that is silently off.
    if members.keys().any(|name| !known.contains(&name.as_str())) {
        return Err(wrong(format!("a name in {place}"), "one that is known; see docs/CHANNELS.md"));
    }
    Ok(members)
}

fn text_of<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name).and_then(Value::as_str).map(str::trim)
}

/// An https address without a user, whose host is no private address.
fn url(
    members: &Map<String, Value>,
    part: &str,
    name: &str,
    default: Option<&str>,
    allowed: &Allowed,
) -> Result<Url, SecretError> {
    let place = || format!("{part}.{name}");
    let text = text_of(members, name).or(default);
    let url = text.and_then(|text| Url::parse(text).ok()).ok_or_else(|| wrong(place(), "an https address"))?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let address: Option<IpAddr> = host.parse().ok();
    let on_this_machine = allowed.loopback() && address.is_some_and(|address| address.is_loopback());
    if url.scheme() != "https" && !on_this_machine {
        return Err(wrong(place(), "an https address"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(place(), "an address without user and password"));
    }
    if host.is_empty() || address.is_some_and(|address| !allowed.allows(address)) {
        return Err(wrong(place(), "a public address"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Channels, SecretError> {
        Channels::from_secret(text, &Allowed::new(false))
    }

    fn first_error(read: Result<Channels, SecretError>) -> Option<SecretError> {
        match read {
            Err(error) => Some(error),
            Ok(channels) => {
                let slack = channels.slack.and_then(Result::err);
                let pagerduty = channels.pagerduty.and_then(Result::err);
                slack.or(pagerduty).or(channels.webhook.and_then(Result::err))
            }
        }
    }

    #[test]
    fn a_missing_part_is_off() {
        let nothing = read("{}").unwrap();
        assert!(nothing.slack.is_none() && nothing.pagerduty.is_none() && nothing.webhook.is_none());
        let all = read(
            r#"{"slack": {"webhook_url": "https://hooks.slack.com/services/T/B/x"},
                "pagerduty": {"routing_key": "0123456789abcdef0123456789abcdef"},
                "webhook": {"url": "https://soar.example.com/g", "key": "0123456789abcdef0123456789abcdef"}}"#,
        )
        .unwrap();
        assert_eq!(all.pagerduty.unwrap().unwrap().url.as_str(), PAGERDUTY);
        assert!(all.slack.unwrap().is_ok() && all.webhook.unwrap().is_ok());
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place_and_never_by_its_value() {
        for (text, place) in [
            ("{", "the whole"),
            ("[]", "the whole"),
            (r#"{"slak": {}}"#, "a name in the whole"),
            (r#"{"slack": "https://hooks.slack.com/services/hidden"}"#, "slack"),
            (r#"{"slack": {}}"#, "slack.webhook_url"),
            (r#"{"slack": {"url": "https://hooks.slack.com/services/hidden"}}"#, "a name in slack"),
            (r#"{"slack": {"webhook_url": "http://hooks.slack.com/services/hidden"}}"#, "slack.webhook_url"),
            (r#"{"slack": {"webhook_url": "https://user:hidden@hooks.slack.com/"}}"#, "slack.webhook_url"),
            (r#"{"slack": {"webhook_url": "https://169.254.169.254/hidden"}}"#, "slack.webhook_url"),
            (r#"{"slack": {"webhook_url": "https://[::ffff:10.0.0.1]/hidden"}}"#, "slack.webhook_url"),
            (r#"{"slack": {"webhook_url": "https://2852039166/hidden"}}"#, "slack.webhook_url"),
            (r#"{"slack": {"webhook_url": "https://0x7f.1/hidden"}}"#, "slack.webhook_url"),
            (r#"{"slack": {"webhook_url": "http://127.0.0.1/hidden"}}"#, "slack.webhook_url"),
            (r#"{"pagerduty": {"routing_key": "hidden"}}"#, "pagerduty.routing_key"),
            (r#"{"webhook": {"url": "https://soar.example.com", "key": "hidden"}}"#, "webhook.key"),
        ] {
            let error = first_error(read(text)).unwrap_or_else(|| panic!("{text} was taken")).to_string();
            assert!(error.contains(place) && !error.contains("hidden"), "{text}: {error}");
        }
    }

    #[test]
    fn in_a_rehearsal_what_is_on_this_machine_may_stand_for_the_services() {
        let rehearsal = Allowed::new(true);
        let slack = |text: &str| Channels::from_secret(text, &rehearsal).unwrap().slack.unwrap();
        assert!(slack(r#"{"slack": {"webhook_url": "http://127.0.0.1:1/s"}}"#).is_ok());
        assert!(slack(r#"{"slack": {"webhook_url": "http://10.0.0.1:1/s"}}"#).is_err());
    }
}
