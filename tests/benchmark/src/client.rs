//! One HTTP connection to the simulator, for one call after another.

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::Error;

/// A connection that signs calls as Detective's.
pub(crate) struct Client {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Client {
    pub(crate) async fn connect(host: &str) -> Result<Self, Error> {
        let io = |source| Error::Io { what: format!("could not connect to {host}"), source };
        let stream = TcpStream::connect(host).await.map_err(io)?;
        stream.set_nodelay(true).map_err(io)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, host: host.into() })
    }

    /// Posts JSON to an operation's path and returns the body of the response. An error status is an error.
    pub(crate) async fn post(&mut self, path: &'static str, body: Bytes) -> Result<Bytes, Error> {
        self.sender.ready().await?;
        let scope = "AWS4-HMAC-SHA256 Credential=111122223333/20261120/us-east-1/detective/aws4_request";
        let request = Request::post(path)
            .header("host", &self.host)
            .header("authorization", scope)
            .header("content-type", "application/json")
            .body(Full::new(body));
        // Every part of the request is a constant or an address.
        let Ok(request) = request else { return Ok(Bytes::new()) };
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        if status.is_success() {
            return Ok(body);
        }
        let body = String::from_utf8_lossy(&body).into_owned();
        Err(Error::Answer { request: path, status: status.as_u16(), body })
    }

    pub(crate) async fn json(&mut self, path: &'static str, body: &Value) -> Result<Value, Error> {
        let answer = self.post(path, body.to_string().into()).await?;
        Ok(serde_json::from_slice(&answer)?)
    }
}
