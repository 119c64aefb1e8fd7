//! Errors of the local cloud, each with its remedy.

use std::path::PathBuf;
use thiserror::Error;

/// An error of the local cloud. Its text names the remedy.
#[derive(Debug, Error)]
pub enum CloudError {
    /// A tool is missing.
    #[error("{tool} is missing at {path}; run `rm -rf .venv && make tools`, which installs the pinned Python tools")]
    ToolMissing {
        /// The program.
        tool: &'static str,
        /// Where it should be.
        path: PathBuf,
    },
    /// The variable that selects the profile has an invalid value.
    #[error("{variable} is {value:?}; valid values are local and release")]
    Profile {
        /// The variable.
        variable: &'static str,
        /// Its value.
        value: String,
    },
    /// The requested port is in use.
    #[error("port {port} is in use; choose another with PORT=, or omit PORT to use a free one")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// The emulator exited during startup, or did not pass its health check in time.
    #[error("emulator failed to start: {last_line}; see {log}")]
    Emulator {
        /// The last line of its log.
        last_line: String,
        /// Its log file.
        log: PathBuf,
    },
    /// A command failed.
    #[error("{command} failed: {line}; see {log}")]
    Command {
        /// The name of the command.
        command: &'static str,
        /// The most relevant line of its output.
        line: String,
        /// Its output file.
        log: PathBuf,
    },
    /// A service returned an error.
    #[error("{operation}: status {status}: {body}")]
    Answer {
        /// The operation.
        operation: String,
        /// The HTTP status.
        status: u16,
        /// The beginning of the response body.
        body: String,
    },
    /// A call got no response, or an invalid one.
    #[error("{operation}: no valid response")]
    Call {
        /// The operation.
        operation: String,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A value differs from the expected one.
    #[error("{what}: expected {expected}, got {actual}")]
    Unexpected {
        /// What was compared.
        what: String,
        /// The expected value.
        expected: String,
        /// The actual value.
        actual: String,
    },
    /// A wait exceeded its timeout.
    #[error("timed out after {seconds} s waiting for {what}{}", hint.as_deref().map(|hint| format!("; {hint}")).unwrap_or_default())]
    TimedOut {
        /// The awaited condition.
        what: String,
        /// The timeout, in seconds.
        seconds: u64,
        /// The last observed state.
        hint: Option<String>,
    },
    /// The file is not a finding that opens a case.
    #[error("cannot send {path}: {reason}")]
    Finding {
        /// The file.
        path: PathBuf,
        /// Why it cannot be sent.
        reason: String,
    },
    /// A file or process operation failed.
    #[error("{what}")]
    Io {
        /// The operation and its object.
        what: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
}

impl CloudError {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
