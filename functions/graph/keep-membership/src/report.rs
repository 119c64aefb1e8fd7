//! What a run tells, and what it fails with.

use crate::request::RequestError;
use gumshoe_aws::ApiCallError;
use gumshoe_domain::coverage::{DisabledReason, MemberStatus};
use gumshoe_domain::error::with_causes;
use gumshoe_domain::error::{Fault, Named, Service};
use gumshoe_graph::aws::memberships::{DataSource, DataSources};
use gumshoe_graph::membership::{MembershipAction, SkippedGraph};
use gumshoe_graph::{InvitationType, Member, Package};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use thiserror::Error;

/// What a run did and found.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct RunReport {
    /// What it did.
    #[serde(rename = "done")]
    pub(crate) completed: Vec<MembershipAction>,
    /// What it would have done, had it not been for mode plan.
    pub(crate) planned: Vec<MembershipAction>,
    /// What it did nothing about, and why.
    #[serde(rename = "left_alone")]
    pub(crate) skipped: Vec<SkippedGraph>,
    /// All invitations and memberships, as they were at the end.
    pub(crate) memberships: Vec<Membership>,
}

/// An invitation or a membership, without what is nobody's business in a log.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Membership {
    pub(crate) graph_arn: String,
    pub(crate) administrator_id: Option<String>,
    pub(crate) status: MemberStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) disabled_reason: Option<DisabledReason>,
    pub(crate) invitation: InvitationType,
    pub(crate) updated_at: Option<Timestamp>,
    /// What the account sends.
    pub(crate) data_sources: BTreeMap<Package, DataSource>,
    /// Why Detective does not tell what the account sends.
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

/// What a run fails with, after it has done all that it could.
#[derive(Debug, Error)]
pub(crate) enum MembershipError {
    #[error(transparent)]
    InvalidRequest(#[from] RequestError),
    /// Calls that failed: the queue brings the run back.
    #[error("{}", .0.iter().map(Failure::to_string).collect::<Vec<_>>().join("; "))]
    CallsFailed(Vec<Failure>),
}

/// A call that failed, and the graph that it was about.
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
    /// The memberships could not be read: the run could do nothing.
    pub(crate) fn read_failed(call: ApiCallError) -> Self {
        Self::CallsFailed(vec![Failure { graph_arn: None, call }])
    }
}

impl Named for MembershipError {
    /// What somebody has to mend comes before what passes.
    fn name(&self) -> &'static str {
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
