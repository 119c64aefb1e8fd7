//! Calls the emulator as one of the functions: signed with its role session, so that the emulator evaluates the role's policies
//! as AWS would.

use crate::api::{Api, REGION, call_failed};
use crate::error::CloudError;
use crate::stack::{LocalCloud, deployed_name};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use reqwest::Method;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::time::SystemTime;

/// The credentials of a role session.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// The access key ID. It may be logged.
    pub access_key_id: String,
    /// The secret access key. It must not be logged.
    pub secret_access_key: String,
    /// The session token. It must not be logged.
    pub session_token: String,
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Session({})", self.access_key_id)
    }
}

/// A request of any AWS protocol.
#[derive(Debug, Clone)]
pub struct SignedRequest {
    /// The signing name.
    pub service: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path; it contains only characters that need no encoding.
    pub path: String,
    /// The value of `X-Amz-Target`; empty if the protocol has none.
    pub target: String,
    /// The content type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

/// The response to a [`SignedRequest`].
#[derive(Debug, Clone)]
pub struct RawResponse {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub text: String,
}

impl RawResponse {
    /// Whether access was denied. False for other errors, such as a missing resource.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        let codes = ["AccessDenied", "AccessDeniedException", "AuthorizationError"];
        let is_denial = |token: &str| codes.contains(&token);
        (400..500).contains(&self.status)
            && self.text.split(|it: char| !it.is_ascii_alphanumeric()).any(is_denial)
            && self.text.contains("not authorized")
    }
}

impl LocalCloud {
    /// The role session of a function, from the environment of its process; `None` if no process of it runs.
    #[must_use]
    pub fn session_of(&self, function: &str) -> Option<Session> {
        let processes = std::fs::read_dir("/proc").ok()?.flatten();
        let environments = processes.filter_map(|process| std::fs::read(process.path().join("environ")).ok());
        environments.filter_map(|it| self.session_in(&it, function)).next()
    }

    fn session_in(&self, environment: &[u8], function: &str) -> Option<Session> {
        let text = std::str::from_utf8(environment).ok()?;
        let variables: BTreeMap<&str, &str> = text.split('\0').filter_map(|it| it.split_once('=')).collect();
        let ours = variables.get("AWS_ENDPOINT_URL") == Some(&self.api().url())
            && *variables.get("AWS_LAMBDA_FUNCTION_NAME")? == deployed_name(function);
        let of = |name: &str| variables.get(name).map(|value| (*value).to_owned());
        ours.then_some(())?;
        Some(Session {
            access_key_id: of("AWS_ACCESS_KEY_ID")?,
            secret_access_key: of("AWS_SECRET_ACCESS_KEY")?,
            session_token: of("AWS_SESSION_TOKEN")?,
        })
    }
}

impl Api {
    /// Sends a request with a role session.
    ///
    /// # Errors
    ///
    /// [`CloudError::Call`] if there is no response. An error response is returned as a [`RawResponse`].
    pub async fn call_as(&self, session: &Session, call: &SignedRequest) -> Result<RawResponse, CloudError> {
        let failed = |source| call_failed(&call.path, source);
        let signature = signature(session, call, self.url(), SystemTime::now());
        let mut request = self
            .client()
            .request(call.method.clone(), format!("{}{}", self.url(), call.path))
            .header("content-type", call.content_type);
        for (name, value) in signature.map_err(|source| call_failed(&call.path, source))? {
            request = request.header(name, value);
        }
        if !call.target.is_empty() {
            request = request.header("x-amz-target", &call.target);
        }
        let response = request.body(call.body.clone()).send().await.map_err(failed)?;
        Ok(RawResponse { status: response.status().as_u16(), text: response.text().await.map_err(failed)? })
    }
}

/// The headers of a Signature Version 4 over the host, the time, the session token and the body.
fn signature(
    session: &Session,
    call: &SignedRequest,
    url: &str,
    moment: SystemTime,
) -> Result<Vec<(String, String)>, Box<dyn Error + Send + Sync>> {
    let Session { access_key_id, secret_access_key, session_token } = session;
    let identity =
        Credentials::new(access_key_id, secret_access_key, Some(session_token.clone()), None, "session").into();
    let mut settings = SigningSettings::default();
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256; // S3 requires it
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(REGION)
        .name(call.service)
        .time(moment)
        .settings(settings)
        .build()?
        .into();
    let body = SignableBody::Bytes(&call.body);
    let url = format!("{url}{}", call.path);
    let request = SignableRequest::new(call.method.as_str(), url, std::iter::empty(), body)?;
    let (instructions, _) = sign(request, &parameters)?.into_parts();
    Ok(instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected value was computed by botocore's SigV4Auth.
    #[test]
    fn the_signature_equals_the_one_of_botocore() {
        let session = Session {
            access_key_id: "ASIAEXAMPLE".to_owned(),
            secret_access_key: "secret".to_owned(),
            session_token: "token".to_owned(),
        };
        let call = SignedRequest {
            service: "sqs",
            method: Method::POST,
            path: "/".to_owned(),
            target: "AmazonSQS.ListQueues".to_owned(),
            content_type: "application/x-amz-json-1.0",
            body: b"{}".to_vec(),
        };
        let moment = jiff::Timestamp::from_second(1_768_478_400).unwrap(); // 2026-01-15T12:00:00Z
        let headers = signature(&session, &call, "http://127.0.0.1:4566", moment.into()).unwrap();
        let of = |name: &str| headers.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str()).unwrap();
        let header = of("authorization");
        assert!(header.ends_with("=45ce11fe40a902977bd55942625357fa7c8d2f207144ce1e746853a02e3a1783"), "{header}");
        assert_eq!((of("x-amz-date"), of("x-amz-security-token")), ("20260115T120000Z", "token"));
        assert!(!format!("{session:?}").contains("token"));
    }

    #[test]
    fn is_denied_distinguishes_denials_from_other_errors() {
        let answer = |status, text: &str| RawResponse { status, text: text.to_owned() };
        let denied = r#"{"__type": "AccessDeniedException", "message": "User: x is not authorized to perform: y"}"#;
        assert!(answer(400, denied).is_denied() && answer(403, &denied.replace("Exception", "")).is_denied());
        assert!(!answer(200, denied).is_denied());
        for other in ["ResourceNotFoundException", "NoSuchKey", "SignatureDoesNotMatch", "InvalidClientTokenId"] {
            assert!(!answer(400, &denied.replace("AccessDeniedException", other)).is_denied(), "{other}");
        }
    }
}
