//! How services say no, each in its own protocol. Nothing was done where one of these is answered.

use crate::AwsCall;
use axum::body::Bytes;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

/// DynamoDB's errors are named in full.
const DYNAMODB: &str = "com.amazonaws.dynamodb.v20120810#";

/// "Too often", as the call's service says it.
#[must_use]
pub fn throttled(call: &AwsCall) -> Response<Bytes> {
    match call.service.as_str() {
        "dynamodb" => dynamodb("ThrottlingException", "Rate exceeded"),
        "sns" => xml(StatusCode::TOO_MANY_REQUESTS, &of_sender("Throttled", "Rate exceeded")),
        "iam" => xml(StatusCode::BAD_REQUEST, &of_sender("Throttling", "Rate exceeded")),
        "s3" => xml(StatusCode::SERVICE_UNAVAILABLE, &of_s3("SlowDown", "Please reduce your request rate.")),
        _ => json("ThrottlingException", "Rate exceeded", json!({})),
    }
}

/// "You may not", as the call's service says it.
#[must_use]
pub fn denied(call: &AwsCall) -> Response<Bytes> {
    match call.service.as_str() {
        "sns" => xml(StatusCode::FORBIDDEN, &of_sender("AuthorizationError", "not authorized")),
        "iam" => xml(StatusCode::FORBIDDEN, &of_sender("AccessDenied", "not authorized")),
        "s3" => xml(StatusCode::FORBIDDEN, &of_s3("AccessDenied", "Access Denied")),
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

/// An error of DynamoDB's, by its name.
#[must_use]
pub fn dynamodb(name: &str, message: &str) -> Response<Bytes> {
    json(&format!("{DYNAMODB}{name}"), message, json!({}))
}

/// A transaction that DynamoDB cancelled, with a code for each of its writes: `None` for those that are not why (API
/// Reference, TransactWriteItems).
#[must_use]
pub fn transaction_cancelled<'a>(codes: impl IntoIterator<Item = &'a str>) -> Response<Bytes> {
    let codes: Vec<&str> = codes.into_iter().collect();
    let message =
        format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{}]", codes.join(", "));
    let reasons: Vec<Value> = codes.iter().map(|code| json!({"Code": code, "Message": code})).collect();
    json(&format!("{DYNAMODB}TransactionCanceledException"), &message, json!({"CancellationReasons": reasons}))
}

/// An error of a JSON protocol, with more members than its name and its message.
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

fn of_sender(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    )
}

fn of_s3(code: &str, message: &str) -> String {
    format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>")
}

fn xml(status: StatusCode, body: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::copy_from_slice(body.as_bytes()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    response
}
