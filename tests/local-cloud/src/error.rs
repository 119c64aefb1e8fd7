//! What can go wrong with the local cloud, each with its mend.

use std::path::PathBuf;
use thiserror::Error;

/// What went wrong, and what to do about it.
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
    /// The variable that names the profile has a value that it may not have.
    #[error("{variable} is {value:?}; it may be local or release")]
    Profile {
        /// The variable.
        variable: &'static str,
        /// Its value.
        value: String,
    },
    /// A port that was asked for is taken.
    #[error("port {port} is taken; choose another with PORT=, or leave it out for a free one")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// The emulator ended, or never answered.
    #[error("the emulator did not come up: {said}; its log is {log}")]
    Emulator {
        /// The last that it said.
        said: String,
        /// Its log.
        log: PathBuf,
    },
    /// A command failed.
    #[error("{command} failed: {said}; the whole output is in {log}")]
    Command {
        /// What was run.
        command: &'static str,
        /// The line that tells most.
        said: String,
        /// The whole output.
        log: PathBuf,
    },
    /// The emulator answered a call with an error.
    #[error("{operation} was answered with status {status}: {said}")]
    Answer {
        /// The operation.
        operation: String,
        /// The HTTP status.
        status: u16,
        /// The beginning of the answer.
        said: String,
    },
    /// A call got no answer, or one that cannot be read.
    #[error("{operation} got no readable answer")]
    Call {
        /// The operation.
        operation: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Something is not as it should be.
    #[error("{what}: expected {expected}, saw {seen}")]
    Unexpected {
        /// What.
        what: String,
        /// How it should be.
        expected: String,
        /// How it is.
        seen: String,
    },
    /// Something did not happen in time.
    #[error("{what} did not happen within {seconds} seconds{}", hint.as_deref().map(|hint| format!("; {hint}")).unwrap_or_default())]
    TimedOut {
        /// What.
        what: String,
        /// How long it was waited for.
        seconds: u64,
        /// What was seen instead.
        hint: Option<String>,
    },
    /// The file is not a finding.
    #[error("{path} cannot be sent: {why}")]
    Finding {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A file or a process.
    #[error("{what}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
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
