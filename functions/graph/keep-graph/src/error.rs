//! What a run can fail with.

use gumshoe_aws::ApiCallError;
use gumshoe_aws::case_table::TableError;
use gumshoe_aws::topic::TopicError;
use gumshoe_domain::error::{Fault, Named, Service};
use gumshoe_graph::aws::parameters::ParameterError;
use gumshoe_graph::{DocumentError, Mode};
use thiserror::Error;

/// Why a run failed. Whatever was done before stays done, and the next run goes on from there.
#[derive(Debug, Error)]
pub(crate) enum RunError {
    #[error("the request is not understood: give {{\"mode\": \"plan\"}}, \"apply\", or \"destroy\" with \"confirm\"")]
    InvalidRequest(#[source] serde_json::Error),
    #[error("mode {mode} is not allowed: the stack has KeepGraph={max_mode}; deploy it with KeepGraph={mode}")]
    ModeNotAllowed { mode: Mode, max_mode: Mode },
    #[error("no graph is deleted: {why}")]
    NotConfirmed { why: String },
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    #[error("the document cannot be used")]
    Document(#[from] DocumentError),
    #[error("what the graph is cannot be read")]
    ReadFailed(#[source] ApiCallError),
    /// Some changes failed for a reason that may pass, or there was no time for them.
    #[error("{done} changes are done, {remaining} are left for the next run; first: {first}")]
    Incomplete { done: usize, remaining: usize, first: String },
    /// Other runs recorded notified issues each time that the graph was read, so its issues could not be decided about.
    #[error(
        "other runs recorded notified issues during each of {attempts} readings of the graph; the next run decides"
    )]
    Overtaken { attempts: usize },
    /// Some changes were denied, or Detective finds them wrong.
    #[error("{count} changes were refused; first: {first}")]
    ChangesRefused { count: usize, first: String, denied: bool },
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Topic(#[from] TopicError),
}

impl RunError {
    /// The places of a document that are wrong.
    pub(crate) fn document_fault_paths(&self) -> Vec<String> {
        match self {
            Self::Document(error) => error.fault_paths(),
            _ => Vec::new(),
        }
    }

    /// Whether the document is missing or wrong: for whoever keeps it to mend.
    pub(crate) fn is_document_error(&self) -> bool {
        matches!(self, Self::Document(_) | Self::Parameter(ParameterError::Missing { .. }))
    }
}

impl Named for RunError {
    fn name(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "GraphRequestWrong",
            Self::ModeNotAllowed { .. } => "GraphModeNotAllowed",
            Self::NotConfirmed { .. } => "GraphNotConfirmed",
            Self::Parameter(error) => error.name(),
            Self::Document(_) => "GraphDocumentWrong",
            Self::ReadFailed(call) => call.fault.name(Service::Graph),
            Self::Incomplete { .. } | Self::Overtaken { .. } => "GraphUnfinished",
            Self::ChangesRefused { denied: true, .. } => Fault::AccessDenied.name(Service::Graph),
            Self::ChangesRefused { denied: false, .. } => Fault::Rejected.name(Service::Graph),
            Self::Table(error) => error.name(),
            Self::Topic(error) => error.name(),
        }
    }
}
