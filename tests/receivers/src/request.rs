//! Requests as they arrive, and as tests see them.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri};
use serde_json::Value;
use std::collections::BTreeMap;

/// The service that a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Paths below `/services`.
    Slack,
    /// Paths below `/v2`.
    PagerDuty,
    /// All other paths.
    Webhook,
}

/// A received request, and how it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The service that it was for.
    pub channel: Channel,
    /// The path, with the query.
    pub path: String,
    /// The headers, with lower-case names; values of the same name are joined by a comma.
    pub headers: BTreeMap<String, String>,
    /// The body; bytes that are not UTF-8 are replaced.
    pub body: String,
    /// The status of the response; `None` if a fault prevented a response.
    pub status: Option<u16>,
    /// Why the service rejects the request; empty if it does not. Problems are recorded even if a fault decides the response.
    pub problems: Vec<String>,
}

impl Delivery {
    /// Whether the response had a 2xx status.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// A request whose body was read.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) channel: Channel,
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: BTreeMap<String, String>,
    /// `None` if it is too large, or if the client closed the connection before its end.
    pub(crate) body: Option<Bytes>,
}

impl Request {
    pub(crate) fn new(method: Method, uri: Uri, headers: &HeaderMap, body: Option<Bytes>) -> Self {
        let below =
            |root: &str| uri.path().strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let channel = match () {
            () if below("/services") => Channel::Slack,
            () if below("/v2") => Channel::PagerDuty,
            () => Channel::Webhook,
        };
        let mut joined = BTreeMap::<String, String>::new();
        for (name, value) in headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            let entry = joined.entry(name.as_str().to_owned());
            entry.and_modify(|values| *values = format!("{values}, {value}")).or_insert_with(|| value.into_owned());
        }
        Self { channel, method, uri, headers: joined, body }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(self.body.as_deref().unwrap_or_default()).into_owned()
    }

    /// Whether the header Content-Type is application/json.
    pub(crate) fn has_json_content_type(&self) -> bool {
        let kind = self.headers.get("content-type").and_then(|kind| kind.split(';').next()).unwrap_or_default();
        kind.trim().eq_ignore_ascii_case("application/json")
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// Why it is not JSON.
    pub(crate) fn json(&self) -> Result<Value, String> {
        let body = self.body.as_deref().unwrap_or_default();
        serde_json::from_slice(body).map_err(|error| format!("the body is not JSON: {error}"))
    }
}
