//! What can go wrong with a call.

use super::ProxiedCall;
use axum::body::Body;
use axum::response::Response;
use wire::refusal;

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProxyFault {
    /// The service says that it is asked too often, and does nothing.
    Throttled,
    /// The service says that the function may not do this, and does nothing.
    Denied,
    /// The service answers 503 and does nothing.
    Unavailable,
    /// A transaction is cancelled because another holds an item; of another call, as [`ProxyFault::Throttled`].
    Conflict,
    /// The connection is cut before the service hears of the call.
    DisconnectBefore,
    /// The service does it, and the connection is cut before the answer.
    DisconnectAfter,
    /// The function is killed before the service hears of the call.
    KillBefore,
    /// The service does it, and the function is killed before it hears of that.
    KillAfter,
}

impl ProxyFault {
    /// Whether the service does what is asked.
    #[must_use]
    pub fn is_applied(self) -> bool {
        matches!(self, Self::DisconnectAfter | Self::KillAfter)
    }

    /// Whether the function that called is killed.
    #[must_use]
    pub fn kills_caller(self) -> bool {
        matches!(self, Self::KillBefore | Self::KillAfter)
    }

    /// What the service answers in place of doing it; nothing when it is not the service that goes wrong.
    pub(super) fn refusal(self, call: &ProxiedCall) -> Option<Response> {
        let answer = match self {
            Self::Unavailable => refusal::unavailable(),
            Self::Conflict if call.operation == "TransactWriteItems" => {
                refusal::transaction_cancelled(["TransactionConflict"])
            }
            Self::Throttled | Self::Conflict => refusal::throttled(call),
            Self::Denied => refusal::denied(call),
            Self::DisconnectBefore | Self::DisconnectAfter | Self::KillBefore | Self::KillAfter => return None,
        };
        Some(answer.map(Body::from))
    }
}
