//! A running simulator with clients for it.

use std::net::TcpListener;
use std::time::Duration;

use aws_sdk_detective::Client;
use aws_sdk_detective::config::retry::RetryConfig;
use aws_sdk_detective::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_detective::primitives::{DateTime, DateTimeFormat};
use serde_json::{Value, json};
use simulator::Simulator;

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "us-east-1";
pub(crate) const ROLE: &str = "arn:aws:iam::111122223333:role/web-role";
pub(crate) const USER: &str = "arn:aws:iam::111122223333:user/path/alice";
/// A well-formed id that does not exist.
pub(crate) const NO_ID: &str = "900000000000000000000";

/// How long a test waits for something that happens immediately.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Polls until the condition holds; fails the test after 30 seconds.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let poll = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    assert!(tokio::time::timeout(TIMEOUT, poll).await.is_ok(), "timed out after {TIMEOUT:?} waiting for {what}");
}

pub(crate) struct TestServer {
    pub(crate) simulator: Simulator,
    pub(crate) client: Client,
    pub(crate) graph: String,
    pub(crate) http: reqwest::Client,
}

/// An HTTP response.
#[derive(Debug, PartialEq)]
pub(crate) struct RawResponse {
    pub(crate) status: u16,
    pub(crate) error: Option<String>,
    pub(crate) body: Value,
}

pub(crate) fn client(simulator: &Simulator, account: &str, region: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .credentials_provider(Credentials::new(account, "secret", None, None, "test"))
        .endpoint_url(simulator.url())
        .retry_config(RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

pub(crate) fn time(text: &str) -> DateTime {
    DateTime::from_str(text, DateTimeFormat::DateTime).unwrap()
}

impl TestServer {
    pub(crate) fn new() -> Self {
        let simulator = Simulator::start(TcpListener::bind("127.0.0.1:0").unwrap()).unwrap();
        let client = client(&simulator, ACCOUNT, REGION);
        let graph = simulator.graph_arn(ACCOUNT, REGION);
        Self { simulator, client, graph, http: http() }
    }

    /// Starts an investigation and answers its id.
    pub(crate) async fn start(&self, entity: &str) -> String {
        let started = self
            .client
            .start_investigation()
            .graph_arn(&self.graph)
            .entity_arn(entity)
            .scope_start_time(time("2026-11-19T00:00:00Z"))
            .scope_end_time(time("2026-11-20T00:00:00Z"))
            .send()
            .await
            .unwrap();
        started.investigation_id().unwrap().to_owned()
    }

    /// The members of a StartInvestigation that is in order.
    pub(crate) fn start_members(&self) -> Value {
        json!({
            "GraphArn": self.graph,
            "EntityArn": ROLE,
            "ScopeStartTime": "2026-11-19T00:00:00Z",
            "ScopeEndTime": "2026-11-20T00:00:00.000Z",
        })
    }

    /// Posts a body as it is, signed by the account in name only.
    pub(crate) async fn raw(&self, path: &str, body: impl Into<reqwest::Body>) -> RawResponse {
        let credential = format!("AWS4-HMAC-SHA256 Credential={ACCOUNT}/20261120/{REGION}/detective/aws4_request");
        let request = self.http.post(format!("{}{path}", self.simulator.url())).header("authorization", credential);
        RawResponse::of(request.body(body).send().await.unwrap()).await
    }

    /// Method and path of every operation, with something in the place of the path's parameters.
    pub(crate) async fn routes(&self) -> Vec<(String, String)> {
        let (_, operations) = self.control_get("operations").await;
        let route = |operation: &Value| {
            let path = operation["path"].as_str().unwrap().replace(['{', '}'], "");
            (operation["method"].as_str().unwrap().to_owned(), path)
        };
        operations.as_array().unwrap().iter().map(route).collect()
    }

    /// Posts members.
    pub(crate) async fn post(&self, path: &str, members: &Value) -> RawResponse {
        self.raw(path, members.to_string()).await
    }

    /// Posts to control.
    pub(crate) async fn control(&self, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/_control/{path}", self.simulator.url());
        let response = self.http.post(url).body(body.to_string()).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// Gets from control.
    pub(crate) async fn control_get(&self, path: &str) -> (u16, Value) {
        let url = format!("{}/_control/{path}", self.simulator.url());
        let response = self.http.get(url).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }
}

impl RawResponse {
    pub(crate) async fn of(response: reqwest::Response) -> Self {
        let status = response.status().as_u16();
        let error = response.headers().get("x-amzn-errortype").map(|value| value.to_str().unwrap().to_owned());
        let body = response.bytes().await.unwrap();
        let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
        Self { status, error, body }
    }

    #[track_caller]
    pub(crate) fn assert_ok(&self) {
        assert_eq!((self.status, &self.error), (200, &None), "{self:?}");
    }

    /// A ValidationException with this code, whose message holds this text.
    #[track_caller]
    pub(crate) fn assert_invalid(&self, code: &str, text: &str) {
        assert_eq!((self.status, self.error.as_deref()), (400, Some("ValidationException")), "{self:?}");
        assert_eq!(self.body["ErrorCode"], code, "{self:?}");
        assert!(self.body["Message"].as_str().unwrap().contains(text), "{self:?} should say {text}");
    }
}

/// A client for what the SDK would not send.
pub(crate) fn http() -> reqwest::Client {
    // Built together with relay-alert, reqwest requires a TLS provider even for plain HTTP.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}
