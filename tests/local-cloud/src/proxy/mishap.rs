//! What can go wrong with a call.

use super::Asked;
use axum::body::Body;
use axum::response::Response;
use wire::refusal;

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
        let answer = match self {
            Self::Unavailable => refusal::unavailable(),
            Self::Conflict if call.operation == "TransactWriteItems" => {
                refusal::transaction_cancelled(["TransactionConflict"])
            }
            Self::Throttled | Self::Conflict => refusal::throttled(call),
            Self::Denied => refusal::denied(call),
            Self::CutBefore | Self::CutAfter | Self::KilledBefore | Self::KilledAfter => return None,
        };
        Some(answer.map(Body::from))
    }
}
