//! Errors in the shape AWS gives them: a status, the header `x-amzn-errortype` and a JSON body.
//!
//! Source: "Error shapes" at the end of the Detective API reference, and the Errors section of each operation's page.

use std::fmt::{self, Display};

use axum::http::StatusCode;
use serde_json::{Value, json};

/// The error types that the simulated operations answer with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorType {
    AccessDenied,
    InternalServer,
    ResourceNotFound,
    TooManyRequests,
    Validation,
    /// Not one of Detective's: what a request for no known operation gets.
    UnknownOperation,
}

impl ErrorType {
    /// The name on the wire.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::AccessDenied => "AccessDeniedException",
            Self::InternalServer => "InternalServerException",
            Self::ResourceNotFound => "ResourceNotFoundException",
            Self::TooManyRequests => "TooManyRequestsException",
            Self::Validation => "ValidationException",
            // assumed: the reference does not say what an unknown path or method gets; other rest-json services of AWS
            // answer 404 with this name.
            Self::UnknownOperation => "UnknownOperationException",
        }
    }

    /// The HTTP status that the reference gives the type.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::AccessDenied => StatusCode::FORBIDDEN,
            Self::InternalServer => StatusCode::INTERNAL_SERVER_ERROR,
            Self::ResourceNotFound | Self::UnknownOperation => StatusCode::NOT_FOUND,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Validation => StatusCode::BAD_REQUEST,
        }
    }
}

/// The member `ErrorCode` of a ValidationException.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorCode {
    InvalidGraphArn,
    InvalidRequestBody,
}

impl ErrorCode {
    const fn name(self) -> &'static str {
        match self {
            Self::InvalidGraphArn => "INVALID_GRAPH_ARN",
            Self::InvalidRequestBody => "INVALID_REQUEST_BODY",
        }
    }
}

/// One error answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}: {message}")]
pub(crate) struct AwsError {
    pub(crate) kind: ErrorType,
    pub(crate) message: String,
    code: Option<ErrorCode>,
}

impl AwsError {
    /// A ValidationException about anything but the graph's ARN.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::validation_with(ErrorCode::InvalidRequestBody, message)
    }

    /// A ValidationException under a code of the caller's choice.
    pub(crate) fn validation_with(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { kind: ErrorType::Validation, message: message.into(), code: Some(code) }
    }

    /// A ResourceNotFoundException.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::plain(ErrorType::ResourceNotFound, message)
    }

    /// An error whose only member is the message.
    pub(crate) fn plain(kind: ErrorType, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), code: None }
    }

    /// The JSON body.
    pub(crate) fn body(&self) -> Value {
        match self.code {
            None => json!({ "Message": self.message }),
            // assumed: what AWS writes into ErrorCodeReason is not documented; the message is repeated there.
            Some(code) => json!({
                "Message": self.message,
                "ErrorCode": code.name(),
                "ErrorCodeReason": self.message,
            }),
        }
    }
}

impl Display for ErrorType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_validation_error_carries_its_code() {
        let body = AwsError::validation_with(ErrorCode::InvalidGraphArn, "bad").body();
        assert_eq!(body, json!({ "Message": "bad", "ErrorCode": "INVALID_GRAPH_ARN", "ErrorCodeReason": "bad" }));
    }

    #[test]
    fn other_errors_carry_a_message_only() {
        assert_eq!(AwsError::not_found("none").body(), json!({ "Message": "none" }));
    }
}
