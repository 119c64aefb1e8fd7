//! Names of errors: what Step Functions' `ErrorEquals`, dead letters and logs know a failure by.

use std::error::Error;
use thiserror::Error;

/// An error with a name that the state machine's `ErrorEquals` can match.
pub trait ErrorName: Error {
    /// The name: one word, without spaces.
    fn error_name(&self) -> &'static str;
}

/// What kind of failure of a call to a service it was, and so whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Too many calls: try later.
    Throttled,
    /// The service failed, or could not be reached, or its answer was lost: try again.
    Unavailable,
    /// The function's role, a policy or the service itself says no.
    AccessDenied,
    /// What was asked about does not exist.
    NotFound,
    /// Another call was faster.
    Conflict,
    /// The service finds the request wrong.
    Rejected,
}

/// What a call was made for. It begins the names of the call's faults.
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

    /// The name that the state machine knows the fault by. It tells apart what calls for different actions: `Unavailable` and
    /// `Throttled` are retried, everything else needs an operator or has no remedy.
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

/// The case is not at this step: the state machine called a function out of turn.
#[derive(Debug, Error)]
#[error("case {case_id} is not ready for this step: {missing} is missing")]
pub struct MissingPrerequisite {
    /// The case's id.
    pub case_id: String,
    /// What an earlier step should have left.
    pub missing: &'static str,
}

impl ErrorName for MissingPrerequisite {
    fn error_name(&self) -> &'static str {
        "OutOfTurn"
    }
}

/// An error with all its causes, on one line: `StartInvestigation was denied (AccessDeniedException): …`. A cause whose words
/// are there already is left out: the SDK repeats some.
#[must_use]
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        if !words.is_empty() && !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        next = cause.source();
    }
    crate::text::one_line(&text, 600)
}

#[cfg(test)]
mod tests;
