//! Error responses of the services, each in its own protocol. The operation was not carried out.

use crate::AwsCall;
use axum::body::Bytes;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

/// DynamoDB's error names are fully qualified.
const DYNAMODB: &str = "com.amazonaws.dynamodb.v20120810#";

/// The throttling error of the call's service.
#[must_use]
pub fn throttled(call: &AwsCall) -> Response<Bytes> {
    match call.service.as_str() {
        "dynamodb" => dynamodb("ThrottlingException", "Rate exceeded"),
        "sns" => xml(StatusCode::TOO_MANY_REQUESTS, &query_error("Throttled", "Rate exceeded")),
        "iam" => xml(StatusCode::BAD_REQUEST, &query_error("Throttling", "Rate exceeded")),
        "s3" => xml(StatusCode::SERVICE_UNAVAILABLE, &s3_error("SlowDown", "Please reduce your request rate.")),
        _ => json("ThrottlingException", "Rate exceeded", json!({})),
    }
}

/// The access-denied error of the call's service.
#[must_use]
pub fn denied(call: &AwsCall) -> Response<Bytes> {
    match call.service.as_str() {
        "sns" => xml(StatusCode::FORBIDDEN, &query_error("AuthorizationError", "not authorized")),
        "iam" => xml(StatusCode::FORBIDDEN, &query_error("AccessDenied", "not authorized")),
        "s3" => xml(StatusCode::FORBIDDEN, &s3_error("AccessDenied", "Access Denied")),
        _ => json("AccessDeniedException", "not authorized", json!({})),
    }
}

/// 503 without a body.
#[must_use]
pub fn unavailable() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}

/// An error of DynamoDB with this name.
#[must_use]
pub fn dynamodb(name: &str, message: &str) -> Response<Bytes> {
    json(&format!("{DYNAMODB}{name}"), message, json!({}))
}

/// A transaction that DynamoDB cancelled, with a code for each of its writes: `None` for a write that did not cause it (API
/// Reference, TransactWriteItems).
#[must_use]
pub fn transaction_cancelled<'a>(codes: impl IntoIterator<Item = &'a str>) -> Response<Bytes> {
    let codes: Vec<&str> = codes.into_iter().collect();
    let message =
        format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{}]", codes.join(", "));
    let reasons: Vec<Value> = codes.iter().map(|code| json!({"Code": code, "Message": code})).collect();
    json(&format!("{DYNAMODB}TransactionCanceledException"), &message, json!({"CancellationReasons": reasons}))
}

/// An error of a JSON protocol, with `members` in addition to its name and its message.
#[must_use]
pub fn json(kind: &str, message: &str, mut members: Value) -> Response<Bytes> {
    for (name, value) in [("__type", kind), ("message", message), ("Message", message)] {
        members[name] = value.into();
    }
    let mut response = Response::new(Bytes::from(members.to_string()));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
    if let Ok(name) = HeaderValue::from_str(kind.rsplit('#').next().unwrap_or(kind)) {
        headers.insert(HeaderName::from_static("x-amzn-errortype"), name);
    }
    response
}

fn query_error(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    )
}

fn s3_error(code: &str, message: &str) -> String {
    format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>")
}

fn xml(status: StatusCode, body: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::copy_from_slice(body.as_bytes()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    response
}
