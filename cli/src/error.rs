//! Errors: what failed, where, and what to do; and the exit status.

use gumshoe_aws::ApiCallError;
use gumshoe_aws::case_table::TableError;
use gumshoe_domain::Fault;
use gumshoe_domain::error::with_causes;
use std::io;
use std::process::ExitCode;
use thiserror::Error;

/// Why a command failed.
#[derive(Debug, Error)]
pub(crate) enum CliError {
    /// Standard output cannot be written.
    #[error("could not write the output: {0}")]
    Output(#[from] io::Error),
    /// Arguments that are valid one by one and not together. The text says what to change.
    #[error("{0}")]
    Usage(String),
    /// AWS has no credentials, or refuses them.
    #[error("{0}; sign in, or choose a profile with --profile")]
    Credentials(String),
    /// A permission is missing.
    #[error("{text}\nThe permissions of each command are listed in docs/OPERATIONS.md.")]
    AccessDenied {
        /// Which call, and AWS's answer.
        text: String,
    },
    /// A failed call, or a state in which the command cannot continue. The text says what to do.
    #[error("{0}")]
    Failed(String),
}

impl CliError {
    /// The exit status (see the help of `gumshoe`).
    pub(crate) fn exit_status(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Output(_) | Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Credentials(_) | Self::AccessDenied { .. } => 4,
        })
    }
}

/// The error codes of AWS for credentials that are invalid or expired (Common Errors of the services' API references).
const INVALID_CREDENTIAL_CODES: [&str; 6] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "InvalidToken",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

impl From<ApiCallError> for CliError {
    fn from(error: ApiCallError) -> Self {
        let text = with_causes(&error);
        match error.code.as_deref() {
            Some(code) if INVALID_CREDENTIAL_CODES.contains(&code) => {
                Self::Credentials(format!("AWS rejected these credentials ({code})"))
            }
            None if text.contains("the credential provider was not enabled")
                || text.contains("no providers in chain") =>
            {
                Self::Credentials("no AWS credentials were found".to_owned())
            }
            _ if error.fault == Fault::AccessDenied => Self::AccessDenied { text },
            _ => Self::Failed(text),
        }
    }
}

impl From<TableError> for CliError {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Call(call) => call.into(),
            other => Self::Failed(with_causes(&other)),
        }
    }
}
