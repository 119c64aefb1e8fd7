//! HTTP client for the emulator and the simulator, without an SDK.
//!
//! The emulator accepts the access key `test` as the account's root and does not check its signatures, so a header that names
//! the service is enough.

use crate::error::CloudError;
use reqwest::{Client, Method, Response};
use serde_json::Value;
use std::time::Duration;

/// The Region of the stack.
pub(crate) const REGION: &str = "us-east-1";

/// The access key of the root of the stack's account.
const ROOT_ACCESS_KEY: &str = "test";

/// A client of the emulator or of the simulator.
#[derive(Debug, Clone)]
pub struct Api {
    http: Client,
    url: String,
}

impl Api {
    pub(crate) fn new(url: String) -> Result<Self, CloudError> {
        let http = http().timeout(Duration::from_secs(30)).build();
        let http = http.map_err(|source| call_failed("create the HTTP client", source))?;
        Ok(Self { http, url })
    }

    pub(crate) fn client(&self) -> &Client {
        &self.http
    }

    /// The emulator's address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Calls a service that has a JSON protocol. `target` is the value of `X-Amz-Target`, `service` the signing name.
    ///
    /// # Errors
    ///
    /// [`CloudError::Answer`] if the service returns an error, [`CloudError::Call`] if there is no valid response.
    pub async fn json(&self, service: &str, target: &str, body: &Value) -> Result<Value, CloudError> {
        self.json_as(ROOT_ACCESS_KEY, service, target, body).await
    }

    /// [`Api::json`] in another account; see [`Api::query_as`].
    ///
    /// # Errors
    ///
    /// As [`Api::json`].
    pub async fn json_as(&self, account: &str, service: &str, target: &str, body: &Value) -> Result<Value, CloudError> {
        let request = self
            .http
            .post(&self.url)
            .header("authorization", authorization(account, service))
            .header("x-amz-target", target)
            .header("content-type", "application/x-amz-json-1.0")
            .body(body.to_string());
        let response = request.send().await.map_err(|source| call_failed(target, source))?;
        read(target, response).await
    }

    /// POST request to a service that has a REST protocol, in another account; see [`Api::query_as`].
    ///
    /// # Errors
    ///
    /// As [`Api::json`].
    pub async fn post_as(&self, account: &str, service: &str, path: &str, body: &Value) -> Result<Value, CloudError> {
        self.post_in(REGION, account, service, path, body).await
    }

    /// [`Api::post_as`] in a given Region.
    ///
    /// # Errors
    ///
    /// As [`Api::json`].
    pub async fn post_in(
        &self,
        region: &str,
        account: &str,
        service: &str,
        path: &str,
        body: &Value,
    ) -> Result<Value, CloudError> {
        let request = self
            .http
            .post(format!("{}{path}", self.url))
            .header("authorization", authorization_in(region, account, service))
            .header("content-type", "application/json")
            .body(body.to_string());
        read(path, request.send().await.map_err(|source| call_failed(path, source))?).await
    }

    /// GET request to a service that has a REST protocol.
    ///
    /// # Errors
    ///
    /// As [`Api::json`].
    pub async fn get(&self, service: &str, path: &str) -> Result<String, CloudError> {
        let request = self
            .http
            .get(format!("{}{path}", self.url))
            .header("authorization", authorization(ROOT_ACCESS_KEY, service));
        checked(path, request.send().await.map_err(|source| call_failed(path, source))?).await
    }

    /// Sends a body to a service that has a REST protocol.
    ///
    /// # Errors
    ///
    /// As [`Api::json`].
    pub async fn send(&self, method: Method, service: &str, path: &str, body: Vec<u8>) -> Result<String, CloudError> {
        let request = self.http.request(method, format!("{}{path}", self.url));
        let request = request.header("authorization", authorization(ROOT_ACCESS_KEY, service)).body(body);
        checked(path, request.send().await.map_err(|source| call_failed(path, source))?).await
    }

    /// Calls a service that has the query protocol; the response is XML.
    ///
    /// # Errors
    ///
    /// As [`Api::json`].
    pub async fn query(&self, service: &str, form: &[(&str, &str)]) -> Result<String, CloudError> {
        self.query_as(ROOT_ACCESS_KEY, service, form).await
    }

    /// [`Api::query`] in another account: the emulator accepts a 12-digit access key as the root of the account with that ID.
    ///
    /// # Errors
    ///
    /// As [`Api::json`].
    pub async fn query_as(&self, account: &str, service: &str, form: &[(&str, &str)]) -> Result<String, CloudError> {
        let operation = form.iter().find(|(name, _)| *name == "Action").map_or("", |(_, value)| value);
        let request = self
            .http
            .post(&self.url)
            .header("authorization", authorization(account, service))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form_encoded(form));
        let response = request.send().await.map_err(|source| call_failed(operation, source))?;
        checked(operation, response).await
    }
}

/// The options that all HTTP clients of the local cloud share.
pub(crate) fn http() -> reqwest::ClientBuilder {
    // When it is built together with relay-alert, reqwest requires a TLS provider even for plain HTTP.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy()
}

fn authorization(key: &str, service: &str) -> String {
    authorization_in(REGION, key, service)
}

fn authorization_in(region: &str, key: &str, service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={key}/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

/// Encodes a form as a request body.
#[must_use]
pub fn form_encoded(form: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

pub(crate) fn call_failed(operation: &str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> CloudError {
    CloudError::Call { operation: operation.to_owned(), source: source.into() }
}

async fn read(operation: &str, response: Response) -> Result<Value, CloudError> {
    let text = checked(operation, response).await?;
    if text.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&text).map_err(|source| call_failed(operation, source))
}

async fn checked(operation: &str, response: Response) -> Result<String, CloudError> {
    let status = response.status();
    let text = response.text().await.map_err(|source| call_failed(operation, source))?;
    if status.is_success() {
        return Ok(text);
    }
    let body = text.chars().take(300).collect();
    Err(CloudError::Answer { operation: operation.to_owned(), status: status.as_u16(), body })
}
