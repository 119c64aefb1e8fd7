//! Calls to the emulator and to the simulator.
//!
//! The emulator takes the key `test` for the account's root and does not check its signatures, so a header that names
//! the service is enough. No SDK crate is needed in the drivers.

use crate::error::CloudError;
use reqwest::{Client, Method, Response};
use serde_json::Value;
use std::time::Duration;

/// The Region that everything is in.
pub(crate) const REGION: &str = "us-east-1";

/// The access key of the root of the account that the stack is in.
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
        let http = http.map_err(|source| call_failed("the HTTP client", source))?;
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

    /// A call of a service with a JSON protocol. `target` is the value of `X-Amz-Target`, `service` the signing name.
    ///
    /// # Errors
    ///
    /// [`CloudError::Answer`] when it is answered with an error, [`CloudError::Call`] when it is not answered.
    pub async fn json(&self, service: &str, target: &str, body: &Value) -> Result<Value, CloudError> {
        self.json_as(ROOT_ACCESS_KEY, service, target, body).await
    }

    /// The same in another account, as [`Api::query_as`].
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

    /// A POST to a path of a service with a REST protocol, in another account, as [`Api::query_as`].
    ///
    /// # Errors
    ///
    /// As [`Api::json`].
    pub async fn post_as(&self, account: &str, service: &str, path: &str, body: &Value) -> Result<Value, CloudError> {
        self.post_in(REGION, account, service, path, body).await
    }

    /// The same in a Region.
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

    /// A GET of a path of a service with a REST protocol.
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

    /// Bytes to a path of a service with a REST protocol.
    ///
    /// # Errors
    ///
    /// As [`Api::json`].
    pub async fn send(&self, method: Method, service: &str, path: &str, body: Vec<u8>) -> Result<String, CloudError> {
        let request = self.http.request(method, format!("{}{path}", self.url));
        let request = request.header("authorization", authorization(ROOT_ACCESS_KEY, service)).body(body);
        checked(path, request.send().await.map_err(|source| call_failed(path, source))?).await
    }

    /// A call of a service with the query protocol; the answer is XML.
    ///
    /// # Errors
    ///
    /// As [`Api::json`].
    pub async fn query(&self, service: &str, form: &[(&str, &str)]) -> Result<String, CloudError> {
        self.query_as(ROOT_ACCESS_KEY, service, form).await
    }

    /// The same in another account: the emulator takes 12 digits for the root of the account of that id.
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

/// What every client of the local cloud is made with.
pub(crate) fn http() -> reqwest::ClientBuilder {
    // Built together with relay-alert, reqwest wants a provider of TLS even where there is none.
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

/// A form as the body of a call.
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
    let said = text.chars().take(300).collect();
    Err(CloudError::Answer { operation: operation.to_owned(), status: status.as_u16(), said })
}
