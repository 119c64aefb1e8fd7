//! Faults that tests inject into requests.

use axum::http::StatusCode;

/// A fault of one request. Except for [`ReceiverFault::PartialResponse`], the service does not process the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiverFault {
    /// Answers this status without a body; 500 if the number is not a valid status.
    Status(u16),
    /// Answers 429.
    RateLimited {
        /// The header Retry-After: seconds, a date, or any text.
        retry_after: Option<String>,
    },
    /// Answers 302 with this Location.
    Redirect(String),
    /// Sends no response; the connection stays open until the receivers are dropped.
    Stall,
    /// Closes the connection without a response.
    Disconnect,
    /// The service processes the request, but sends only the head and the first byte of the response's body until the
    /// receivers are dropped.
    PartialResponse,
}

impl ReceiverFault {
    /// The status that is answered; `otherwise` is the one without a fault. `None` if no response is sent.
    pub(crate) fn status(&self, otherwise: StatusCode) -> Option<StatusCode> {
        match self {
            Self::Status(code) => Some(StatusCode::from_u16(*code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)),
            Self::RateLimited { .. } => Some(StatusCode::TOO_MANY_REQUESTS),
            Self::Redirect(_) => Some(StatusCode::FOUND),
            Self::Stall | Self::Disconnect => None,
            // 204 has no body that could be sent in part.
            Self::PartialResponse if otherwise == StatusCode::NO_CONTENT => Some(StatusCode::OK),
            Self::PartialResponse => Some(otherwise),
        }
    }
}
