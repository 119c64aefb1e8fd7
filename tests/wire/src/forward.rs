//! Forwards requests.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Response, Uri};
use reqwest::Client;
use reqwest::redirect::Policy;

/// Headers that concern one connection only and are not forwarded. The length is computed again. `Expect` is removed
/// because the server that read the body here has already answered `100 Continue`.
const HOP_BY_HOP_HEADERS: [&str; 5] = ["connection", "content-length", "expect", "keep-alive", "transfer-encoding"];

/// Forwards requests to another host.
#[derive(Debug, Clone)]
pub struct Forwarder(Client);

impl Forwarder {
    /// A forwarder that uses no proxy and follows no redirects.
    ///
    /// # Errors
    ///
    /// When the HTTP client cannot be built.
    pub fn new() -> reqwest::Result<Self> {
        // Built together with relay-alert, reqwest requires a TLS provider even for plain HTTP.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(Self(Client::builder().no_proxy().redirect(Policy::none()).build()?))
    }

    /// Forwards a request to `target`, such as `http://127.0.0.1:4566`, and returns the response. The Host header stays as
    /// the client signed it.
    ///
    /// # Errors
    ///
    /// If no complete response arrives.
    pub async fn forward(
        &self,
        target: &str,
        method: Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: Bytes,
    ) -> reqwest::Result<Response<Bytes>> {
        // A request in absolute form is forwarded by its path.
        let path = uri.path_and_query().map_or("/", |it| it.as_str());
        let request =
            self.0.request(method, format!("{target}{path}")).headers(forwardable_headers(headers)).body(body);
        let answer = request.send().await?;
        let (status, headers) = (answer.status(), forwardable_headers(answer.headers()));
        let mut response = Response::new(answer.bytes().await?);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

fn forwardable_headers(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in HOP_BY_HOP_HEADERS {
        headers.remove(name);
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::http::StatusCode;

    #[tokio::test]
    async fn request_and_response_are_forwarded_without_hop_by_hop_headers() {
        let echo = |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| async move {
            let host = headers["host"].to_str().unwrap_or_default().to_owned();
            let seen = format!("{method} {uri} host={host} expect={}", headers.contains_key("expect"));
            let twice = [("x-twice", "1"), ("x-twice", "2")];
            (StatusCode::IM_A_TEAPOT, axum::response::AppendHeaders(twice), [("x-seen", seen)], body)
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, Router::new().fallback(echo)).await });
        let mut headers = HeaderMap::new();
        for (name, value) in [("host", "sns.amazonaws.com"), ("expect", "100-continue"), ("content-length", "99")] {
            headers.insert(name, value.parse().unwrap());
        }
        let forwarder = Forwarder::new().unwrap();
        let uri = Uri::from_static("http://elsewhere.example/path?a=b%20c");
        let answer =
            forwarder.forward(&target, Method::PUT, &uri, &headers, Bytes::from_static(b"body")).await.unwrap();
        assert_eq!((answer.status(), answer.body().as_ref()), (StatusCode::IM_A_TEAPOT, b"body".as_slice()));
        assert_eq!(answer.headers()["x-seen"], "PUT /path?a=b%20c host=sns.amazonaws.com expect=false");
        assert_eq!(answer.headers().get_all("x-twice").iter().count(), 2);
        server.abort();
        assert!(forwarder.forward("http://127.0.0.1:1", Method::GET, &uri, &headers, Bytes::new()).await.is_err());
    }
}
