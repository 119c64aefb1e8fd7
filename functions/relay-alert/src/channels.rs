//! The channels' destinations, as the secret configures them, and the request for each.
//!
//! ```json
//! {
//!   "slack": {"webhook_url": "https://hooks.slack.com/services/…"},
//!   "pagerduty": {"routing_key": "32 letters and digits", "url": "https://events.eu.pagerduty.com/v2/enqueue"},
//!   "webhook": {"url": "https://soar.example.com/gumshoe", "key": "at least 32 characters"}
//! }
//! ```
//!
//! A channel without a section is off.

use crate::egress::EgressPolicy;
use crate::secret::{self, SecretError, Section};
use crate::signature;
use gumshoe_alerts::Notification;
use gumshoe_alerts::channels::{Channel, pagerduty, slack};
use jiff::Timestamp;
use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

/// PagerDuty's endpoint, unless the secret names another.
const PAGERDUTY_DEFAULT_URL: &str = "https://events.pagerduty.com/v2/enqueue";
/// Shortest key of the webhook's signature.
const WEBHOOK_KEY_MIN_CHARS: usize = 32;

/// The channels that are on, each with its destination or the error in its section. An error affects no other channel.
pub(crate) type ConfiguredChannels = Vec<(Channel, Result<Destination, SecretError>)>;

/// The endpoint of a channel, and its credentials.
#[derive(Clone)]
pub(crate) enum Destination {
    Slack { url: Url },
    PagerDuty { url: Url, routing_key: String },
    Webhook { url: Url, key: String },
}

/// A notification that is relayed.
pub(crate) struct Delivery<'a> {
    pub(crate) notification: &'a Notification,
    /// The notification as received from the topic.
    pub(crate) body: &'a str,
    /// The notification's key among all, and its revision.
    pub(crate) key: &'a str,
    pub(crate) revision: u32,
    pub(crate) now: Timestamp,
}

/// The channels that the secret configures.
///
/// # Errors
///
/// The secret is not a JSON object, or has an unknown channel.
pub(crate) fn from_secret(text: &str, egress: &EgressPolicy) -> Result<ConfiguredChannels, SecretError> {
    let names: Vec<&str> = Channel::ALL.iter().map(|channel| channel.code()).collect();
    let sections = secret::sections(text, &names)?;
    let target = |&channel: &Channel| {
        let section = sections.get(channel.code()).filter(|section| !section.is_null())?;
        Some((channel, Destination::read(channel, section, egress)))
    };
    Ok(Channel::ALL.iter().filter_map(target).collect())
}

impl Destination {
    fn read(channel: Channel, section: &Value, egress: &EgressPolicy) -> Result<Self, SecretError> {
        let section = |known: &[&str]| Section::read(channel.code(), section, known, egress);
        match channel {
            Channel::Slack => Ok(Self::Slack { url: section(&["webhook_url"])?.url("webhook_url", None)? }),
            Channel::PagerDuty => {
                let section = section(&["routing_key", "url"])?;
                let is_key = |key: &str| key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
                let url = section.url("url", Some(PAGERDUTY_DEFAULT_URL))?;
                let routing_key =
                    section.text_member("routing_key", "an integration key of 32 letters and digits", is_key)?;
                Ok(Self::PagerDuty { url, routing_key })
            }
            Channel::Webhook => {
                let section = section(&["url", "key"])?;
                let is_long_enough = |key: &str| key.chars().count() >= WEBHOOK_KEY_MIN_CHARS;
                let url = section.url("url", None)?;
                Ok(Self::Webhook {
                    url,
                    key: section.text_member("key", "text of at least 32 characters", is_long_enough)?,
                })
            }
        }
    }

    pub(crate) fn url(&self) -> &Url {
        match self {
            Self::Slack { url } | Self::PagerDuty { url, .. } | Self::Webhook { url, .. } => url,
        }
    }

    /// The headers and the body of the request.
    pub(crate) fn request(&self, delivery: &Delivery<'_>) -> (HeaderMap, String) {
        let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        let body = match self {
            Self::Slack { .. } => slack::message(delivery.notification).to_string(),
            Self::PagerDuty { routing_key, .. } => pagerduty::event(delivery.notification, routing_key).to_string(),
            Self::Webhook { key, .. } => {
                let delivery_id = signature::delivery_id(delivery.key, delivery.revision);
                let signature = signature::signature(key, &delivery_id, delivery.body, delivery.now);
                for (name, value) in
                    [(signature::SIGNATURE_HEADER, signature), (signature::DELIVERY_HEADER, delivery_id)]
                {
                    if let Ok(value) = HeaderValue::from_str(&value) {
                        headers.insert(HeaderName::from_static(name), value);
                    }
                }
                delivery.body.to_owned()
            }
        };
        (headers, body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ConfiguredChannels, SecretError> {
        from_secret(text, &EgressPolicy::new(false))
    }

    fn first_error(read: Result<ConfiguredChannels, SecretError>) -> Option<SecretError> {
        match read {
            Err(error) => Some(error),
            Ok(channels) => channels.into_iter().find_map(|(_, target)| target.err()),
        }
    }

    #[test]
    fn channel_without_a_section_is_off() {
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
        assert!(urls.contains(&PAGERDUTY_DEFAULT_URL), "{urls:?}");
    }

    #[test]
    fn errors_name_the_path_and_never_the_value() {
        for (text, path) in [
            ("{", "$ must be JSON"),
            ("[]", "$ must be an object"),
            (r#"{"slak": {}}"#, "$: unknown member"),
            (r#"{"slack": "https://hooks.slack.com/services/hidden"}"#, "$.slack"),
            (r#"{"slack": {}}"#, "$.slack.webhook_url"),
            (r#"{"slack": {"url": "https://hooks.slack.com/services/hidden"}}"#, "$.slack: unknown member"),
            (r#"{"slack": {"webhook_url": "http://hooks.slack.com/services/hidden"}}"#, "$.slack.webhook_url"),
            (r#"{"slack": {"webhook_url": "https://user:hidden@hooks.slack.com/"}}"#, "$.slack.webhook_url"),
            (r#"{"slack": {"webhook_url": "https://169.254.169.254/hidden"}}"#, "$.slack.webhook_url"),
            (r#"{"slack": {"webhook_url": "https://[::ffff:10.0.0.1]/hidden"}}"#, "$.slack.webhook_url"),
            (r#"{"slack": {"webhook_url": "https://2852039166/hidden"}}"#, "$.slack.webhook_url"),
            (r#"{"slack": {"webhook_url": "https://0x7f.1/hidden"}}"#, "$.slack.webhook_url"),
            (r#"{"slack": {"webhook_url": "http://127.0.0.1/hidden"}}"#, "$.slack.webhook_url"),
            (r#"{"pagerduty": {"routing_key": "hidden"}}"#, "$.pagerduty.routing_key"),
            (r#"{"webhook": {"url": "https://soar.example.com", "key": "hidden"}}"#, "$.webhook.key"),
        ] {
            let error = first_error(read(text)).unwrap_or_else(|| panic!("{text} was accepted")).to_string();
            assert!(error.contains(path) && !error.contains("hidden"), "{text}: {error}");
        }
    }

    #[test]
    fn local_cloud_allows_loopback_destinations() {
        let local_cloud = EgressPolicy::new(true);
        let slack = |text: &str| from_secret(text, &local_cloud).unwrap().remove(0).1;
        assert!(slack(r#"{"slack": {"webhook_url": "http://127.0.0.1:1/s"}}"#).is_ok());
        assert!(slack(r#"{"slack": {"webhook_url": "http://10.0.0.1:1/s"}}"#).is_err());
    }
}
