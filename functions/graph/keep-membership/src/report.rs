//! The output and the errors of a run.

use crate::request::RequestError;
use gumshoe_aws::ApiCallError;
use gumshoe_domain::coverage::{DisabledReason, MemberStatus};
use gumshoe_domain::error::with_causes;
use gumshoe_domain::error::{ErrorName, Fault, Service};
use gumshoe_graph::aws::memberships::{DataSource, DataSources};
use gumshoe_graph::membership::{MembershipAction, SkippedGraph};
use gumshoe_graph::{InvitationType, Member, Package};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use thiserror::Error;

/// The output of a run.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct RunReport {
    /// The completed actions.
    #[serde(rename = "done")]
    pub(crate) completed: Vec<MembershipAction>,
    /// In mode plan, the actions that mode apply would perform.
    pub(crate) planned: Vec<MembershipAction>,
    /// The graphs without an action, and why.
    #[serde(rename = "left_alone")]
    pub(crate) skipped: Vec<SkippedGraph>,
    /// All invitations and memberships at the end of the run.
    pub(crate) memberships: Vec<Membership>,
}

/// An invitation or a membership, without e-mail addresses, as the output is logged.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Membership {
    pub(crate) graph_arn: String,
    pub(crate) administrator_id: Option<String>,
    pub(crate) status: MemberStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) disabled_reason: Option<DisabledReason>,
    pub(crate) invitation: InvitationType,
    pub(crate) updated_at: Option<Timestamp>,
    /// The data sources that the account sends.
    pub(crate) data_sources: BTreeMap<Package, DataSource>,
    /// Detective's reason if it did not return the data sources.
    #[serde(rename = "data_sources_unknown", skip_serializing_if = "Option::is_none")]
    pub(crate) data_sources_error: Option<String>,
}

impl Membership {
    pub(crate) fn of(member: Member, sources: &mut DataSources) -> Self {
        Self {
            data_sources: sources.by_graph.remove(&member.graph_arn).unwrap_or_default(),
            data_sources_error: sources.unprocessed.remove(&member.graph_arn),
            graph_arn: member.graph_arn,
            administrator_id: member.administrator_id,
            status: member.status,
            disabled_reason: member.disabled_reason,
            invitation: member.invitation,
            updated_at: member.updated_at,
        }
    }
}

/// Why a run failed, after it has performed all possible actions.
#[derive(Debug, Error)]
pub(crate) enum MembershipError {
    #[error(transparent)]
    InvalidRequest(#[from] RequestError),
    /// Calls that failed; the queue retries the run.
    #[error("{}", .0.iter().map(Failure::to_string).collect::<Vec<_>>().join("; "))]
    CallsFailed(Vec<Failure>),
}

/// A call that failed, and its graph.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) graph_arn: Option<String>,
    pub(crate) call: ApiCallError,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(arn) = &self.graph_arn {
            write!(formatter, "{arn}: ")?;
        }
        formatter.write_str(&with_causes(&self.call))
    }
}

impl MembershipError {
    /// The memberships could not be read, so the run performed no action.
    pub(crate) fn read_failed(call: ApiCallError) -> Self {
        Self::CallsFailed(vec![Failure { graph_arn: None, call }])
    }
}

impl ErrorName for MembershipError {
    /// Failures that an operator has to fix come before transient ones.
    fn error_name(&self) -> &'static str {
        let failures = match self {
            Self::InvalidRequest(_) => return "MembershipRequestWrong",
            Self::CallsFailed(failures) => failures,
        };
        let first = [Fault::AccessDenied, Fault::Rejected, Fault::Throttled]
            .into_iter()
            .find(|fault| failures.iter().any(|failure| failure.call.fault == *fault));
        first.unwrap_or(Fault::Unavailable).name(Service::Membership)
    }
}
