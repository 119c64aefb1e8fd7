//! One POST, tried again while that can help and there is time.

use crate::address::Allowed;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, StatusCode, Url, redirect};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::sync::OnceCell;

/// How often a POST is tried.
const TRIES: u32 = 3;
/// The longest that a service's Retry-After is waited for; beyond it the queue delivers the message again.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// The longest word of an answer that is told, in bytes.
const WORD: usize = 60;

/// Why a channel did not take a message. No address is in it: some are secrets.
#[derive(Debug, Error)]
pub(crate) enum PostError {
    /// The service said no: trying again at once does not help.
    #[error("it answered {status} ({answer})")]
    Refused { status: StatusCode, answer: String },
    /// It was asked too often, failed, or did not answer in time, each time.
    #[error("it answered {status} to the last of {tries} tries")]
    Failing { status: StatusCode, tries: u32 },
    /// There was no answer.
    #[error("no answer to the last of {tries} tries")]
    NoAnswer {
        tries: u32,
        #[source]
        source: reqwest::Error,
    },
    /// What is to be sent cannot be.
    #[error("the request cannot be made")]
    Request(#[source] reqwest::Error),
}

/// The HTTP client: https only, no redirects, no proxy, public addresses only. Each post has a connection of its own: one that
/// was kept while Lambda froze the sandbox may be dead, and then nothing says whether the channel has the message.
#[derive(Debug, Clone)]
pub(crate) struct Poster {
    /// Made for the first post: it reads the certificates that the system trusts.
    client: OnceCell<Client>,
    allowed: Allowed,
    timing: Timing,
    now: fn() -> Timestamp,
}

/// How long a try and the first pause after one take; the pause doubles.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    pub(crate) attempt: Duration,
    pub(crate) pause: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self { attempt: Duration::from_secs(8), pause: Duration::from_secs(1) }
    }
}

/// What a try came to.
enum Try {
    Done,
    Final(PostError),
    Again { wait: Option<Duration>, error: PostError },
}

impl Poster {
    pub(crate) fn new(allowed: Allowed, timing: Timing, now: fn() -> Timestamp) -> Self {
        Self { client: OnceCell::new(), allowed, timing, now }
    }

    async fn client(&self) -> Result<&Client, reqwest::Error> {
        self.client.get_or_try_init(async || self.make()).await
    }

    fn make(&self) -> Result<Client, reqwest::Error> {
        // The provider of the SDK; that somebody has installed it already is as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Client::builder()
            .https_only(!self.allowed.loopback())
            .redirect(redirect::Policy::none())
            .no_proxy()
            .dns_resolver(Arc::new(self.allowed.clone()))
            .connect_timeout(Duration::from_secs(3))
            .pool_max_idle_per_host(0)
            .timeout(self.timing.attempt)
            .user_agent(concat!("gumshoe/", env!("CARGO_PKG_VERSION")))
            .build()
    }

    /// Posts JSON, until it is taken, refused, tried often enough, or the time is over.
    pub(crate) async fn post(
        &self,
        url: &Url,
        headers: &HeaderMap,
        body: &str,
        deadline: Timestamp,
    ) -> Result<(), PostError> {
        let mut pause = self.timing.pause;
        let mut tries = 1;
        loop {
            match self.try_once(url, headers, body, tries).await {
                Try::Done => return Ok(()),
                Try::Final(error) => return Err(error),
                Try::Again { wait, error } => {
                    let wait = wait.unwrap_or_else(|| pause.mul_f64(0.5 + fastrand::f64() / 2.0));
                    if tries >= TRIES || wait > LONGEST_WAIT || !self.is_time_for(wait, deadline) {
                        return Err(error);
                    }
                    tokio::time::sleep(wait).await;
                    pause *= 2;
                    tries += 1;
                }
            }
        }
    }

    /// Whether the deadline leaves time to wait and to try again.
    fn is_time_for(&self, wait: Duration, deadline: Timestamp) -> bool {
        let needed = SignedDuration::try_from(wait + self.timing.attempt).unwrap_or(SignedDuration::MAX);
        deadline.duration_since((self.now)()) > needed
    }

    async fn try_once(&self, url: &Url, headers: &HeaderMap, body: &str, tries: u32) -> Try {
        let client = match self.client().await {
            Ok(client) => client,
            Err(error) => return Try::Final(PostError::Request(error)),
        };
        let request = client.post(url.clone()).headers(headers.clone()).body(body.to_owned());
        let mut answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) if error.is_builder() => return Try::Final(PostError::Request(error.without_url())),
            Err(error) => {
                let error = PostError::NoAnswer { tries, source: error.without_url() };
                return Try::Again { wait: None, error };
            }
        };
        let status = answer.status();
        if status.is_success() {
            return Try::Done;
        }
        if status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::REQUEST_TIMEOUT || status.is_server_error()
        {
            let wait = retry_after(answer.headers());
            return Try::Again { wait, error: PostError::Failing { status, tries } };
        }
        let text = answer.chunk().await.ok().flatten().unwrap_or_default();
        Try::Final(PostError::Refused { status, answer: word(&text) })
    }
}

/// An answer of one word, such as Slack's `no_service`. Anything longer may repeat the address or what was sent, and is not
/// told.
fn word(answer: &[u8]) -> String {
    let is_word =
        (1..=WORD).contains(&answer.len()) && answer.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_');
    if is_word { String::from_utf8_lossy(answer).into_owned() } else { "its answer is left out".to_owned() }
}

/// Retry-After in seconds (RFC 9110, section 10.2.3). A date is not waited for: the pauses grow by themselves.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use receivers::{ConnectionFault, FaultyServer};

    #[test]
    fn only_a_word_of_an_answer_is_told() {
        assert_eq!(word(b"no_service"), "no_service");
        for answer in [&b"Cannot POST /hooks/TOKEN"[..], b"", b"<html>", &[b'a'; 61]] {
            assert_eq!(word(answer), "its answer is left out");
        }
    }

    #[tokio::test]
    async fn a_post_meets_no_connection_that_ended_unnoticed() {
        for ending in [ConnectionFault::Stall, ConnectionFault::Reset] {
            let server = FaultyServer::start(ending, "ok").unwrap();
            let url = Url::parse(server.url()).unwrap();
            let poster = Poster::new(Allowed::new(true), Timing::default(), || Timestamp::UNIX_EPOCH);
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
