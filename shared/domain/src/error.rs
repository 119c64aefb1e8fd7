//! Names of errors, as Step Functions' `ErrorEquals`, dead letters and logs use them.

use std::error::Error;
use thiserror::Error;

/// An error with a name that the state machine's `ErrorEquals` can match.
pub trait ErrorName: Error {
    /// The error's name, without spaces.
    fn error_name(&self) -> &'static str;
}

/// The kind of failure of a call to a service. It decides whether a retry can succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Too many calls: retry later.
    Throttled,
    /// The service failed or was not reachable, or its response was lost: retry.
    Unavailable,
    /// The function's role, a policy or the service denies the call.
    AccessDenied,
    /// The resource does not exist.
    NotFound,
    /// A concurrent call changed the resource first.
    Conflict,
    /// The service rejects the request as invalid.
    Rejected,
}

/// The service that was called. The names of its faults begin with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// The dead-letter queue.
    DeadLetters,
    /// Amazon Detective's investigations.
    Detective,
    /// EventBridge.
    Events,
    /// The evidence bucket.
    Evidence,
    /// The state machine's executions.
    Executions,
    /// The behavior graph, as keep-graph reads and changes it.
    Graph,
    /// The account's memberships of behavior graphs, as keep-membership changes them.
    Membership,
    /// Parameter Store.
    Parameters,
    /// The `Cases` table.
    Table,
    /// The notification topic.
    Topic,
}

impl Fault {
    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Throttled | Self::Unavailable | Self::Conflict)
    }

    /// The fault's name for the state machine. `Unavailable` and `Throttled` are retried; every other fault needs an operator or has no
    /// remedy.
    #[must_use]
    pub fn name(self, service: Service) -> &'static str {
        let transient = self.is_transient();
        match (service, self) {
            (Service::DeadLetters, _) => "DeadLettersUnavailable",
            (Service::Detective, Self::Throttled) => "DetectiveThrottled",
            (Service::Detective, Self::Unavailable | Self::Conflict) => "DetectiveUnavailable",
            (Service::Detective, Self::AccessDenied) => "DetectiveAccessDenied",
            (Service::Detective, Self::NotFound) => "DetectiveNotFound",
            (Service::Detective, Self::Rejected) => "DetectiveRejected",
            (Service::Events, _) if transient => "EventsUnavailable",
            (Service::Events, _) => "EventsRefused",
            (Service::Evidence, _) => "EvidenceUnavailable",
            (Service::Executions, _) if transient => "ExecutionsUnavailable",
            (Service::Executions, _) => "ExecutionsRefused",
            (Service::Graph, _) if transient => "GraphUnavailable",
            (Service::Graph, Self::AccessDenied) => "GraphAccessDenied",
            (Service::Graph, _) => "GraphRejected",
            (Service::Membership, Self::Throttled) => "MembershipThrottled",
            (Service::Membership, Self::AccessDenied) => "MembershipAccessDenied",
            (Service::Membership, Self::Rejected) => "MembershipRejected",
            (Service::Membership, _) => "MembershipUnavailable",
            (Service::Parameters, _) if transient => "ParametersUnavailable",
            (Service::Parameters, _) => "ParametersRefused",
            (Service::Table, _) if transient => "TableUnavailable",
            (Service::Table, _) => "TableRefused",
            (Service::Topic, _) if transient => "TopicUnavailable",
            (Service::Topic, _) => "TopicRefused",
        }
    }
}

/// The case lacks data that an earlier step writes: the state machine called the function too early.
#[derive(Debug, Error)]
#[error("case {case_id}: {missing} is missing; the state machine ran this step before the step that writes it")]
pub struct MissingPrerequisite {
    /// The case's id.
    pub case_id: String,
    /// The data that an earlier step should have written.
    pub missing: &'static str,
}

impl ErrorName for MissingPrerequisite {
    fn error_name(&self) -> &'static str {
        "OutOfTurn"
    }
}

/// An error with all its causes, on one line: `StartInvestigation was denied (AccessDeniedException): …`. Causes that repeat a text
/// are omitted, because the SDK repeats some.
#[must_use]
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let message = cause.to_string();
        if !message.is_empty() && !text.contains(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
        next = cause.source();
    }
    crate::text::one_line(&text, 600)
}

#[cfg(test)]
mod tests;
