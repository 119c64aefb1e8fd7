//! Errors in the shape AWS gives them: a status, the header `x-amzn-errortype` and a JSON body.
//!
//! Source: "Error shapes" of the API references, and the Errors section of each operation's page.

use std::fmt::{self, Display};

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Service;

/// The error types of both services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorType {
    AccessDenied,
    BadRequest,
    Conflict,
    InternalServer,
    InternalServerError,
    ResourceNotFound,
    ServiceQuotaExceeded,
    TooManyRequests,
    Validation,
    /// In no model: the throttling error of an operation whose model has none.
    Throttling,
    /// In no model: credentials that have expired.
    ExpiredToken,
    /// In no model: a signature that does not match, or whose time is too far off.
    InvalidSignature,
    /// In no model: a request whose time is too far off.
    RequestExpired,
    /// In no model: a request for an unknown operation.
    UnknownOperation,
    /// In no model: a body whose Content-Type is not JSON.
    UnsupportedMediaType,
}

impl ErrorType {
    /// Errors that every operation can answer in addition to those of its model, and that a fault can request: those of a
    /// wrong clock and of expired credentials.
    pub(crate) const COMMON: [Self; 3] = [Self::ExpiredToken, Self::InvalidSignature, Self::RequestExpired];

    /// The name on the wire.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::AccessDenied => "AccessDeniedException",
            Self::BadRequest => "BadRequestException",
            Self::Conflict => "ConflictException",
            Self::InternalServer => "InternalServerException",
            Self::InternalServerError => "InternalServerErrorException",
            Self::ResourceNotFound => "ResourceNotFoundException",
            Self::ServiceQuotaExceeded => "ServiceQuotaExceededException",
            Self::TooManyRequests => "TooManyRequestsException",
            Self::Validation => "ValidationException",
            // Source: "Common Errors" of the API references.
            Self::Throttling => "ThrottlingException",
            Self::ExpiredToken => "ExpiredTokenException",
            Self::InvalidSignature => "InvalidSignatureException",
            Self::RequestExpired => "RequestExpired",
            // assumed: the references do not say what an unknown path or method gets; other rest-json services of AWS
            // answer 404 with this name.
            Self::UnknownOperation => "UnknownOperationException",
            Self::UnsupportedMediaType => "UnsupportedMediaTypeException",
        }
    }

    /// The HTTP status that the references give the type.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::AccessDenied | Self::ExpiredToken | Self::InvalidSignature => StatusCode::FORBIDDEN,
            Self::Conflict => StatusCode::CONFLICT,
            Self::InternalServer | Self::InternalServerError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::ResourceNotFound | Self::UnknownOperation => StatusCode::NOT_FOUND,
            Self::ServiceQuotaExceeded => StatusCode::PAYMENT_REQUIRED,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::BadRequest | Self::Validation | Self::Throttling | Self::RequestExpired => StatusCode::BAD_REQUEST,
        }
    }
}

/// The member `ErrorCode` of Detective's ValidationException.
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
    resources: Vec<String>,
}

impl AwsError {
    pub(crate) fn new(kind: ErrorType, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), code: None, resources: Vec::new() }
    }

    /// Detective's ValidationException about anything but the graph's ARN.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::validation_with(ErrorCode::InvalidRequestBody, message)
    }

    /// Detective's ValidationException under a code of the caller's choice.
    pub(crate) fn validation_with(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code: Some(code), ..Self::new(ErrorType::Validation, message) }
    }

    /// GuardDuty's BadRequestException.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(ErrorType::BadRequest, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorType::ResourceNotFound, message)
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorType::Conflict, message)
    }

    pub(crate) fn access_denied(message: impl Into<String>) -> Self {
        Self::new(ErrorType::AccessDenied, message)
    }

    /// Detective's ServiceQuotaExceededException, about these resources.
    pub(crate) fn quota(message: impl Into<String>, resources: Vec<String>) -> Self {
        Self { resources, ..Self::new(ErrorType::ServiceQuotaExceeded, message) }
    }

    /// The JSON body, as the service writes it.
    pub(crate) fn body(&self, service: Service) -> Value {
        match service {
            Service::Detective => {
                let mut body = json!({ "Message": self.message });
                if let Some(code) = self.code {
                    // assumed: what AWS writes into ErrorCodeReason is not documented; the message is repeated there.
                    body["ErrorCode"] = code.name().into();
                    body["ErrorCodeReason"] = self.message.as_str().into();
                }
                if !self.resources.is_empty() {
                    // assumed: Resources names the graph.
                    body["Resources"] = json!(self.resources);
                }
                body
            }
            // assumed: type repeats the error type.
            Service::GuardDuty => json!({ "message": self.message, "type": self.kind.name() }),
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
        let body = AwsError::validation_with(ErrorCode::InvalidGraphArn, "bad").body(Service::Detective);
        assert_eq!(body, json!({ "Message": "bad", "ErrorCode": "INVALID_GRAPH_ARN", "ErrorCodeReason": "bad" }));
    }

    #[test]
    fn other_errors_carry_a_message_only() {
        assert_eq!(AwsError::not_found("none").body(Service::Detective), json!({ "Message": "none" }));
    }

    #[test]
    fn each_service_writes_its_own_members() {
        let body = AwsError::bad_request("bad").body(Service::GuardDuty);
        assert_eq!(body, json!({ "message": "bad", "type": "BadRequestException" }));
    }
}
