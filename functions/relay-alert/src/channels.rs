//! Where notifications are relayed to, as the secret says, and what each channel is sent.
//!
//! ```json
//! {
//!   "slack": {"webhook_url": "https://hooks.slack.com/services/…"},
//!   "pagerduty": {"routing_key": "32 letters and digits", "url": "https://events.eu.pagerduty.com/v2/enqueue"},
//!   "webhook": {"url": "https://soar.example.com/gumshoe", "key": "at least 32 characters"}
//! }
//! ```
//!
//! A part that is missing is off.

use crate::address::Allowed;
use crate::secret::{self, Part, SecretError};
use crate::signature;
use gumshoe_alerts::Notification;
use gumshoe_alerts::channels::{Channel, pagerduty, slack};
use jiff::Timestamp;
use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

/// PagerDuty's address, unless the secret names another.
const PAGERDUTY: &str = "https://events.pagerduty.com/v2/enqueue";
/// The shortest key of a signature, in characters.
const SHORTEST_KEY: usize = 32;

/// The channels that are on. What is wrong with one stands in its place, and holds back no other.
pub(crate) type Channels = Vec<(Channel, Result<Target, SecretError>)>;

/// Where a channel's messages go, and what they are authenticated by.
#[derive(Clone)]
pub(crate) enum Target {
    Slack { url: Url },
    PagerDuty { url: Url, routing_key: String },
    Webhook { url: Url, key: String },
}

/// What is relayed.
pub(crate) struct Outgoing<'a> {
    pub(crate) notification: &'a Notification,
    /// The notification as it came from the topic.
    pub(crate) text: &'a str,
    /// The delivery's key and revision.
    pub(crate) key: &'a str,
    pub(crate) revision: u32,
    pub(crate) now: Timestamp,
}

/// What the secret says.
///
/// # Errors
///
/// The secret is no JSON object, or names a channel that there is not.
pub(crate) fn from_secret(text: &str, allowed: &Allowed) -> Result<Channels, SecretError> {
    let names: Vec<&str> = Channel::ALL.iter().map(|channel| channel.code()).collect();
    let parts = secret::parts(text, &names)?;
    let target = |&channel: &Channel| {
        let part = parts.get(channel.code()).filter(|part| !part.is_null())?;
        Some((channel, Target::read(channel, part, allowed)))
    };
    Ok(Channel::ALL.iter().filter_map(target).collect())
}

impl Target {
    fn read(channel: Channel, part: &Value, allowed: &Allowed) -> Result<Self, SecretError> {
        let part = |known: &[&str]| Part::read(channel.code(), part, known, allowed);
        match channel {
            Channel::Slack => Ok(Self::Slack { url: part(&["webhook_url"])?.url("webhook_url", None)? }),
            Channel::PagerDuty => {
                let part = part(&["routing_key", "url"])?;
                let is_key = |key: &str| key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
                let url = part.url("url", Some(PAGERDUTY))?;
                let routing_key = part.text("routing_key", "an integration key of 32 letters and digits", is_key)?;
                Ok(Self::PagerDuty { url, routing_key })
            }
            Channel::Webhook => {
                let part = part(&["url", "key"])?;
                let is_long_enough = |key: &str| key.chars().count() >= SHORTEST_KEY;
                let url = part.url("url", None)?;
                Ok(Self::Webhook { url, key: part.text("key", "text of at least 32 characters", is_long_enough)? })
            }
        }
    }

    pub(crate) fn url(&self) -> &Url {
        match self {
            Self::Slack { url } | Self::PagerDuty { url, .. } | Self::Webhook { url, .. } => url,
        }
    }

    /// The headers and the body of the request.
    pub(crate) fn request(&self, outgoing: &Outgoing<'_>) -> (HeaderMap, String) {
        let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        let body = match self {
            Self::Slack { .. } => slack::message(outgoing.notification).to_string(),
            Self::PagerDuty { routing_key, .. } => pagerduty::event(outgoing.notification, routing_key).to_string(),
            Self::Webhook { key, .. } => {
                let delivery = signature::delivery(outgoing.key, outgoing.revision);
                let signature = signature::signature(key, &delivery, outgoing.text, outgoing.now);
                for (name, value) in [(signature::HEADER, signature), (signature::DELIVERY, delivery)] {
                    if let Ok(value) = HeaderValue::from_str(&value) {
                        headers.insert(HeaderName::from_static(name), value);
                    }
                }
                outgoing.text.to_owned()
            }
        };
        (headers, body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Channels, SecretError> {
        from_secret(text, &Allowed::new(false))
    }

    fn first_error(read: Result<Channels, SecretError>) -> Option<SecretError> {
        match read {
            Err(error) => Some(error),
            Ok(channels) => channels.into_iter().find_map(|(_, target)| target.err()),
        }
    }

    #[test]
    fn a_missing_part_is_off() {
        assert!(read("{}").unwrap().is_empty());
        let all = read(
            r#"{"slack": {"webhook_url": "https://hooks.slack.com/services/T/B/x"},
                "pagerduty": {"routing_key": "0123456789abcdef0123456789abcdef"},
                "webhook": {"url": "https://soar.example.com/g", "key": "0123456789abcdef0123456789abcdef"}}"#,
        )
        .unwrap();
        assert!(all.iter().map(|(channel, _)| channel).eq(Channel::ALL));
        assert!(all.iter().all(|(_, target)| target.is_ok()));
        let urls: Vec<&str> = all.iter().map(|(_, target)| target.as_ref().unwrap().url().as_str()).collect();
        assert!(urls.contains(&PAGERDUTY), "{urls:?}");
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
        let slack = |text: &str| from_secret(text, &rehearsal).unwrap().remove(0).1;
        assert!(slack(r#"{"slack": {"webhook_url": "http://127.0.0.1:1/s"}}"#).is_ok());
        assert!(slack(r#"{"slack": {"webhook_url": "http://10.0.0.1:1/s"}}"#).is_err());
    }
}
