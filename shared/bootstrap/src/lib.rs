//! What every function's `main.rs` does: tracing, configuration from the environment, the SDK's configuration, errors for
//! the Lambda runtime.

pub mod aws;
pub mod environment;
pub mod failure;
pub mod metrics;

use jiff::Timestamp;
use tracing_subscriber::EnvFilter;

pub use environment::{ConfigurationError, Environment};
pub use failure::failure;
pub use metrics::Metrics;

/// Writes JSON lines to standard output, as Lambda's log format JSON expects. `RUST_LOG` sets the level; the default is
/// `info`, and `warn` for what is below the functions. The runtime's own line about a failed handler is off: `failure` has
/// logged it.
pub fn tracing() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| {
        EnvFilter::new("info,aws_config=warn,aws_smithy_runtime=warn,hyper=warn,lambda_runtime=warn,lambda_runtime::layers::panic=off")
    });
    tracing_subscriber::fmt().json().with_env_filter(filter).with_target(false).flatten_event(true).init();
}

/// The clock. Everything below `main.rs` is given the time.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// Ends a `main.rs` whose configuration is wrong: logs what is, and gives the error back for the exit status.
#[must_use]
pub fn refuse_to_start(error: ConfigurationError) -> lambda_runtime::Error {
    tracing::error!(error = %gumshoe_aws::error::with_causes(&error), "the function cannot start");
    error.into()
}
