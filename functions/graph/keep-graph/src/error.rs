//! The errors of a run.

use gumshoe_aws::ApiCallError;
use gumshoe_aws::case_table::TableError;
use gumshoe_aws::topic::TopicError;
use gumshoe_domain::error::{ErrorName, Fault, Service};
use gumshoe_graph::aws::parameters::ParameterError;
use gumshoe_graph::{DocumentError, Mode};
use thiserror::Error;

/// Why a run failed. Its completed changes remain, and the next run continues from there.
#[derive(Debug, Error)]
pub(crate) enum RunError {
    #[error("invalid request: expected {{\"mode\": \"plan\"}}, \"apply\", or \"destroy\" with \"confirm\"")]
    InvalidRequest(#[source] serde_json::Error),
    #[error("mode {mode} is not allowed: the stack has KeepGraph={max_mode}; deploy it with KeepGraph={mode}")]
    ModeNotAllowed { mode: Mode, max_mode: Mode },
    #[error("graph not deleted: {why}")]
    NotConfirmed { why: String },
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    #[error("invalid graph document")]
    Document(#[from] DocumentError),
    #[error("could not read the behavior graph from Detective")]
    ReadFailed(#[source] ApiCallError),
    /// Some changes failed for a transient reason, or there was no time for them.
    #[error("{completed} changes were completed, {remaining} remain for the next run; first: {first}")]
    Incomplete { completed: usize, remaining: usize, first: String },
    /// Other runs wrote the notified state during each reading of the graph, so there was no decision.
    #[error(
        "other runs wrote the notified state during each of {attempts} readings of the graph; the next run decides again"
    )]
    Overtaken { attempts: usize },
    /// Some changes were denied, or Detective rejected them.
    #[error("{count} changes were denied or rejected: grant the permission or correct the document; first: {first}")]
    ChangesRefused { count: usize, first: String, is_denied: bool },
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Topic(#[from] TopicError),
}

impl RunError {
    /// The paths of the document's faults.
    pub(crate) fn document_fault_paths(&self) -> Vec<String> {
        match self {
            Self::Document(error) => error.fault_paths(),
            _ => Vec::new(),
        }
    }

    /// Whether the document is missing or invalid, which its owner has to fix.
    pub(crate) fn is_document_error(&self) -> bool {
        matches!(self, Self::Document(_) | Self::Parameter(ParameterError::Missing { .. }))
    }
}

impl ErrorName for RunError {
    fn error_name(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "GraphRequestWrong",
            Self::ModeNotAllowed { .. } => "GraphModeNotAllowed",
            Self::NotConfirmed { .. } => "GraphNotConfirmed",
            Self::Parameter(error) => error.error_name(),
            Self::Document(_) => "GraphDocumentWrong",
            Self::ReadFailed(call) => call.fault.name(Service::Graph),
            Self::Incomplete { .. } | Self::Overtaken { .. } => "GraphUnfinished",
            Self::ChangesRefused { is_denied: true, .. } => Fault::AccessDenied.name(Service::Graph),
            Self::ChangesRefused { is_denied: false, .. } => Fault::Rejected.name(Service::Graph),
            Self::Table(error) => error.error_name(),
            Self::Topic(error) => error.error_name(),
        }
    }
}
