//! What can go wrong with a call, and how each service says so.

use super::asked::Asked;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mishap {
    /// The service says that it is asked too often, and does nothing.
    Throttled,
    /// The service says that the function may not do this, and does nothing.
    Denied,
    /// The service answers 503 and does nothing.
    Unavailable,
    /// A transaction is cancelled because another holds an item; of another call, as [`Mishap::Throttled`].
    Conflict,
    /// The connection is cut before the service hears of the call.
    CutBefore,
    /// The service does it, and the connection is cut before the answer.
    CutAfter,
    /// The function is killed before the service hears of the call.
    KilledBefore,
    /// The service does it, and the function is killed before it hears of that.
    KilledAfter,
}

impl Mishap {
    /// Whether the service does what is asked.
    #[must_use]
    pub fn is_after(self) -> bool {
        matches!(self, Self::CutAfter | Self::KilledAfter)
    }

    /// Whether the function that called is killed.
    #[must_use]
    pub fn kills(self) -> bool {
        matches!(self, Self::KilledBefore | Self::KilledAfter)
    }

    /// What the service answers in place of doing it; nothing when it is not the service that goes wrong.
    pub(super) fn refusal(self, call: &Asked) -> Option<Response> {
        match self {
            Self::Unavailable => Some(StatusCode::SERVICE_UNAVAILABLE.into_response()),
            Self::Conflict if call.operation == "TransactWriteItems" => Some(conflict()),
            Self::Throttled | Self::Conflict => Some(throttled(call)),
            Self::Denied => Some(denied(call)),
            Self::CutBefore | Self::CutAfter | Self::KilledBefore | Self::KilledAfter => None,
        }
    }
}

/// DynamoDB API Reference, TransactWriteItems: a reason for each of the writes, here a conflict for the first.
fn conflict() -> Response {
    let message = "Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict]";
    let reasons = json!([{"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}]);
    json_error("com.amazonaws.dynamodb.v20120810#TransactionCanceledException", message, &reasons)
}

/// "Too often", as the service says it.
fn throttled(call: &Asked) -> Response {
    let message = "Rate exceeded";
    match call.service.as_str() {
        "dynamodb" => json_error("com.amazonaws.dynamodb.v20120810#ThrottlingException", message, &json!(null)),
        "sns" => xml_error(
            StatusCode::TOO_MANY_REQUESTS,
            "<ErrorResponse><Error><Type>Sender</Type>\
            <Code>Throttled</Code><Message>Rate exceeded</Message></Error></ErrorResponse>",
        ),
        "s3" => xml_error(
            StatusCode::SERVICE_UNAVAILABLE,
            "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>",
        ),
        _ => json_error("ThrottlingException", message, &json!(null)),
    }
}

/// "You may not", as the service says it.
fn denied(call: &Asked) -> Response {
    match call.service.as_str() {
        "sns" => xml_error(
            StatusCode::FORBIDDEN,
            "<ErrorResponse><Error><Type>Sender</Type><Code>AuthorizationError</Code>\
             <Message>not authorized</Message></Error></ErrorResponse>",
        ),
        "s3" => {
            xml_error(StatusCode::FORBIDDEN, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>")
        }
        _ => json_error("AccessDeniedException", "not authorized", &json!(null)),
    }
}

fn json_error(kind: &str, message: &str, reasons: &serde_json::Value) -> Response {
    let mut body = json!({"__type": kind, "message": message, "Message": message});
    if !reasons.is_null() {
        body["CancellationReasons"] = reasons.clone();
    }
    let mut response = (StatusCode::BAD_REQUEST, body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
    let name = kind.rsplit('#').next().unwrap_or(kind);
    if let Ok(name) = HeaderValue::from_str(name) {
        headers.insert(HeaderName::from_static("x-amzn-errortype"), name);
    }
    response
}

fn xml_error(status: StatusCode, body: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/xml")], body).into_response()
}
