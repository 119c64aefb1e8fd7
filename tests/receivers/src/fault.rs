//! What goes wrong with a request.

use axum::http::StatusCode;

/// What goes wrong with a request. But for [`ReceiverFault::PartialResponse`] the service does nothing with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiverFault {
    /// This status is answered, without a body; 500 when there is no such status.
    Status(u16),
    /// 429 is answered.
    RateLimited {
        /// The header Retry-After: seconds, or whatever a test wants there.
        retry_after: Option<String>,
    },
    /// 302 is answered, with this Location.
    Redirect(String),
    /// Nothing is answered, and the connection stays open for as long as the receivers live.
    Stall,
    /// The connection is closed without an answer.
    Disconnect,
    /// The service does its part, but of its answer only the head and the first byte of a body arrive for as long as the
    /// receivers live.
    PartialResponse,
}

impl ReceiverFault {
    /// The status that is answered, where `otherwise` is the one without a fault.
    pub(crate) fn status(&self, otherwise: StatusCode) -> Option<StatusCode> {
        match self {
            Self::Status(code) => Some(StatusCode::from_u16(*code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)),
            Self::RateLimited { .. } => Some(StatusCode::TOO_MANY_REQUESTS),
            Self::Redirect(_) => Some(StatusCode::FOUND),
            Self::Stall | Self::Disconnect => None,
            // 204 has no body that could be unfinished.
            Self::PartialResponse if otherwise == StatusCode::NO_CONTENT => Some(StatusCode::OK),
            Self::PartialResponse => Some(otherwise),
        }
    }
}
