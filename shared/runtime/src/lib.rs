//! What every function's `main.rs` needs.
//!
//! # Layout
//!
//! - [`mod@settings`]: the configuration, read from environment variables.
//! - [`aws`]: the configuration of the SDK's clients: credentials, endpoints, connections, timeouts, retries.
//! - [`batch`]: batches of SQS messages.
//! - `logging`: the format and the levels of the log.
//! - `metrics`: CloudWatch metrics, written to the log.

pub mod aws;
pub mod batch;
mod connections;
mod logging;
mod metrics;
pub mod settings;

use jiff::Timestamp;

pub use logging::{init_logging, log_failure, log_startup_error};
pub use metrics::Metrics;
pub use settings::{ConfigurationError, Environment};

/// The current time. Only `main.rs` calls it; all other code receives the time as an argument, so that tests can set it.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn now() -> Timestamp {
    Timestamp::now()
}
