//! One POST, with retries for transient errors until the deadline.

use crate::egress::EgressPolicy;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, StatusCode, Url, redirect};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::sync::OnceCell;

/// Attempts of a POST.
const MAX_ATTEMPTS: u32 = 3;
/// Longest Retry-After that is waited for; with a longer one the invocation fails, and SQS redelivers the message.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(20);
/// Longest response code that is shown.
const RESPONSE_CODE_MAX_BYTES: usize = 60;

/// Why a channel did not accept a message. It contains no URL, because some are secrets.
#[derive(Debug, Error)]
pub(crate) enum PostError {
    /// The service rejected the request; an immediate retry does not help.
    #[error("the service responded {status} ({response})")]
    Rejected { status: StatusCode, response: String },
    /// The service throttled the requests, failed or timed out in every attempt.
    #[error("the service responded {status} to the last of {attempts} attempts")]
    ServiceError { status: StatusCode, attempts: u32 },
    /// The service did not respond.
    #[error("no response after {attempts} attempts")]
    NoResponse {
        attempts: u32,
        #[source]
        source: reqwest::Error,
    },
    /// The request could not be built.
    #[error("could not build the request")]
    InvalidRequest(#[source] reqwest::Error),
}

/// The HTTP client: https only, no redirects, no proxy, public addresses only. Each POST uses a new connection: a pooled one may have
/// died while Lambda froze the sandbox, and then it is unknown whether the channel received the message.
#[derive(Debug, Clone)]
pub(crate) struct Poster {
    /// Built for the first POST, because it reads the system's trusted certificates.
    client: OnceCell<Client>,
    egress: EgressPolicy,
    timing: RetryTiming,
    now: fn() -> Timestamp,
}

/// Timeout of an attempt, and the backoff after the first one, which doubles.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RetryTiming {
    pub(crate) attempt_timeout: Duration,
    pub(crate) initial_backoff: Duration,
}

impl Default for RetryTiming {
    fn default() -> Self {
        Self { attempt_timeout: Duration::from_secs(8), initial_backoff: Duration::from_secs(1) }
    }
}

/// The result of an attempt.
enum Attempt {
    Delivered,
    Permanent(PostError),
    Transient { wait: Option<Duration>, error: PostError },
}

impl Poster {
    pub(crate) fn new(egress: EgressPolicy, timing: RetryTiming, now: fn() -> Timestamp) -> Self {
        Self { client: OnceCell::new(), egress, timing, now }
    }

    async fn client(&self) -> Result<&Client, reqwest::Error> {
        self.client.get_or_try_init(async || self.build_client()).await
    }

    fn build_client(&self) -> Result<Client, reqwest::Error> {
        // The same provider as the SDK's. An error means that it is already installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Client::builder()
            .https_only(!self.egress.allows_loopback())
            .redirect(redirect::Policy::none())
            .no_proxy()
            .dns_resolver(Arc::new(self.egress.clone()))
            .connect_timeout(Duration::from_secs(3))
            .pool_max_idle_per_host(0)
            .timeout(self.timing.attempt_timeout)
            .user_agent(concat!("gumshoe/", env!("CARGO_PKG_VERSION")))
            .build()
    }

    /// Posts JSON until the service accepts or rejects it, or attempts or time are used up.
    pub(crate) async fn post(
        &self,
        url: &Url,
        headers: &HeaderMap,
        body: &str,
        deadline: Timestamp,
    ) -> Result<(), PostError> {
        let mut backoff = self.timing.initial_backoff;
        let mut attempts = 1;
        loop {
            match self.post_once(url, headers, body, attempts).await {
                Attempt::Delivered => return Ok(()),
                Attempt::Permanent(error) => return Err(error),
                Attempt::Transient { wait, error } => {
                    let wait = wait.unwrap_or_else(|| backoff.mul_f64(0.5 + fastrand::f64() / 2.0));
                    if attempts >= MAX_ATTEMPTS || wait > MAX_RETRY_AFTER || !self.has_time_for(wait, deadline) {
                        return Err(error);
                    }
                    tokio::time::sleep(wait).await;
                    backoff *= 2;
                    attempts += 1;
                }
            }
        }
    }

    /// Whether the deadline leaves time for the backoff and another attempt.
    fn has_time_for(&self, wait: Duration, deadline: Timestamp) -> bool {
        let needed = SignedDuration::try_from(wait + self.timing.attempt_timeout).unwrap_or(SignedDuration::MAX);
        deadline.duration_since((self.now)()) > needed
    }

    async fn post_once(&self, url: &Url, headers: &HeaderMap, body: &str, attempts: u32) -> Attempt {
        let client = match self.client().await {
            Ok(client) => client,
            Err(error) => return Attempt::Permanent(PostError::InvalidRequest(error)),
        };
        let request = client.post(url.clone()).headers(headers.clone()).body(body.to_owned());
        let mut response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.is_builder() => {
                return Attempt::Permanent(PostError::InvalidRequest(error.without_url()));
            }
            Err(error) => {
                let error = PostError::NoResponse { attempts, source: error.without_url() };
                return Attempt::Transient { wait: None, error };
            }
        };
        let status = response.status();
        if status.is_success() {
            return Attempt::Delivered;
        }
        if status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::REQUEST_TIMEOUT || status.is_server_error()
        {
            let wait = retry_after(response.headers());
            return Attempt::Transient { wait, error: PostError::ServiceError { status, attempts } };
        }
        let text = response.chunk().await.ok().flatten().unwrap_or_default();
        Attempt::Permanent(PostError::Rejected { status, response: response_code(&text) })
    }
}

/// A response that is a code, such as Slack's `no_service`. Any other response may repeat the URL or the request, so it is omitted.
fn response_code(body: &[u8]) -> String {
    let is_code = (1..=RESPONSE_CODE_MAX_BYTES).contains(&body.len())
        && body.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_');
    if is_code { String::from_utf8_lossy(body).into_owned() } else { "response body omitted".to_owned() }
}

/// Retry-After in seconds (RFC 9110, section 10.2.3). A date is ignored: the backoff grows anyway.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use receivers::{ConnectionFault, FaultyServer};

    #[test]
    fn only_a_response_code_is_shown() {
        assert_eq!(response_code(b"no_service"), "no_service");
        for answer in [&b"Cannot POST /hooks/TOKEN"[..], b"", b"<html>", &[b'a'; 61]] {
            assert_eq!(response_code(answer), "response body omitted");
        }
    }

    #[tokio::test]
    async fn post_never_reuses_a_connection() {
        for ending in [ConnectionFault::Stall, ConnectionFault::Reset] {
            let server = FaultyServer::start(ending, "ok").unwrap();
            let url = Url::parse(server.url()).unwrap();
            let poster = Poster::new(EgressPolicy::new(true), RetryTiming::default(), || Timestamp::UNIX_EPOCH);
            for _ in 0..2 {
                poster.post(&url, &HeaderMap::new(), "{}", Timestamp::UNIX_EPOCH).await.unwrap();
            }
            assert_eq!(
                (server.connections(), server.requests(), server.requests_after_first()),
                (2, 2, 0),
                "{ending:?}"
            );
        }
    }
}
