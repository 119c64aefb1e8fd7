//! Faults that the proxy injects into calls.

use super::ProxiedCall;
use axum::body::Body;
use axum::response::Response;
use wire::error_response;

/// A fault of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProxyFault {
    /// The service returns a throttling error without executing the call.
    Throttled,
    /// The service returns an access-denied error without executing the call.
    Denied,
    /// The service returns 503 without executing the call.
    Unavailable,
    /// A transaction is cancelled with TransactionConflict; for other operations the same as [`ProxyFault::Throttled`].
    Conflict,
    /// The connection is closed before the call reaches the service.
    DisconnectBefore,
    /// The service executes the call, and the connection is closed before the response.
    DisconnectAfter,
    /// The function is killed before the call reaches the service.
    KillBefore,
    /// The service executes the call, and the function is killed before it gets the response.
    KillAfter,
}

impl ProxyFault {
    /// Whether the service executes the call.
    #[must_use]
    pub fn is_applied(self) -> bool {
        matches!(self, Self::DisconnectAfter | Self::KillAfter)
    }

    /// Whether the calling function is killed.
    #[must_use]
    pub fn kills_caller(self) -> bool {
        matches!(self, Self::KillBefore | Self::KillAfter)
    }

    /// The error response of the service; `None` if the connection or the function fails instead.
    pub(super) fn error_response(self, call: &ProxiedCall) -> Option<Response> {
        let answer = match self {
            Self::Unavailable => error_response::unavailable(),
            Self::Conflict if call.operation == "TransactWriteItems" => {
                error_response::transaction_cancelled(["TransactionConflict"])
            }
            Self::Throttled | Self::Conflict => error_response::throttled(call),
            Self::Denied => error_response::denied(call),
            Self::DisconnectBefore | Self::DisconnectAfter | Self::KillBefore | Self::KillAfter => return None,
        };
        Some(answer.map(Body::from))
    }
}
